"""The body of createTask and of its dry run: which of its fields are ours, and what is wrong before a card is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.api.envelopes import Mistake, invalid
from playground.catalog.schema import Problem
from playground.jobs import callback_urls

# Where the model's fields stand in a body: in its `input`, or in the body itself.
INPUT, BODY = "/input", ""


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """`model` is an id or an alias; without `gateway` an id that two gateways have means KIE's."""

    model: str
    payload: dict[str, Any]
    gateway: str | None
    callback_url: str


def task_request(body: Mapping[str, Any]) -> TaskRequest:
    """Raises ApiError 422 with every field of the body that is missing or of another type."""
    mistakes = [
        *wrong_text(body, "model", required=True),
        *wrong_text(body, "gateway"),
        *wrong_text(body, "callBackUrl"),
        *_wrong_input(body),
    ]
    if mistakes:
        raise invalid(mistakes)
    return TaskRequest(body["model"], body["input"], body.get("gateway") or None, body.get("callBackUrl") or "")


def wrong_text(body: Mapping[str, Any], name: str, *, required: bool = False) -> list[Mistake]:
    value = body.get(name)
    if value is None or value == "":
        return [Mistake(f"/{name}", "required", f"{name} is required.")] if required else []
    return [] if isinstance(value, str) else [Mistake(f"/{name}", "type", f"{name} must be text.")]


def _wrong_input(body: Mapping[str, Any]) -> list[Mistake]:
    value = body.get("input")
    if value is None:
        return [Mistake("/input", "required", "input is required.")]
    return [] if isinstance(value, dict) else [Mistake("/input", "type", "input must be an object.")]


def mistake_of(problem: Problem, at: str = INPUT) -> Mistake:
    """From a pointer into the input to one into the body, in which it stands `at`; only the callback's problems stand beside it."""
    is_callback = problem.pointer == callback_urls.POINTER and problem.rule != "unknown_field"
    return Mistake(problem.pointer if is_callback else at + problem.pointer, problem.rule, problem.message)
