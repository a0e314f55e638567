"""The end without a clip: release, event and callback in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import translation

from playground.core import clock
from playground.credits import services as ledger
from playground.jobs import outbox
from playground.jobs.models import FailReason, Job, State
from playground.jobs.services.moves import end_attempt, lock_in_order, move
from playground.providers.base import Reason


@transaction.atomic
def fail(
    job_id: UUID,
    *,
    origins: Iterable[str],
    reason: FailReason | Reason,
    lease_token: UUID | None = None,
    code: str = "",
    words: str = "",
    raw: str = "",
    consumed_millicredits: int | None = None,
) -> bool:
    """… → fail. `words` are the provider's own."""
    kept = {"raw_reply": raw} if raw else {}
    moved = move(
        job_id,
        origins,
        State.FAIL,
        lease_token=lease_token,
        kind="fail",
        detail=": ".join(filter(None, (_label(reason), f"{code} {words}".strip()))),
        fail_reason=FailReason(reason),
        fail_code=code[:60],
        fail_message=words[:5000],
        finished_at=clock.now(),
        charged_millicredits=0,
        progress=None,
        is_waiting_for_links=False,
        **kept,
        **({} if consumed_millicredits is None else {"consumed_millicredits": consumed_millicredits}),
    )
    if moved:
        ledger.release(job_id=job_id)
        outbox.announce(job_id)
    return moved


def _label(reason: Reason | FailReason) -> str:
    """As it is kept, whoever's page ended the job."""
    with translation.override("en"):
        return str(FailReason(reason).label)


def refuse(job: Job, *, reason: Reason, code: str, words: str, raw: str) -> bool:
    """submitting → fail: the provider said no at the door."""
    with transaction.atomic():
        moved = fail(job.pk, origins=(State.SUBMITTING,), reason=reason, lease_token=job.lease_token, code=code, words=words, raw=raw)
        if moved:
            end_attempt(job.pk, "refused", f"{code} {words}")
    return moved


def refuse_queued(job: Job, *, reason: Reason, code: str, words: str) -> bool:
    """queued → fail by whoever holds the job: it cannot be sent at all."""
    return fail(job.pk, origins=(State.QUEUED,), reason=reason, lease_token=job.lease_token, code=code, words=words)


def cancel(job_id: UUID) -> bool:
    """queued → fail (cancelled). Later than that the provider has it, and cannot be stopped."""
    return fail(job_id, origins=(State.QUEUED,), reason=FailReason.CANCELLED)


@transaction.atomic
def grant_last_look(job_ids: Sequence[UUID]) -> int:
    """Make overdue jobs due once more before they are given up; the new deadline is this moment.

    A house that was switched off for a day must not fail, unasked, what the provider finished meanwhile.
    """
    now = clock.now()
    overdue = Job.objects.filter(pk__in=job_ids, deadline_at__lt=now, due_at__lt=F("deadline_at"))
    return overdue.filter(pk__in=lock_in_order(overdue)).update(due_at=now, deadline_at=now)
