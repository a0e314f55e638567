"""Takes that people delete and bring back, with a line in the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from playground.accounts import audit
from playground.accounts.audit import Action
from playground.jobs import takes as living
from playground.jobs.models import Take
from playground.jobs.plans import named_takes

_NAMED = 8


@transaction.atomic
def delete(team_id: int, takes: Iterable[Take]) -> list[UUID]:
    """The takes that were there; they can be had back for a while."""
    given = list(takes)
    gone = living.delete_takes(team_id, [take.pk for take in given])
    if gone:
        _record(Action.TAKES_DELETED, team_id, [take for take in given if take.pk in set(gone)])
    return gone


@transaction.atomic
def restore(team_id: int, takes: Iterable[Take]) -> list[UUID]:
    given = list(takes)
    back = living.restore_takes(team_id, [take.pk for take in given])
    if back:
        _record(Action.TAKES_RESTORED, team_id, [take for take in given if take.pk in set(back)])
    return back


def deleted_takes(team_id: int, mode: str, take_ids: Sequence[UUID]) -> list[Take]:
    """Those of the takes that the team deleted and may have back."""
    takes = named_takes(team_id, take_ids, job__mode=mode).exclude(deleted_at=None)
    return list(takes.select_related("job").order_by("-job__created_at", "-job_id", "index"))


def _record(action: Action, team_id: int, takes: Sequence[Take]) -> None:
    numbers = sorted({take.job.number for take in takes})
    named = ", ".join(str(number) for number in numbers[:_NAMED]) + (" …" if len(numbers) > _NAMED else "")
    audit.record(action, team=team_id, subject=f"Take{'s' if len(numbers) > 1 else ''} {named}", takes=len(takes), mode=takes[0].job.mode)
