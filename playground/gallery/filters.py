"""What the gallery is narrowed by: plain values, so that a page, its totals and a share of it ask the same question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from playground.jobs.models import Job


@dataclass(frozen=True, slots=True)
class Filters:
    """Values within a group are alternatives; all groups hold. Empty lets everything through.

    `models` are pairs of gateway and id. `favourites_of` is a person's id, `until` is not included.
    """

    creators: tuple[int, ...] = ()
    models: tuple[tuple[str, str], ...] = ()
    scenes: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    favourites_of: int | None = None
    collection_id: UUID | None = None
    text: str = ""

    @property
    def is_of_takes(self) -> bool:
        """Whether single takes are chosen, and not all of a job."""
        return self.favourites_of is not None or self.collection_id is not None

    @property
    def is_rolled_up(self) -> bool:
        """Whether the days' roll-up can answer; its days are the installation's, which the asker has to check."""
        return not (self.scenes or self.aspects or self.is_of_takes or self.text)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Keyset position in a newest-first list of jobs."""

    created_at: datetime
    job_id: UUID

    @classmethod
    def at(cls, job: Job) -> Cursor:
        return cls(job.created_at, job.pk)


@dataclass(frozen=True, slots=True)
class NumberCursor:
    """Keyset position in a text search, which goes by the jobs' numbers."""

    number: int


def groups_of(filters: Filters) -> list[list[Q]]:
    """One list of alternatives for each group that is given, the shortest first."""
    groups = [
        [Q(created_by_id=user_id) for user_id in filters.creators],
        [Q(scene=scene) for scene in filters.scenes],
        [Q(aspect=aspect) for aspect in filters.aspects],
        [Q(model_id=model_id, gateway=gateway) for gateway, model_id in filters.models],
    ]
    return sorted((group for group in groups if group), key=len)


def any_of(group: list[Q]) -> Q:
    found = Q()
    for one in group:
        found |= one
    return found
