"""Jobs of the past, told afterwards: every step through the services, at the moment at which it is said to have been.

For demonstrations. Nobody is asked to make anything, so whoever tells brings the result along.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from playground.core import clock
from playground.jobs import services
from playground.jobs.creation import NewJob, create_job
from playground.jobs.models import Job
from playground.jobs.services import Departure
from playground.media.services import StoredResult
from playground.providers.base import Snapshot
from playground.providers.sandbox.adapter import task_id
from playground.wire.failures import reason_of

SENDING_SECONDS, SAVING_SECONDS = 1, 2


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a job stood in the provider's queue, and how long it was worked on."""

    queue_seconds: float = 8
    work_seconds: float = 70


@transaction.atomic
def tell_take(new: NewJob, at: datetime, results: Sequence[StoredResult], pace: Pace) -> Job:
    """A job that was begun `at` this moment and came to these results."""
    job, generating_at = _begin(new, at, pace)
    done_at = generating_at + timedelta(seconds=pace.work_seconds)
    links = tuple(f"sandbox:{index}" for index in range(len(results)))
    paid = job.list_price_millicredits if new.mode == "live" else None
    with clock.standing_at(done_at):
        raw = _record(job, "success", done_at, resultJson=json.dumps({"resultUrls": links}))
        services.apply_snapshot(services.lease(job.pk), Snapshot("success", 1.0, result_links=links, raw=raw, consumed_millicredits=paid))
    with clock.standing_at(done_at + timedelta(seconds=SAVING_SECONDS)):
        services.succeed(services.lease(job.pk), results)
    job.refresh_from_db()
    return job


@transaction.atomic
def tell_failure(new: NewJob, at: datetime, code: str, words: str, pace: Pace) -> Job:
    """One that the provider ended with this code and these words."""
    job, generating_at = _begin(new, at, pace)
    failed_at = generating_at + timedelta(seconds=pace.work_seconds)
    with clock.standing_at(failed_at):
        raw = _record(job, "fail", failed_at, failCode=code, failMsg=words)
        said = Snapshot("fail", fail_code=code, fail_message=words, fail_reason=reason_of(code, words), raw=raw)
        services.apply_snapshot(services.lease(job.pk), said)
    job.refresh_from_db()
    return job


@transaction.atomic
def tell_cancelled(new: NewJob, at: datetime, after_seconds: float) -> Job:
    """One that somebody took back while it stood in our own queue."""
    with clock.standing_at(at):
        job = create_job(replace(new, is_told=True)).job
    with clock.standing_at(at + timedelta(seconds=after_seconds)):
        services.cancel(job.pk)
    job.refresh_from_db()
    return job


@transaction.atomic
def tell_running(new: NewJob, at: datetime, pace: Pace, *, next_look_at: datetime) -> Job:
    """One that is being worked on now. Nobody looks at it before `next_look_at`; then the sandbox finishes it as usual."""
    job, _ = _begin(new, at, pace)
    held = services.lease(job.pk)
    assert held.lease_token is not None
    services.give_back(job.pk, held.lease_token, due_at=next_look_at)
    job.refresh_from_db()
    return job


def _begin(new: NewJob, at: datetime, pace: Pace) -> tuple[Job, datetime]:
    """Created, sent, accepted, and being worked on since the moment that is returned, too."""
    with clock.standing_at(at):
        job = create_job(replace(new, is_told=True)).job
    sent_at = at + timedelta(seconds=SENDING_SECONDS)
    with clock.standing_at(sent_at):
        services.mark_sent([Departure(claimed) for claimed in services.claim_these([job.pk])])
        services.record_upstream_id(job.pk, _upstream_id(job, sent_at))
    generating_at = sent_at + timedelta(seconds=pace.queue_seconds)
    with clock.standing_at(generating_at):
        services.apply_snapshot(services.lease(job.pk), Snapshot("generating", raw=_record(job, "generating", None)))
    job.refresh_from_db()
    return job, generating_at


def _upstream_id(job: Job, at: datetime) -> str:
    return task_id(clock.to_ms(at), job.pk.hex) if job.is_sandbox else f"task_{job.provider}_{job.pk.hex[:12]}"


def _record(job: Job, state: str, completed_at: datetime | None, **changes: Any) -> str:
    """The provider's reply, as it is kept."""
    data: dict[str, Any] = {
        "taskId": job.upstream_id,
        "model": job.model_id,
        "state": state,
        "resultJson": "",
        "failCode": None,
        "failMsg": None,
        "createTime": clock.to_ms(job.created_at),
        "completeTime": clock.to_ms(completed_at) if completed_at else None,
    }
    return json.dumps({"code": 200, "msg": "success", "data": data | changes}, ensure_ascii=False)
