"""`/api/v1/jobs/*`: the market jobs contract.

Fields of a createTask body that the contract does not know are ignored (clients send `capability` and their own notes);
unknown fields of `input` are refused, because there a misspelling costs money.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from playground.accounts.access import KeyIdentity
from playground.accounts.models import Scope
from playground.api.bodies import json_object
from playground.api.entry import endpoint
from playground.api.envelopes import NO_RECORD, ApiError, answer, success
from playground.api.making import card_of, count_task, make
from playground.api.taskrequests import task_request
from playground.jobs import queries
from playground.jobs.creation import CreatedJob
from playground.jobs.models import Job
from playground.jobs.outbox import record_for
from playground.jobs.parents import task_uuid
from playground.wire import jobs as wire


@endpoint("POST", Scope.GENERATE)
def create_task(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    count_task(identity)
    wanted = task_request(json_object(request))
    card = card_of(wanted.model, wanted.gateway)
    created = make(request, identity, card, wanted.payload, callback_url=wanted.callback_url)
    return told(created, wire.created(created.job.pk.hex))


@endpoint("GET", Scope.READ)
def record_info(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    return success(wire.record_data(record_for(asked_job(request, identity))))


def told(created: CreatedJob, body: dict[str, Any]) -> HttpResponse:
    response = answer(body)
    if not created.is_new:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def asked_job(request: HttpRequest, identity: KeyIdentity) -> Job:
    """The job of `?taskId=`. The same words for malformed, unknown and foreign: nobody learns which ids exist."""
    job = job_by_text(asked_id(request), identity)
    if job is None:
        raise ApiError(422, NO_RECORD)
    return job


def asked_id(request: HttpRequest) -> str:
    task_id: str = request.GET.get("taskId", "")
    if not task_id:
        raise ApiError(400, "taskId parameter is required")
    return task_id


def job_by_text(task_id: object, identity: KeyIdentity) -> Job | None:
    job_id = task_uuid(task_id)
    return queries.job_for_record(identity.team_id, identity.mode, job_id) if job_id else None
