"""Takes that people delete: gone from every page at once, to be had back for a while, erased for good after 30 days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from playground.core import clock
from playground.jobs.listing import count_takes
from playground.jobs.models import DONE_STATES, Job, Take
from playground.jobs.plans import named_takes
from playground.media import services as media
from playground.media.models import StoredFile

KEPT_DAYS = 30
BATCH = 200


@transaction.atomic
def delete_takes(team_id: int, take_ids: Iterable[UUID]) -> list[UUID]:
    """Take these takes of a team off every page; returns those that were there. Their jobs are locked; safe to call twice."""
    takes = _locked(named_takes(team_id, take_ids).filter(deleted_at=None))
    Take.objects.filter(pk__in=[take.pk for take in takes]).update(deleted_at=clock.now())
    _settle(takes, -1)
    return [take.pk for take in takes]


@transaction.atomic
def restore_takes(team_id: int, take_ids: Iterable[UUID]) -> list[UUID]:
    """Bring deleted takes of a team back; returns those that came. What has been erased stays gone."""
    takes = _locked(named_takes(team_id, take_ids).exclude(deleted_at=None))
    Take.objects.filter(pk__in=[take.pk for take in takes]).update(deleted_at=None)
    _settle(takes, 1)
    return [take.pk for take in takes]


def _locked(takes: QuerySet[Take]) -> list[Take]:
    """Those of jobs that are done. Jobs are locked in one order before takes are read."""
    wanted = takes.filter(job__state__in=DONE_STATES)
    job_ids = wanted.values_list("job_id", flat=True)
    list(Job.objects.select_for_update().filter(pk__in=list(job_ids)).order_by("pk").values_list("pk", flat=True))
    return list(wanted.select_related("job"))


def _settle(takes: Sequence[Take], sign: int) -> None:
    """The jobs' places in lists and the days' totals. A job's charge counts for as long as one of its takes is there."""
    by_job: dict[UUID, list[Take]] = defaultdict(list)
    for take in takes:
        by_job[take.job_id].append(take)
    left = dict(Job.objects.filter(pk__in=by_job).annotate(left=Count("takes", filter=Q(takes__deleted_at=None))).values_list("pk", "left"))
    for job_id, group in by_job.items():
        job = group[0].job
        is_all = left[job_id] == (0 if sign < 0 else len(group))
        charged = (job.charged_millicredits or 0) if is_all else 0
        count_takes(job, sign * len(group), sign * charged)
        Job.objects.filter(pk=job_id).update(is_listed=left[job_id] > 0, version=F("version") + 1)


def erase_deleted() -> int:
    """Erase what was deleted long ago, files and rows; returns how many takes. A file that another take shares is kept."""
    before = clock.now() - timedelta(days=KEPT_DAYS)
    takes = list(Take.objects.filter(deleted_at__lt=before).select_related("video", "poster", "thumb", "preview")[:BATCH])
    for take in takes:
        for stored in (take.video, take.poster, take.thumb, take.preview):
            if not _is_shared(stored, take):
                media.erase(stored)
        # Last, so that a crash before it leaves nothing that nobody would come back to.
        take.delete()
    return len(takes)


def _is_shared(stored: StoredFile, take: Take) -> bool:
    others = Take.objects.exclude(pk=take.pk)
    return others.filter(Q(video=stored) | Q(poster=stored) | Q(thumb=stored) | Q(preview=stored)).exists()
