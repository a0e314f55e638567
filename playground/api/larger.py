"""Veo's 1080p and 4K versions: the first request makes a job of its own, the same request again asks for its result.

At most one such job is at work for a clip, and one that succeeded is not made again, whichever door it came through: a
repetition costs nothing. One that failed is told for some minutes, so that a client in a loop comes to hear it; then the
next request tries anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from playground.accounts.access import KeyIdentity
from playground.accounts.models import Scope
from playground.api.bodies import json_object
from playground.api.entry import endpoint
from playground.api.envelopes import ApiError, Mistake, invalid, success
from playground.api.families import GATEWAY, VEO_PATH, job_of_family
from playground.api.jobs import asked_id
from playground.api.making import card_of, count_task, make
from playground.api.taskrequests import BODY, wrong_text
from playground.core import clock
from playground.jobs import queries
from playground.jobs.models import Job
from playground.jobs.outbox import record_for
from playground.wire import doors
from playground.wire.jobs import JobRecord

NO_SUCH_RECORD = "Record does not exist"
TOLD_MINUTES = 10
_INDEX = re.compile(r"\d{1,2}", re.ASCII)
_MOST_INDEX = 15


@endpoint("GET", Scope.GENERATE, writes=True)
def get_1080p(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    index = request.GET.get("index") or "0"
    job, _ = _larger(request, identity, "veo/1080p", asked_id(request), index, served_as=doors.VEO_1080P)
    record = record_for(job)
    if record.result_urls:
        return success({"resultUrl": record.result_urls[0]})
    if record.state == "fail":
        raise _unavailable("1080p", record)
    raise ApiError(400, "The 1080p video is being processed. Please try again later.", data={"taskId": record.task_id})


@endpoint("POST", Scope.GENERATE)
def get_4k(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """Documented: only the first answer has code 200; each later one has 422, with the result in it when it is there."""
    body = json_object(request)
    mistakes = [*wrong_text(body, "taskId", required=True), *wrong_text(body, "callBackUrl")]
    if mistakes:
        raise invalid(mistakes)
    index, callback_url = body.get("index") or 0, body.get("callBackUrl") or ""
    job, is_new = _larger(request, identity, "veo/4k", body["taskId"], index, callback_url=callback_url, served_as=doors.VEO_4K)
    record = record_for(job)
    if record.result_urls:
        done = {"taskId": record.task_id, "resultUrls": list(record.result_urls), "imageUrls": []}
        raise ApiError(422, "The video has been generated successfully", data=done)
    if record.state == "fail":
        raise _unavailable("4K", record)
    waiting = {"taskId": record.task_id, "resultUrls": None, "imageUrls": None}
    if is_new:
        return success(waiting)
    raise ApiError(422, "4k is processing. It should be ready in 5-10 minutes. Please check back shortly.", data=waiting)


def _larger(
    request: HttpRequest, identity: KeyIdentity, model_id: str, task_id: str, index: object, *, served_as: str, callback_url: str = ""
) -> tuple[Job, bool]:
    """The job that makes the larger version, and whether this request has made it."""
    number = _index(index)
    parent = job_of_family(task_id, identity, VEO_PATH)
    if parent is None:
        raise ApiError(422, NO_SUCH_RECORD)
    card = card_of(model_id, GATEWAY)
    made = [job for job in queries.continuations_by(parent, card.id) if job.payload.get("index", 0) == number]
    if (known := _known(made)) is not None:
        return known, False
    count_task(identity)
    payload = {"taskId": parent.pk.hex} | ({"index": number} if number else {})
    # Two clients that ask at once must not both pay: the second gets the first one's job.
    key = f"{card.id}/{parent.pk.hex}/{number}/{len(made)}"
    created = make(request, identity, card, payload, callback_url=callback_url, served_as=served_as, at=BODY, only_once=key)
    return created.job, created.is_new


def _index(value: object) -> int:
    text = str(value) if not isinstance(value, bool) else ""
    if _INDEX.fullmatch(text) and int(text) <= _MOST_INDEX:
        return int(text)
    raise invalid([Mistake("/index", "type", f"index must be a number from 0 to {_MOST_INDEX}.")])


def _known(made: Sequence[Job]) -> Job | None:
    """The newest job for this clip that is under way, has its result still, or failed a moment ago."""
    for job in made:
        record = record_for(job)
        if record.result_urls or not job.is_final:
            return job
        if record.state == "fail" and job.finished_at and clock.now() - job.finished_at < timedelta(minutes=TOLD_MINUTES):
            return job
    return None


def _unavailable(kind: str, record: JobRecord) -> ApiError:
    words = f"The {kind} version of this video is unavailable. Please try a different video."
    return ApiError(500, f"{words} {record.fail_message or ''}".strip(), data={"taskId": record.task_id})
