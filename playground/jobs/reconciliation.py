"""Do the providers take what we quoted? And what did they finish that nobody paid for?

Compared is the published price with what the provider's own record says it took, whatever a team pays. Queries only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from playground.core import clock
from playground.jobs.models import DONE_STATES, FailReason, Job, State

SAMPLE = 20
# Fewer jobs say nothing: one odd one would be a fifth of them.
FEWEST = 5
TOLERANCE_PERCENT = 5
MOST_LOSSES = 200


@dataclass(frozen=True, slots=True)
class Drift:
    """What one model's last jobs were quoted and came to, in thousandths of a credit."""

    gateway: str
    model_id: str
    jobs: int
    quoted_millicredits: int
    consumed_millicredits: int

    @property
    def difference_millicredits(self) -> int:
        return self.consumed_millicredits - self.quoted_millicredits

    @property
    def percent(self) -> float:
        """How much more was taken than quoted; where nothing was quoted, anything is all of it."""
        if not self.quoted_millicredits:
            return 100.0 if self.consumed_millicredits else 0.0
        return 100 * self.difference_millicredits / self.quoted_millicredits

    @property
    def is_off(self) -> bool:
        return self.jobs >= FEWEST and abs(self.percent) > TOLERANCE_PERCENT


@dataclass(frozen=True, slots=True)
class Loss:
    """A job that was paid back although the provider made it, or may have. `kind`: recovered, result_lost, timeout, in_doubt."""

    job: Job
    kind: str
    at: datetime
    consumed_millicredits: int | None

    @property
    def is_certain(self) -> bool:
        return self.kind in ("recovered", "result_lost")


def _compared(team_id: int | None) -> QuerySet[Job]:
    jobs = Job.objects.filter(
        mode="live", state__in=DONE_STATES, consumed_millicredits__isnull=False, list_price_millicredits__isnull=False
    )
    return jobs if team_id is None else jobs.filter(team_id=team_id)


def drift_of(gateway: str, model_id: str, *, team_id: int | None = None) -> Drift:
    """Of a model's last 20 jobs that were compared."""
    jobs = _compared(team_id).filter(provider=gateway, model_id=model_id)
    rows = list(jobs.order_by("-finished_at").values_list("list_price_millicredits", "consumed_millicredits")[:SAMPLE])
    return Drift(gateway, model_id, len(rows), sum(quoted or 0 for quoted, _ in rows), sum(taken or 0 for _, taken in rows))


def drifts(*, team_id: int | None = None, days: int = 60) -> list[Drift]:
    """Every model that ran live in the last days; those that are off most come first."""
    since = clock.now() - timedelta(days=days)
    models = _compared(team_id).filter(finished_at__gte=since).order_by().values_list("provider", "model_id").distinct()
    found = [drift_of(gateway, model_id, team_id=team_id) for gateway, model_id in models]
    return sorted(found, key=lambda drift: (-abs(drift.percent), drift.gateway, drift.model_id))


def _lost(team_id: int | None) -> QuerySet[Job]:
    """Paid back, and yet made: certainly, or for all that we know."""
    is_lost = Q(state=State.RECOVERED) | Q(
        state__in=(State.FAIL, State.RECOVERING), fail_reason__in=(FailReason.RESULT_LOST, FailReason.TIMEOUT, FailReason.IN_DOUBT)
    )
    jobs = Job.objects.filter(is_lost, mode="live")
    return jobs if team_id is None else jobs.filter(team_id=team_id)


def losses(*, team_id: int | None = None, limit: int = MOST_LOSSES) -> list[Loss]:
    """The operator's losses, newest first."""
    jobs = _lost(team_id).select_related("team").order_by("-finished_at", "-id")[:limit]
    return [Loss(job, _kind(job), job.finished_at or job.created_at, job.consumed_millicredits) for job in jobs]


def _kind(job: Job) -> str:
    return "recovered" if job.state == State.RECOVERED else job.fail_reason


@dataclass(frozen=True, slots=True)
class LossTotal:
    """How many jobs, and what the provider is known to have taken for them."""

    jobs: int
    consumed_millicredits: int


def loss_total(*, team_id: int | None = None) -> LossTotal:
    sums = _lost(team_id).aggregate(jobs=Count("pk"), consumed=Sum("consumed_millicredits"))
    return LossTotal(sums["jobs"], sums["consumed"] or 0)


def off(found: Sequence[Drift]) -> list[Drift]:
    return [drift for drift in found if drift.is_off]
