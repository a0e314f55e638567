"""The broom: once a minute (and every few seconds while a pump runs) it ends what nobody else would.

1. A submitter's expired lease: back to the queue, or in doubt.
2. Doubts past their time: fail as `submission_unknown`, hold released, the operator told by the log.
3. Queued for too long: fail as `provider_account`.
4. Saving past its deadline: fail as `result_lost`.
5. Running past its deadline with nobody able to read the provider: in doubt.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from playground.core import clock
from playground.jobs import health, services
from playground.jobs.models import FailReason, Job, State

logger = logging.getLogger(__name__)
BATCH = 200


def sweep() -> int:
    """Returns how many jobs were moved. Safe to run twice at once."""
    health.beat("sweeper")
    return _expired_submissions() + _old_doubts() + _long_queued() + _lost_results() + _unread()


def _expired_submissions() -> int:
    stuck = Job.objects.filter(state=State.SUBMITTING, lease_until__lt=clock.now())[:BATCH]
    return sum(services.recover_submission(job) for job in stuck)


def _old_doubts() -> int:
    moved = 0
    for job in Job.objects.filter(state=State.IN_DOUBT, deadline_at__lt=clock.now())[:BATCH]:
        failed = services.fail(
            job.pk, origins=(State.IN_DOUBT,), reason=FailReason.TIMEOUT if job.upstream_id else FailReason.SUBMISSION_UNKNOWN
        )
        if failed:
            logger.warning("job %s ended in doubt; if %s made the video, it is our loss", job.pk, job.provider)
        moved += failed
    return moved


def _long_queued() -> int:
    since = clock.now() - timedelta(hours=settings.QUEUED_HOURS)
    old = Job.objects.filter(state=State.QUEUED, created_at__lt=since)[:BATCH]
    return sum(services.fail(job.pk, origins=(State.QUEUED,), reason=FailReason.PROVIDER_ACCOUNT) for job in old)


def _lost_results() -> int:
    now = clock.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    lost = Job.objects.filter(free, state=State.SAVING, deadline_at__lt=now)
    return sum(services.fail(job.pk, origins=(State.SAVING,), reason=FailReason.RESULT_LOST) for job in lost[:BATCH])


def _unread() -> int:
    """A whole lease after the deadline nobody has polled: the provider's key is gone, or it never answers."""
    since = clock.now() - timedelta(seconds=settings.LEASE_SECONDS * 2)
    unread = Job.objects.filter(state=State.RUNNING, deadline_at__lt=since)[:BATCH]
    return sum(services.doubt(job.pk, None, detail="no answer before the deadline") for job in unread)
