"""The broom: once a minute (and every few seconds while a pump runs) it ends what nobody else would.

1. A submitter's expired lease: back to the queue, or in doubt.
2. Doubts past their time: one last look where the provider knows the job, then they fail, the hold is released and the
   operator is told by the log.
3. Queued for too long: fail as `provider_account`.
4. Saving past its deadline: one last try, then fail as `result_lost`.
5. Running past its deadline with nobody able to read the provider: in doubt.
6. Recovering past its deadline: failed for good.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_noop

from playground.core import clock
from playground.jobs import health, services
from playground.jobs.models import FailReason, Job, State

logger = logging.getLogger(__name__)
BATCH = 200


def sweep() -> int:
    """Returns how many jobs were moved. Safe to run twice at once."""
    health.beat("sweeper")
    return sum(
        broom()
        for broom in (_expired_submissions, _unknown_submissions, _old_doubts, _long_queued, _lost_results, _unread, _vain_recoveries)
    )


def _each(jobs: QuerySet[Job], end: Callable[[Job], bool]) -> int:
    moved = 0
    for job in jobs[:BATCH]:
        try:
            moved += end(job)
        except Exception:
            # One job that cannot be ended must not keep all the others from their end.
            logger.exception("job %s could not be swept", job.pk)
    return moved


def _grace() -> timedelta:
    """After a deadline, for whoever is just looking or has been given a last look."""
    return timedelta(seconds=settings.LEASE_SECONDS * 2)


def _expired_submissions() -> int:
    return _each(Job.objects.filter(state=State.SUBMITTING, lease_until__lt=clock.now()), services.recover_submission)


def _unknown_submissions() -> int:
    """The provider never gave an id: there is nothing to ask, only a time to wait for a late answer."""
    doubts = Job.objects.filter(state=State.IN_DOUBT, upstream_id="", candidate_id="", deadline_at__lt=clock.now())
    named = Job.objects.filter(state=State.IN_DOUBT, upstream_id="").exclude(candidate_id="")
    return _each(doubts, lambda job: _end_doubt(job, FailReason.IN_DOUBT)) + _give_up(
        named, lambda job: _end_doubt(job, FailReason.IN_DOUBT)
    )


def _old_doubts() -> int:
    doubts = Job.objects.filter(state=State.IN_DOUBT).exclude(upstream_id="")
    return _give_up(doubts, lambda job: _end_doubt(job, FailReason.TIMEOUT))


def _end_doubt(job: Job, reason: FailReason) -> bool:
    failed = services.fail(job.pk, origins=(State.IN_DOUBT,), reason=reason)
    if failed:
        logger.warning("job %s ended in doubt; if %s made the video, it is our loss", job.pk, job.provider)
        # Where there is an id to ask by, it is asked about for some time yet: what comes is delivered free.
        services.begin_recovery(Job.objects.get(pk=job.pk), candidate_id=job.candidate_id)
    return failed


def _give_up(jobs: QuerySet[Job], end: Callable[[Job], bool]) -> int:
    """End what is past its deadline and was looked at since; what was not (we were switched off) is granted a last look."""
    now = clock.now()
    overdue = jobs.filter(deadline_at__lt=now)
    unseen = overdue.filter(due_at__lt=F("deadline_at")).values_list("pk", flat=True)
    services.grant_last_look(list(unseen[:BATCH]))
    return _each(overdue.filter(deadline_at__lt=now - _grace(), due_at__gte=F("deadline_at")), end)


def _long_queued() -> int:
    since = clock.now() - timedelta(hours=settings.QUEUED_HOURS)
    old = Job.objects.filter(state=State.QUEUED, created_at__lt=since)
    return _each(old, lambda job: services.fail(job.pk, origins=(State.QUEUED,), reason=FailReason.PROVIDER_ACCOUNT))


def _lost_results() -> int:
    free = Q(lease_until=None) | Q(lease_until__lt=clock.now())
    lost = Job.objects.filter(free, state=State.SAVING)
    return _give_up(lost, lambda job: services.fail(job.pk, origins=(State.SAVING,), reason=FailReason.RESULT_LOST))


def _vain_recoveries() -> int:
    overdue = Job.objects.filter(state=State.RECOVERING, deadline_at__lt=clock.now() - _grace())
    return _each(overdue, lambda job: services.end_recovery(job.pk, detail=gettext_noop("nothing came in time")))


def _unread() -> int:
    """Well after the deadline nobody has polled: the provider's key is gone, or it never answers."""
    unread = Job.objects.filter(state=State.RUNNING, deadline_at__lt=clock.now() - _grace())
    return _each(unread, lambda job: services.doubt(job.pk, None, detail=gettext_noop("no answer before the deadline")))
