"""What a gallery tile shows of a job: one tile per stored take, or one while it is under way."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from playground.catalog import registry
from playground.jobs import history
from playground.jobs.models import DONE_STATES, Job, State, Take
from playground.web.context import Pulse
from playground.web.shapes import ratio_of
from playground.web.take_links import take_url, tile_id
from playground.web.words import Status, status_of

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
        return tile_id(self.job, self.take)

    @property
    def url(self) -> str:
        return take_url(self.take) if self.take else reverse("task", args=[self.job.pk])

    @property
    def is_favourite(self) -> bool:
        """As the gallery's query annotates it; a take that has only just come is nobody's favourite."""
        return bool(getattr(self.take, "is_favourite", False))

    @property
    def label(self) -> str:
        if self.take and self.take.index:
            return _("Take %(number)s, %(which)s") % {"number": self.job.number, "which": self.take.index + 1}
        return _("Take %(number)s") % {"number": self.job.number}

    @property
    def is_at_work(self) -> bool:
        """The tally light and the bar are for work that goes on, not for waiting or doubt."""
        return self.status.kind in (State.RUNNING, State.SAVING)

    @property
    def typical_seconds(self) -> int:
        return round(history.timing_of(self.job).typical)

    @property
    def duration_seconds(self) -> float:
        return ((self.take.video.duration_ms if self.take else None) or 0) / 1000

    @property
    def by(self) -> str:
        if self.job.api_key is not None:
            return _("Key: %(name)s") % {"name": self.job.api_key.name}
        return str(self.job.created_by or _("Somebody who left"))


def tiles_of(job: Job) -> list[Tile]:
    """Empty for a failed job and for one whose takes were all deleted."""
    if job.state in (State.FAIL, State.RECOVERING):
        return []
    takes: list[Take | None] = list(job.takes.all()) if job.state in DONE_STATES else [None]
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
