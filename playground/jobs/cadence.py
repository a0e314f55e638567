"""When to look at a job again.

With a history of its like: first shortly before the earliest tenth of them was done, then often until the last tenth,
then ever more rarely. Without one: first at 40 % of the usual time, then every 3 s growing to 30 s. Where an account's
reads are limited, the looks at all of its jobs are stretched until they fit; callbacks make up for what is stretched.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.conf import settings

from playground.jobs import history
from playground.jobs.models import Job

FIRST_SHARE = 0.4
SHORTEST_SECONDS = 3.0
LONGEST_SECONDS = 30.0
# Looks between the earliest and the last tenth.
LOOKS = 8
# The sandbox is in this very process: reading it costs nothing, and people are watching.
LOCAL_SECONDS = 0.5
IN_DOUBT_POLL_SECONDS = 20.0
SHORTEST_LATE_SECONDS, LONGEST_LATE_SECONDS = 60.0, 3600.0
# Seconds between two looks at one job by which the reads of its provider fit into the account's limit; the pump knows.
_crowding: dict[str, float] = {}


def set_crowding(provider: str, seconds: float) -> None:
    """How long a turn around all watched jobs of the provider takes."""
    _crowding[provider] = seconds


def forget() -> None:
    """Empty this process's memory."""
    _crowding.clear()


def first_poll_at(job: Job, now: datetime) -> datetime:
    if job.is_sandbox:
        return now + timedelta(seconds=LOCAL_SECONDS / settings.SANDBOX_SPEED)
    timing = history.timing_of(job)
    first = 0.9 * timing.early if timing.early is not None else job.typical_seconds * FIRST_SHARE
    return now + timedelta(seconds=_jittered(max(SHORTEST_SECONDS, first) * settings.POLL_FACTOR))


def next_poll_at(job: Job, now: datetime) -> datetime:
    if job.is_sandbox:
        return now + timedelta(seconds=LOCAL_SECONDS / settings.SANDBOX_SPEED)
    away = (now - (job.submitted_at or job.created_at)).total_seconds()
    timing = history.timing_of(job)
    if timing.early is not None and timing.tail is not None and away < timing.tail:
        wait = (timing.tail - timing.early) / LOOKS
    else:
        wait = away / 10
    wait = min(LONGEST_SECONDS, max(SHORTEST_SECONDS, wait)) * settings.POLL_FACTOR
    return now + timedelta(seconds=_jittered(max(wait, _crowding.get(job.provider, 0.0))))


def next_late_poll_at(job: Job, now: datetime) -> datetime:
    """For a job that was given up: a tenth of the time since it was sent, from a minute to an hour."""
    away = (now - (job.submitted_at or job.created_at)).total_seconds()
    wait = min(LONGEST_LATE_SECONDS, max(SHORTEST_LATE_SECONDS, away / 10))
    return now + timedelta(seconds=_jittered(wait * settings.POLL_FACTOR))


def deadline_seconds(job: Job) -> float:
    return settings.DEADLINE_SECONDS or job.deadline_seconds


def _jittered(seconds: float) -> float:
    return seconds * random.uniform(0.85, 1.15)  # noqa: S311  (spreads load, protects nothing)
