"""Comparisons: one prompt given to several models at once, and the take that somebody picked among theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from playground.accounts.models import Membership, User
from playground.core import clock
from playground.credits import spending
from playground.credits.errors import BudgetExceeded
from playground.gallery import collections, favourites
from playground.gallery.models import Collection, Comparison, ComparisonJob
from playground.jobs.creation import NewJob, create_jobs
from playground.jobs.models import DONE_STATES, Job, Take

FEWEST, MOST = 2, 4
PICKS_DAYS = 365
MOST_PICKS = 5000
_TAKES = Prefetch(
    "job__takes", Take.objects.filter(deleted_at=None).select_related("video", "poster", "thumb", "preview").order_by("index")
)

Key = tuple[str, str]


class NothingToPick(Exception):
    """The job is no column of this comparison, or has no take that could be picked."""


def start(wanted: Sequence[NewJob]) -> Comparison:
    """All jobs and their comparison, or nothing: what refuses one of them refuses them all. Raises what `create_job` does.

    The jobs' idempotency keys are the comparison's: sent twice, they lead to the same one.
    """
    first = wanted[0]
    try:
        with transaction.atomic():
            created = create_jobs(wanted)
            if not created[0].is_new:
                return Comparison.objects.get(columns__job=created[0].job)
            comparison = Comparison.objects.create(team_id=first.team_id, mode=first.mode, created_by_id=first.user_id)
            ComparisonJob.objects.bulk_create(
                ComparisonJob(comparison=comparison, job=one.job, index=index) for index, one in enumerate(created)
            )
            return comparison
    except BudgetExceeded as error:
        # What `create_jobs` noted went with the rest.
        spending.note_reached(error)
        raise


def pick(comparison: Comparison, membership: Membership, job_id: UUID) -> Take:
    """Choose this column's take instead of any other; it becomes a favourite of whoever chose. Raises NothingToPick."""
    job = Job.objects.filter(pk=job_id, comparison_column__comparison=comparison, state__in=DONE_STATES).first()
    take = job.takes.filter(deleted_at=None).order_by("index").first() if job else None
    if job is None or take is None:
        raise NothingToPick
    with transaction.atomic():
        chosen = {"picked": take, "picked_by": membership.user, "picked_at": clock.now()}
        Comparison.objects.filter(pk=comparison.pk).update(**chosen)
        favourites.mark(membership.user_id, [take])
    return take


def gather(comparison: Comparison, by: User) -> Collection:
    """Its takes as a collection, which can be shared; the same one each time. Raises NothingToPick or CollectionError."""
    jobs = [column.job for column in columns_of(comparison)]
    takes = [take for job in jobs for take in job.takes.all()]
    if not takes:
        raise NothingToPick
    name = _("Compared: takes %(numbers)s") % {"numbers": ", ".join(str(job.number) for job in jobs)}
    known = Collection.objects.filter(team_id=comparison.team_id, mode=comparison.mode, name=name).first()
    collection = known or collections.create(comparison.team_id, comparison.mode, name, by)
    collections.add(collection, takes, by)
    return collection


def comparison_for_team(team_id: int, comparison_id: UUID) -> Comparison | None:
    """Of either mode; another team's is as good as none."""
    return Comparison.objects.filter(team_id=team_id, pk=comparison_id).select_related("picked").first()


def columns_of(comparison: Comparison) -> list[ComparisonJob]:
    """From the left, each with its job and takes."""
    return list(comparison.columns.select_related("job", "comparison__picked").prefetch_related(_TAKES))


def comparisons_of(team_id: int, job_ids: Iterable[UUID]) -> list[Comparison]:
    """The comparisons that these jobs are columns of."""
    return list(Comparison.objects.filter(team_id=team_id, columns__job_id__in=list(job_ids)).distinct().select_related("picked"))


def picks_of(team_id: int, mode: str) -> Mapping[Key, int]:
    """How often a model's take was picked, by (gateway, model id): of the newest picks of a year."""
    since = clock.now() - timedelta(days=PICKS_DAYS)
    picked = Comparison.objects.filter(team_id=team_id, mode=mode, picked__isnull=False, picked_at__gte=since)
    return Counter(picked.order_by("-picked_at").values_list("picked__job__gateway", "picked__job__model_id")[:MOST_PICKS])
