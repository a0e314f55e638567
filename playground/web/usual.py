"""How long a model usually takes and how often it succeeds, from the team's own jobs of the last seven days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from playground.catalog.card import Card
from playground.core import clock
from playground.jobs.history import expected_seconds
from playground.jobs.models import FailReason, Job, State

DAYS, SAMPLE = 7, 50
ENOUGH_FOR_TYPICAL, ENOUGH_FOR_LATE, ENOUGH_TO_PRINT = 3, 10, 20


@dataclass(frozen=True, slots=True)
class Usual:
    """`late_seconds` is where "longer than usual" begins; `is_measured` says that it is the 90th percentile."""

    typical_seconds: float
    late_seconds: float
    is_measured: bool = False
    success_share: float | None = None


def usual_for(team_id: int, mode: str, card: Card) -> Usual:
    """From the last 50 jobs; the card's own number until there are a few. Shares are hidden below 20 jobs."""
    rows = list(
        Job.objects.filter(team_id=team_id, mode=mode, gateway=card.gateway, model_id=card.id)
        .filter(state__in=[State.SUCCESS, State.FAIL], created_at__gte=clock.now() - timedelta(days=DAYS))
        .exclude(fail_reason=FailReason.CANCELLED)
        .order_by("-created_at")
        .values_list("state", "created_at", "finished_at")[:SAMPLE]
    )
    return usual_from(rows, expected_seconds(mode == "test", card.typical_seconds))


def usual_from(rows: Sequence[tuple[str, datetime, datetime | None]], fallback: float) -> Usual:
    """From the ended jobs of one model, (state, created, finished), cancelled ones apart."""
    times = [(ended - began).total_seconds() for state, began, ended in rows if state == State.SUCCESS and ended]
    share = len(times) / len(rows) if len(rows) >= ENOUGH_TO_PRINT else None
    return _from_times(times, fallback, share)


def _from_times(times: Sequence[float], fallback: float, share: float | None) -> Usual:
    if len(times) < ENOUGH_FOR_TYPICAL:
        return Usual(fallback, 2 * fallback, success_share=share)
    typical = max(1.0, median(times))
    if len(times) < ENOUGH_FOR_LATE:
        return Usual(typical, 2 * typical, success_share=share)
    return Usual(typical, max(typical, quantiles(times, n=10)[-1]), is_measured=True, success_share=share)
