"""How long jobs take, from those of the same provider, model, length and resolution that succeeded last.

For the pump, which spreads its looks by it, and for pages, which say what to expect. Read at most once a minute a process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from django.db.models import F

from playground.catalog import roles
from playground.catalog.card import Card
from playground.jobs.models import DONE_STATES, Job

SAMPLE = 50
ENOUGH_FOR_TYPICAL, ENOUGH_FOR_TAILS = 3, 10
REMEMBERED_SECONDS = 60.0
MOST_REMEMBERED = 2000
# A stand-in is drawn in seconds, whatever the real model would take.
SANDBOX_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of a job's life. `typical` and `late` (the 90th percentile) from creation to the stored file; `early` and
    `tail` (10th and 90th) from the provider's acceptance to its success, None below ten jobs.
    """

    typical: float
    late: float
    is_measured: bool = False
    early: float | None = None
    tail: float | None = None


def timing_key(card: Card, payload: Mapping[str, Any]) -> str:
    """What a job's time depends on within its model: `<seconds>|<resolution>`, each empty where the card has no such field."""
    values = (roles.value_for(card, role, payload) for role in ("duration", "resolution"))
    return "|".join("" if value is None else str(value) for value in values)[:40]


def expected_seconds(is_sandbox: bool, typical_seconds: int) -> int:
    """What to expect while there is no history."""
    return SANDBOX_SECONDS if is_sandbox else typical_seconds


_remembered: dict[tuple[str, str, str], tuple[float, Timing]] = {}


def timing_of(job: Job) -> Timing:
    return timing_for(job.provider, job.model_id, job.timing_key, fallback=expected_seconds(job.is_sandbox, job.typical_seconds))


def timing_for(provider: str, model_id: str, key: str, *, fallback: float) -> Timing:
    """From the last 50 successes of all teams; `fallback` seconds while there are too few."""
    name = (provider, model_id, key)
    known = _remembered.get(name)
    if known and time.monotonic() - known[0] < REMEMBERED_SECONDS:
        return known[1]
    alike = Job.objects.filter(provider=provider, model_id=model_id, timing_key=key, finished_at__isnull=False)
    rows = list(
        alike.filter(state__in=DONE_STATES, submitted_at__lte=F("upstream_done_at"))
        .order_by("-finished_at")
        .values_list("created_at", "submitted_at", "upstream_done_at", "finished_at")[:SAMPLE]
    )
    lives = [(finished - created).total_seconds() for created, _, _, finished in rows if finished]
    waits = [(done - submitted).total_seconds() for _, submitted, done, _ in rows if done and submitted]
    timing = _timing(lives, waits, fallback)
    if len(_remembered) > MOST_REMEMBERED:
        _remembered.clear()
    _remembered[name] = (time.monotonic(), timing)
    return timing


def _timing(lives: Sequence[float], waits: Sequence[float], fallback: float) -> Timing:
    if len(lives) < ENOUGH_FOR_TYPICAL:
        return Timing(fallback, 2 * fallback)
    typical = max(1.0, median(lives))
    if len(lives) < ENOUGH_FOR_TAILS:
        return Timing(typical, 2 * typical)
    tenths = quantiles(waits, n=10)
    return Timing(typical, max(typical, quantiles(lives, n=10)[-1]), True, max(0.0, tenths[0]), tenths[-1])


def forget() -> None:
    """Empty this process's memory."""
    _remembered.clear()
