"""The conditional UPDATE behind every change of a job's state, and the leases by which engines hold jobs.

For this package alone (and `archive` and `pump`, which renew what they hold); it knows nothing of credits or providers.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet

from playground.core import clock
from playground.jobs.listing import is_listed_in
from playground.jobs.models import UNFINISHED_STATES, Attempt, Event, Job, State

UNLEASED: dict[str, Any] = {"lease_token": None, "lease_until": None}


def move(
    job_id: UUID, origins: Iterable[str], to: str, *, lease_token: UUID | None = None, kind: str = "", detail: str = "", **changes: Any
) -> bool:
    """The one conditional UPDATE; call it inside a transaction. Without a lease token whoever holds the job loses it."""
    origins = tuple(origins)
    rows = Job.objects.filter(pk=job_id, state__in=origins)
    if lease_token is not None:
        rows = rows.filter(lease_token=lease_token)
    if not rows.update(state=to, version=F("version") + 1, is_listed=is_listed_in(to), **(UNLEASED | changes)):
        return False
    Event.objects.create(
        job_id=job_id, kind=kind or str(to), from_state=origins[0] if len(origins) == 1 else "", to_state=to, detail=detail[:300]
    )
    return True


def end_attempt(job_id: UUID, outcome: str, detail: str = "", *, unless_ended: bool = False) -> None:
    """Write down how the latest try to submit ended."""
    latest = Attempt.objects.filter(job_id=job_id).order_by("-number").values_list("pk", flat=True)[:1]
    attempt = Attempt.objects.filter(pk__in=list(latest))
    if unless_ended:
        attempt = attempt.filter(ended_at=None)
    attempt.update(ended_at=clock.now(), outcome=outcome, detail=detail[:2000])


def new_lease() -> tuple[UUID, datetime]:
    return uuid.uuid4(), clock.now() + timedelta(seconds=settings.LEASE_SECONDS)


@transaction.atomic
def lease(job_id: UUID) -> Job:
    """Hold this very job, whosever turn it is; whoever held it loses it."""
    token, until = new_lease()
    Job.objects.filter(pk=job_id).update(lease_token=token, lease_until=until)
    return Job.objects.get(pk=job_id)


def is_free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def lock_in_order(rows: QuerySet[Job]) -> list[UUID]:
    """The keys of these rows, locked until the transaction ends. Whoever changes several jobs at once calls this first.

    All in one order: two that each hold what the other wants next would wait for ever. On SQLite it is only a look.
    """
    return list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def renew_leases(tokens: Sequence[UUID]) -> None:
    """Hold on to what these tokens hold; a token that lost its job stays lost."""
    until = clock.now() + timedelta(seconds=settings.LEASE_SECONDS)
    # The states narrow the search to an index: nobody looks up tokens among a million finished jobs.
    held = Job.objects.filter(state__in=(*UNFINISHED_STATES, State.RECOVERING), lease_token__in=tokens)
    held.filter(pk__in=lock_in_order(held)).update(lease_until=until)


def give_back(job_id: UUID, lease_token: UUID, *, due_at: datetime | Case | None = None, **changes: Any) -> bool:
    """Let go of a job without a change of state, to be looked at again at `due_at`."""
    rows = Job.objects.filter(pk=job_id, lease_token=lease_token)
    if due_at is not None:
        changes["due_at"] = due_at
    return bool(rows.update(**(UNLEASED | changes)))
