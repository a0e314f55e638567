"""A gallery of many takes, all with the clip of one: nobody looks at what is in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from playground.accounts.models import Membership
from playground.core import clock
from playground.credits import services as ledger
from playground.jobs.listing import count_takes
from playground.jobs.models import Job, State, Take
from playground.media.services import StoredResult
from tests.factories import KLING, VEO, make_job

RATIOS = ("16:9", "9:16", "16:9")


def many_takes(owner: Membership, clip: StoredResult, count: int) -> list[str]:
    """`Take 1 of the sea` and so on, oldest first, ten on a day, every third one of Kling; their job ids."""
    return [str(_take(owner, clip, number, count).pk) for number in range(1, count + 1)]


def _take(owner: Membership, clip: StoredResult, number: int, count: int) -> Job:
    payload = {"prompt": f"Take {number} of the sea", "aspect_ratio": RATIOS[number % 3], "duration": 5}
    then = clock.now() - timedelta(days=(count - number) // 10, seconds=count - number)
    return finished(owner, clip, then, model_id=VEO if number % 3 else KLING, payload=payload)


def finished(owner: Membership, clip: StoredResult, then: datetime | None = None, **wanted: Any) -> Job:
    """A job that was asked for and done at that moment, with the clip of another.

    In one transaction: a product that runs would begin with it.
    """
    with transaction.atomic():
        job, then = make_job(owner, **wanted).job, then or clock.now()
        charged = ledger.capture(job_id=job.pk, millicredits=min(10_000, job.price_millicredits))
        changes = {"state": State.SUCCESS, "version": 2, "created_at": then, "finished_at": then, "charged_millicredits": charged}
        Job.objects.filter(pk=job.pk).update(**changes)
        job.refresh_from_db()
        Take.objects.create(job=job, video=clip.video, poster=clip.poster, thumb=clip.thumb, preview=clip.preview)
        count_takes(job, 1, charged)
    return job
