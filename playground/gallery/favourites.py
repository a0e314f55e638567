"""A person's own marks on takes of a team. The only writer of favourites."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from playground.gallery.models import Favourite
from playground.jobs.models import Take
from playground.jobs.plans import named_takes

MOST_AT_ONCE = 200


def living_takes(team_id: int, mode: str, take_ids: Iterable[UUID]) -> list[Take]:
    """Those of the takes that the team has in this mode, with their jobs and videos, newest first."""
    takes = named_takes(team_id, list(take_ids)[:MOST_AT_ONCE], job__mode=mode).filter(deleted_at=None)
    return list(takes.select_related("job", "video").order_by("-job__created_at", "-job_id", "index"))


@transaction.atomic
def mark(user_id: int, takes: Iterable[Take]) -> None:
    """Safe to call twice."""
    rows = [
        Favourite(user_id=user_id, take=take, team_id=take.job.team_id, mode=take.job.mode, job_created_at=take.job.created_at)
        for take in takes
    ]
    Favourite.objects.bulk_create(rows, ignore_conflicts=True)


def is_marked(user_id: int | None, take: Take) -> bool:
    return user_id is not None and Favourite.objects.filter(user_id=user_id, take=take).exists()


def unmark(user_id: int, takes: Iterable[Take]) -> None:
    Favourite.objects.filter(user_id=user_id, take__in=[take.pk for take in takes]).delete()


@transaction.atomic
def toggle(user_id: int, take: Take) -> bool:
    """Whether it is a favourite now."""
    if Favourite.objects.filter(user_id=user_id, take=take).delete()[0]:
        return False
    mark(user_id, [take])
    return True
