"""`/api/v1/jobs/*`: the market jobs contract.

Fields of a createTask body that the contract does not know are ignored (clients send `capability` and their own notes);
unknown fields of `input` are refused, because there a misspelling costs money.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from playground.accounts import ratelimit
from playground.accounts.access import KeyIdentity
from playground.api.bodies import json_object
from playground.api.entry import endpoint
from playground.api.envelopes import NO_RECORD, ApiError, Mistake, answer, invalid, success, unknown_model
from playground.api.taskrequests import TaskRequest, mistake_of, task_request
from playground.catalog.registry import UnknownModel
from playground.credits.services import InsufficientCredits
from playground.jobs import queries
from playground.jobs.creation import NewJob, create_job
from playground.jobs.errors import IdempotencyConflict, InvalidInput, JobError, QueueFull
from playground.jobs.outbox import record_for
from playground.jobs.parents import task_uuid
from playground.wire import jobs as wire

QUEUE_FULL_RETRY_SECONDS = 10
LONGEST_IDEMPOTENCY_KEY = 255


@endpoint("POST")
def create_task(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    wait_seconds = ratelimit.allow("create-task", str(identity.key_id), settings.CREATE_TASKS_PER_MINUTE)
    if wait_seconds is not None:
        raise ApiError(429, "Too many new tasks with this API key.", retry_after_seconds=wait_seconds)
    new = _new_job(task_request(json_object(request)), identity, _idempotency_key(request))
    try:
        created = create_job(new)
    except UnknownModel as error:
        raise unknown_model(error) from None
    except InsufficientCredits as error:
        raise ApiError(402, f"Credits insufficient. {error}") from None
    except QueueFull as error:
        raise ApiError(429, str(error), retry_after_seconds=QUEUE_FULL_RETRY_SECONDS) from None
    except InvalidInput as error:
        raise invalid([mistake_of(problem) for problem in error.problems]) from None
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
    job_id = task_uuid(task_id)
    job = queries.job_for_record(identity.team_id, identity.mode, job_id) if job_id else None
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


def _new_job(wanted: TaskRequest, identity: KeyIdentity, idempotency_key: str) -> NewJob:
    return NewJob(
        team_id=identity.team_id,
        mode=identity.mode,
        model_id=wanted.model,
        payload=wanted.payload,
        source="api",
        gateway=wanted.gateway,
        user_id=identity.user_id,
        key_id=identity.key_id,
        callback_url=wanted.callback_url,
        idempotency_scope=f"key:{identity.key_id}",
        idempotency_key=idempotency_key,
    )
