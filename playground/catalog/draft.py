"""A payload as somebody wrote it, with what remarks on it need: its texts, what is set, and what could be set instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from jsonschema import Draft202012Validator

from playground.catalog.card import Card
from playground.catalog.facts import Facts
from playground.catalog.intent import Intent, intent
from playground.catalog.roles import assumed, field_for
from playground.catalog.settling import settle
from playground.catalog.values import is_same

_ENOUGH = 4000
_TEXT_WIDGETS = frozenset({"textarea", "text"})


@dataclass(frozen=True, slots=True)
class Hint:
    """`fix` is a change of the payload that one button applies; `fix_label` is what the button says."""

    code: str
    level: Literal["warn", "bad"]
    field: str
    message: str
    fix: tuple[str, Any] | None = None
    fix_label: str = ""


@dataclass(frozen=True)
class Draft:
    card: Card
    payload: Mapping[str, Any]
    facts: Facts

    @cached_property
    def prompt_field(self) -> str:
        return field_for(self.card, "prompt") or ""

    @cached_property
    def prompt(self) -> str:
        """The prompt, or "" where there is none worth a remark."""
        value = self.payload.get(self.prompt_field)
        return value if isinstance(value, str) and value.strip() else ""

    @property
    def beginning(self) -> str:
        """As much of the prompt as is searched for wishes: a text that goes on and on has told them."""
        return self.prompt[:_ENOUGH]

    @cached_property
    def intent(self) -> Intent:
        return intent(self.card, self.payload, self.facts)

    def texts(self) -> Iterator[tuple[str, str, bool]]:
        """Free texts with the field they stand in, and whether they are all of it: prompts, and those of single shots."""
        for name, spec in self.card.properties.items():
            value = self.payload.get(name)
            if isinstance(value, str) and _is_free_text(spec):
                yield name, value, True
            elif isinstance(value, list):
                inner = spec.get("items", {}).get("properties", {})
                names = [key for key, deeper in inner.items() if _is_free_text(deeper)]
                yield from (
                    (name, entry[key], False) for entry in value if isinstance(entry, Mapping) for key in names if _has_text(entry, key)
                )

    def current(self, name: str) -> Any:
        """What a field is set to, or what the model takes when it is not sent."""
        return self.payload[name] if name in self.payload else assumed(self.card, name, self.payload)

    def obstacle(self, name: str, value: Any) -> str | None:
        """Why a field cannot be set to a value now: a rule's sentence, "" where the field never takes it, None where it can."""
        if not _takes(self.card.properties[name], value):
            return ""
        settled = settle(self.card, {**self.payload, name: value}, name)
        if name in settled.payload and is_same(settled.payload[name], value):
            return None
        return next((change.reason for change in settled.changes if change.field == name), "")

    def suggestion(self, code: str, about: str, message: str, name: str, value: Any, label: str, never: str = "") -> Hint:
        """A hint with a button, or with the reason why there is none; `never` is said where the field never takes the value."""
        obstacle = self.obstacle(name, value)
        if obstacle is None:
            return Hint(code, "warn", about, message, (name, value), label)
        return Hint(code, "warn", about, f"{message} {obstacle or never}".strip())


def _is_free_text(spec: Mapping[str, Any]) -> bool:
    return (
        spec.get("x-widget", "textarea") in _TEXT_WIDGETS and spec.get("type") == "string" and not {"enum", "format", "x-ref"} & set(spec)
    )


def _has_text(entry: Mapping[str, Any], key: str) -> bool:
    return isinstance(entry.get(key), str)


def _takes(spec: Mapping[str, Any], value: Any) -> bool:
    return Draft202012Validator(spec).is_valid(value)
