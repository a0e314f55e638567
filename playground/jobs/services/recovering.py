"""Late arrivals: a job that was given up and paid back, and of which the provider speaks after all.

Its video is delivered free, shown as *Recovered* and listed as the operator's loss. The ledger is not touched, and
programs that were told "fail" are told nothing else: words never go back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from playground.core import clock
from playground.jobs import cadence, listing, recognition
from playground.jobs.models import Attempt, FailReason, Job, State, Take
from playground.jobs.services.candidates import refuse_candidate
from playground.jobs.services.moves import give_back, move
from playground.media.services import StoredResult
from playground.providers.base import Snapshot

# Ended without the provider's word; every other end was its own, or ours on purpose.
WITHOUT_A_WORD = (FailReason.IN_DOUBT, FailReason.TIMEOUT)


def may_begin(job: Job) -> bool:
    return job.state == State.FAIL and job.fail_reason in WITHOUT_A_WORD and not job.is_sandbox


@transaction.atomic
def begin_recovery(job: Job, *, candidate_id: str = "") -> bool:
    """fail → recovering: ask the provider once more, as long as a result is waited for. Needs an id to ask by."""
    if not may_begin(job) or not (job.upstream_id or candidate_id):
        return False
    now = clock.now()
    return move(
        job.pk,
        (State.FAIL,),
        State.RECOVERING,
        kind="recovering",
        detail=candidate_id or job.upstream_id,
        candidate_id=candidate_id,
        is_waiting_for_links=True,
        save_attempts=0,
        due_at=now,
        deadline_at=now + timedelta(hours=settings.RESULT_DEADLINE_HOURS),
    )


def apply_late_snapshot(job: Job, snapshot: Snapshot) -> bool:
    """What the provider says of it: fetch the result, forget it, or look again later. Call it inside a transaction."""
    attempt = Attempt.objects.filter(job_id=job.pk).order_by("-number").first()
    if not job.upstream_id and (reason := recognition.why_not_ours(job, attempt, snapshot.echo)):
        return _try_another(job, reason)
    if snapshot.state == "fail":
        return end_recovery(job.pk, lease_token=job.lease_token, detail=f"{snapshot.fail_code} {snapshot.fail_message}".strip())
    now = clock.now()
    changes: dict[str, Any] = {} if snapshot.consumed_millicredits is None else {"consumed_millicredits": snapshot.consumed_millicredits}
    if not job.upstream_id:
        changes |= {"upstream_id": job.candidate_id, "candidate_id": ""}
    due_at = cadence.next_late_poll_at(job, now)
    if snapshot.state == "success" and snapshot.result_links:
        changes |= {"result_links": list(snapshot.result_links), "is_waiting_for_links": False, "raw_reply": snapshot.raw}
        changes |= {"upstream_done_at": now}
        due_at = now
    assert job.lease_token is not None
    try:
        with transaction.atomic():
            return give_back(job.pk, job.lease_token, due_at=due_at, **changes)
    except IntegrityError:
        return _try_another(job, "it belongs to another job")


def _try_another(job: Job, reason: str) -> bool:
    """The task is not ours: ask about another one that a callback named, as long as there is one."""
    other = refuse_candidate(job, reason)
    if other is None:
        return False
    if not other:
        return end_recovery(job.pk, lease_token=job.lease_token, detail=f"{job.candidate_id}: {reason}")
    assert job.lease_token is not None
    return give_back(job.pk, job.lease_token, due_at=clock.now(), candidate_id=other)


def recover(job: Job, results: Sequence[StoredResult]) -> bool:
    """recovering → recovered, with its takes and without a charge. Call it inside a transaction."""
    moved = move(job.pk, (State.RECOVERING,), State.RECOVERED, lease_token=job.lease_token, kind="recovered")
    if moved:
        make_takes(job, results, charged_millicredits=0)
    return moved


@transaction.atomic
def end_recovery(job_id: UUID, *, lease_token: UUID | None = None, detail: str) -> bool:
    """recovering → fail, as it was: nothing came."""
    return move(
        job_id,
        (State.RECOVERING,),
        State.FAIL,
        lease_token=lease_token,
        kind="recovery_over",
        detail=detail,
        candidate_id="",
        is_waiting_for_links=False,
    )


def make_takes(job: Job, results: Sequence[StoredResult], *, charged_millicredits: int) -> None:
    """The stored results as takes, in their order. Call it in the transaction that ends the job."""
    takes = [
        Take(job_id=job.pk, index=index, video=result.video, poster=result.poster, thumb=result.thumb, preview=result.preview)
        for index, result in enumerate(results)
    ]
    Take.objects.bulk_create(takes)
    listing.keep_aspect(job, takes)
    listing.count_takes(job, len(takes), charged_millicredits)
