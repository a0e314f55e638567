"""What a gallery tile shows of a job: one tile per stored take, or one while it is under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from playground.catalog import registry
from playground.jobs.models import Job, State, Take
from playground.web.context import Pulse
from playground.web.shapes import ratio_of
from playground.web.usual import expected_seconds
from playground.web.words import Status, status_of

COUNT_MAXIMUM = 1000
PULSE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Tile:
    job: Job
    take: Take | None
    status: Status
    prompt: str
    model_title: str
    ratio: str

    @property
    def element_id(self) -> str:
        """The first take keeps the running job's id, so that the finished tile replaces it in place."""
        return f"t-{self.take.pk}" if self.take and self.take.index else f"t-{self.job.pk}"

    @property
    def is_at_work(self) -> bool:
        """The tally light and the bar are for work that goes on, not for waiting or doubt."""
        return self.status.kind in (State.RUNNING, State.SAVING)

    @property
    def typical_seconds(self) -> int:
        return expected_seconds(self.job.mode, self.job.typical_seconds)

    @property
    def duration_seconds(self) -> float:
        return ((self.take.video.duration_ms if self.take else None) or 0) / 1000

    @property
    def by(self) -> str:
        if self.job.api_key is not None:
            return f"Key: {self.job.api_key.name}"
        return str(self.job.created_by or "Somebody who left")


def tiles_of(job: Job) -> list[Tile]:
    """Empty for a failed job and for one whose takes were all deleted."""
    if job.state == State.FAIL:
        return []
    takes: list[Take | None] = list(job.takes.all()) if job.state == State.SUCCESS else [None]
    payload = job.payload
    prompt = str(payload.get("prompt") or "")
    return [Tile(job, take, status_of(job), prompt, model_title(job), ratio_of(take, job)) for take in takes]


def model_title(job: Job) -> str:
    """A card may be gone while its takes stay; then the id has to do."""
    try:
        return registry.get(job.model_id, job.gateway).title
    except registry.UnknownModel:
        return job.model_id


def pulse_for(jobs: list[Job], scope: str) -> Pulse | None:
    """The heartbeat of a gallery page; None when nothing on it is under way."""
    under_way = [job for job in jobs if not job.is_final]
    if not under_way:
        return None
    shown = ",".join(f"{job.pk}:{job.version}" for job in under_way)
    return Pulse(f"{reverse('live')}?j={shown}&on=tiles&scope={scope}", PULSE_SECONDS)


@dataclass(frozen=True, slots=True)
class Total:
    takes: int
    charged_millicredits: int
    is_capped: bool = False


def day_totals(team_id: int, mode: str, user_id: int | None, jobs: list[Job]) -> dict[Any, Total]:
    """Takes and credits of every day that the given jobs touch, by the viewer's calendar: whole days, not the page's part."""
    if not jobs:
        return {}
    zone = timezone.get_current_timezone()
    days = [timezone.localtime(job.created_at).date() for job in jobs]
    start = datetime.combine(min(days), time.min, zone)
    end = datetime.combine(max(days) + timedelta(days=1), time.min, zone)
    rows = (
        _shown(team_id, mode, user_id)
        .filter(created_at__gte=start, created_at__lt=end)
        .annotate(day=TruncDate("created_at", tzinfo=zone))
        .values("day")
        .annotate(takes=Count("pk"), charged=Sum("charged_millicredits"))
        .order_by()
    )
    return {row["day"]: Total(row["takes"], row["charged"] or 0) for row in rows}


def total(team_id: int, mode: str, user_id: int | None) -> Total:
    """Counted up to a thousand: nobody reads more, and the whole table is not walked for one line."""
    newest = _shown(team_id, mode, user_id).order_by("-created_at", "-id")[: COUNT_MAXIMUM + 1]
    charges = list(newest.values_list("charged_millicredits", flat=True))
    if len(charges) > COUNT_MAXIMUM:
        return Total(COUNT_MAXIMUM, 0, is_capped=True)
    return Total(len(charges), sum(charge or 0 for charge in charges))


def _shown(team_id: int, mode: str, user_id: int | None) -> Any:
    jobs = Job.objects.filter(team_id=team_id, mode=mode, state=State.SUCCESS)
    return jobs.filter(created_by_id=user_id) if user_id is not None else jobs
