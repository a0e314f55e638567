"""Results on their way into our own storage: for jobs that are charged on arrival, and for those that were paid back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from playground.core import clock
from playground.credits import services as ledger
from playground.jobs import outbox
from playground.jobs.charging import charge_for
from playground.jobs.models import Event, FailReason, Job, State
from playground.jobs.services import recovering
from playground.jobs.services.ending import fail
from playground.jobs.services.moves import give_back, is_free, move, new_lease
from playground.media.services import StoredResult

SAVED_STATES = (State.SAVING, State.RECOVERING)
MAX_SAVE_ATTEMPTS = 3


def claim_for_saving() -> Job | None:
    """Lease the job whose result expires first."""
    now = clock.now()
    due = Job.objects.filter(is_free(now), state__in=SAVED_STATES, is_waiting_for_links=False, due_at__lte=now)
    job_id = due.order_by("deadline_at", "due_at").values_list("pk", flat=True).first()
    if job_id is None:
        return None
    token, until = new_lease()
    with transaction.atomic():
        due.filter(pk=job_id).update(lease_token=token, lease_until=until)
        return Job.objects.filter(pk=job_id, lease_token=token).first()


def save_later(job: Job, *, detail: str, delay_seconds: float) -> bool:
    """The result cannot be had just now: fresh links are asked for, then it is tried again.

    A failed download is no attempt of ours: only the deadline ends it.
    """
    assert job.lease_token is not None
    due_at = clock.now() + timedelta(seconds=delay_seconds)
    with transaction.atomic():
        given = give_back(job.pk, job.lease_token, due_at=due_at, is_waiting_for_links=True)
        if given:
            Event.objects.create(job_id=job.pk, kind="save_postponed", detail=detail[:300])
    return given


def save_failed(job: Job, *, detail: str) -> bool:
    """What came is no usable video, or drawing it went over a limit: try again, three times in all.

    Counted here and not at the claim, so that a worker that is killed costs the job nothing.
    """
    if job.save_attempts + 1 >= MAX_SAVE_ATTEMPTS:
        return lose_result(job, words=detail)
    assert job.lease_token is not None
    with transaction.atomic():
        given = give_back(job.pk, job.lease_token, due_at=clock.now(), save_attempts=F("save_attempts") + 1)
        if given:
            Event.objects.create(job_id=job.pk, kind="save_failed", detail=detail[:300])
    return given


def lose_result(job: Job, *, code: str = "", words: str = "") -> bool:
    """There is no result to be had, for good."""
    if job.state == State.RECOVERING:
        return recovering.end_recovery(job.pk, lease_token=job.lease_token, detail=f"{code} {words}".strip())
    return fail(job.pk, origins=(State.SAVING,), lease_token=job.lease_token, reason=FailReason.RESULT_LOST, code=code, words=words)


def keep_notes(job: Job, notes: Sequence[str]) -> bool:
    """Keep what people should know about the results of a job in saving, in place of what an earlier try wrote."""
    mine = Job.objects.filter(pk=job.pk, lease_token=job.lease_token, state__in=SAVED_STATES)
    return bool(mine.update(notes=list(notes)))


@transaction.atomic
def succeed(job: Job, results: Sequence[StoredResult]) -> bool:
    """saving → success: takes, capture, event and callback in one transaction. recovering → recovered: takes and event."""
    if job.state == State.RECOVERING:
        return recovering.recover(job, results)
    now = clock.now()
    moved = move(job.pk, (State.SAVING,), State.SUCCESS, lease_token=job.lease_token, kind="success", finished_at=now, progress=None)
    if not moved:
        return False
    charge = charge_for(job, results)
    charged = ledger.capture(job_id=job.pk, millicredits=charge.millicredits)
    recovering.make_takes(job, results, charged_millicredits=charged)
    rows = Job.objects.filter(pk=job.pk)
    if charge.note:
        rows.update(notes=[*rows.values_list("notes", flat=True).get(), charge.note])
    rows.update(charged_millicredits=charged, list_price_millicredits=charge.list_millicredits)
    outbox.announce(job.pk)
    return True
