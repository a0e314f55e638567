"""The takes before and after one, in the order of the gallery's page: newest job first, a job's takes as they are lettered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q, QuerySet

from playground.jobs.models import DONE_STATES, Job, Take


class Narrowing(Protocol):
    """What a gallery shows of a team's takes. It only filters: team, mode and order are not its business."""

    def jobs(self, jobs: QuerySet[Job]) -> QuerySet[Job]: ...

    def takes(self, takes: QuerySet[Take]) -> QuerySet[Take]:
        """Where single takes are chosen, and not all of a job."""
        ...


@dataclass(frozen=True, slots=True)
class Neighbours:
    """`previous` stands before the take on the page and is newer; None at the ends."""

    previous: Take | None = None
    next: Take | None = None


def neighbours(take: Take, filters: Narrowing) -> Neighbours:
    """Two look-ups by the gallery's own indexes at most, however many takes there are."""
    return Neighbours(
        _sibling(take, filters, -1) or _of_job(take, filters, is_newer=True),
        _sibling(take, filters, 1) or _of_job(take, filters, is_newer=False),
    )


def _sibling(take: Take, filters: Narrowing, step: int) -> Take | None:
    """Another take of the same job."""
    living = filters.takes(Take.objects.filter(job_id=take.job_id, deleted_at=None))
    if step > 0:
        return living.filter(index__gt=take.index).order_by("index").first()
    return living.filter(index__lt=take.index).order_by("-index").first()


def _of_job(take: Take, filters: Narrowing, *, is_newer: bool) -> Take | None:
    """The last take of the job above, or the first of the one below."""
    job = take.job
    jobs = filters.jobs(Job.objects.filter(team_id=job.team_id, mode=job.mode, is_listed=True, state__in=DONE_STATES))
    if is_newer:
        jobs = jobs.filter(Q(created_at__gt=job.created_at) | Q(created_at=job.created_at, id__gt=job.pk)).order_by("created_at", "id")
    else:
        jobs = jobs.filter(Q(created_at__lt=job.created_at) | Q(created_at=job.created_at, id__lt=job.pk)).order_by("-created_at", "-id")
    found = jobs.values_list("pk", flat=True).first()
    if found is None:
        return None
    living = filters.takes(Take.objects.filter(job_id=found, deleted_at=None))
    return living.order_by("-index" if is_newer else "index").first()
