"""`/api/v1/jobs/*`: the market jobs contract.

Fields of a createTask body that the contract does not know are ignored (clients send `capability` and their own notes);
unknown fields of `input` are refused, because there a misspelling costs money.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from playground.accounts import ratelimit
from playground.accounts.access import KeyIdentity
from playground.api.bodies import json_object
from playground.api.entry import endpoint
from playground.api.envelopes import NO_RECORD, UNKNOWN_MODEL, ApiError, Mistake, answer, invalid, success
from playground.catalog.registry import UnknownModel
from playground.catalog.schema import Problem
from playground.credits.services import InsufficientCredits
from playground.jobs import queries
from playground.jobs.creation import NewJob, create_job
from playground.jobs.errors import IdempotencyConflict, InvalidInput, JobError, QueueFull
from playground.jobs.outbox import record_for
from playground.wire import jobs as wire

QUEUE_FULL_RETRY_SECONDS = 10
LONGEST_IDEMPOTENCY_KEY = 255
_TASK_ID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


@endpoint("POST")
def create_task(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    wait_seconds = ratelimit.allow("create-task", str(identity.key_id), settings.CREATE_TASKS_PER_MINUTE)
    if wait_seconds is not None:
        raise ApiError(429, "Too many new tasks with this API key.", retry_after_seconds=wait_seconds)
    new = _new_job(json_object(request), identity, _idempotency_key(request))
    try:
        created = create_job(new)
    except UnknownModel:
        raise ApiError(422, UNKNOWN_MODEL) from None
    except InsufficientCredits as error:
        raise ApiError(402, f"Credits insufficient. {error}") from None
    except QueueFull as error:
        raise ApiError(429, str(error), retry_after_seconds=QUEUE_FULL_RETRY_SECONDS) from None
    except InvalidInput as error:
        raise invalid([_mistake(problem) for problem in error.problems]) from None
    except IdempotencyConflict as error:
        raise ApiError(422, str(error), mistakes=[Mistake("", "idempotency_conflict", str(error))]) from None
    except JobError as error:
        raise ApiError(422, str(error)) from None
    response = answer(wire.created(created.job.pk.hex))
    if not created.is_new:
        response.headers["Idempotency-Replayed"] = "true"
    return response


@endpoint("GET")
def record_info(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    task_id = request.GET.get("taskId", "")
    if not task_id:
        raise ApiError(400, "taskId parameter is required")
    job = queries.job_for_record(identity.team_id, identity.mode, UUID(task_id)) if _TASK_ID.fullmatch(task_id) else None
    if job is None:
        # The same words for malformed, unknown and foreign: nobody learns which ids exist.
        raise ApiError(422, NO_RECORD)
    return success(wire.record_data(record_for(job)))


def _idempotency_key(request: HttpRequest) -> str:
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return ""
    # An empty key protects nothing, and a client that sends one believes that it does.
    if not 1 <= len(key) <= LONGEST_IDEMPOTENCY_KEY or not key.isascii() or not key.isprintable():
        raise ApiError(400, f"Idempotency-Key must be 1 to {LONGEST_IDEMPOTENCY_KEY} printable ASCII characters.")
    return key


def _new_job(body: Mapping[str, Any], identity: KeyIdentity, idempotency_key: str) -> NewJob:
    mistakes = [
        *_wrong_text(body, "model", required=True),
        *_wrong_text(body, "gateway"),
        *_wrong_text(body, "callBackUrl"),
        *_wrong_input(body),
    ]
    if mistakes:
        raise invalid(mistakes)
    return NewJob(
        team_id=identity.team_id,
        mode=identity.mode,
        model_id=body["model"],
        payload=body["input"],
        source="api",
        gateway=body.get("gateway") or None,
        user_id=identity.user_id,
        key_id=identity.key_id,
        callback_url=body.get("callBackUrl") or "",
        idempotency_scope=f"key:{identity.key_id}",
        idempotency_key=idempotency_key,
    )


def _wrong_text(body: Mapping[str, Any], name: str, *, required: bool = False) -> list[Mistake]:
    value = body.get(name)
    if value is None or value == "":
        return [Mistake(f"/{name}", "required", f"{name} is required.")] if required else []
    return [] if isinstance(value, str) else [Mistake(f"/{name}", "type", f"{name} must be text.")]


def _wrong_input(body: Mapping[str, Any]) -> list[Mistake]:
    value = body.get("input")
    if value is None:
        return [Mistake("/input", "required", "input is required.")]
    return [] if isinstance(value, dict) else [Mistake("/input", "type", "input must be an object.")]


def _mistake(problem: Problem) -> Mistake:
    """From a pointer into `input` to one into the body; only the callback's problems stand beside it."""
    is_callback = problem.pointer == "/callBackUrl" and problem.rule != "unknown_field"
    return Mistake(problem.pointer if is_callback else "/input" + problem.pointer, problem.rule, problem.message)
