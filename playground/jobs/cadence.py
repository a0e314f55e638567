"""When to look at a job again. First at 40 % of the usual time, then every 3 s growing to 30 s, with jitter."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.conf import settings

from playground.jobs.models import Job

FIRST_SHARE = 0.4
SHORTEST_SECONDS = 3.0
LONGEST_SECONDS = 30.0
# The sandbox is in this very process: reading it costs nothing, and people are watching.
LOCAL_SECONDS = 0.5
IN_DOUBT_POLL_SECONDS = 20.0


def first_poll_at(job: Job, now: datetime) -> datetime:
    if job.is_sandbox:
        return now + timedelta(seconds=LOCAL_SECONDS / settings.SANDBOX_SPEED)
    return now + timedelta(seconds=_jittered(max(SHORTEST_SECONDS, job.typical_seconds * FIRST_SHARE) * settings.POLL_FACTOR))


def next_poll_at(job: Job, now: datetime) -> datetime:
    """Later and later: a tenth of the time that the job has been away, within the bounds."""
    if job.is_sandbox:
        return now + timedelta(seconds=LOCAL_SECONDS / settings.SANDBOX_SPEED)
    away = (now - (job.submitted_at or job.created_at)).total_seconds()
    wait = min(LONGEST_SECONDS, max(SHORTEST_SECONDS, away / 10))
    return now + timedelta(seconds=_jittered(wait * settings.POLL_FACTOR))


def deadline_seconds(job: Job) -> float:
    return settings.DEADLINE_SECONDS or job.deadline_seconds


def _jittered(seconds: float) -> float:
    return seconds * random.uniform(0.85, 1.15)  # noqa: S311  (spreads load, protects nothing)
