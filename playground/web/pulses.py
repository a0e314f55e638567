"""The heartbeat's address: which jobs a page shows, in which version, on which surfaces; and how soon to ask again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from playground.core import clock
from playground.jobs import history
from playground.jobs.models import Job, State
from playground.web.context import Pulse

MOST_JOBS = 60
# Of the usual time, while nobody knows how the earliest tenth of such jobs did.
EARLIEST_SHARE = 0.4
SURFACES = ("stage", "strip", "reply", "load", "facts", "tiles", "compare", "rows", "newrows")


@dataclass(frozen=True, slots=True)
class Ask:
    """A parsed heartbeat. `watched` is the job on the stage, `model` the page's (gateway, id)."""

    versions: dict[UUID, int]
    surfaces: tuple[str, ...]
    watched: UUID | None
    model: tuple[str, str] | None
    mode: str
    scope: str
    seconds: int

    def url(self, jobs: Iterable[Job], seconds: int) -> str:
        query = {
            "j": ",".join(f"{job.pk.hex}:{job.version}" for job in jobs),
            "on": ",".join(self.surfaces),
            "w": self.watched.hex if self.watched else "",
            "m": "/".join(self.model) if self.model else "",
            "mode": self.mode,
            "scope": self.scope,
            "s": seconds,
        }
        return f"{reverse('live')}?{urlencode({name: value for name, value in query.items() if value}, safe=',:/')}"


def ask_of(request: HttpRequest, default_mode: str) -> Ask:
    """Tolerant: what cannot be read is left out."""
    given = request.GET
    gateway, _, model_id = given.get("m", "").partition("/")
    mode = given.get("mode", "")
    pairs = [part.partition(":") for part in given.get("j", "")[:8000].split(",")[:MOST_JOBS]]
    versions = {job_id: int(version) for text, _, version in pairs if (job_id := _uuid(text)) and version.isdigit() and len(version) < 10}
    return Ask(
        versions=versions,
        surfaces=tuple(surface for surface in SURFACES if surface in given.get("on", "").split(",")),
        watched=_uuid(given.get("w", "")),
        model=(gateway, model_id) if model_id else None,
        mode=mode if mode in ("test", "live") else default_mode,
        scope="team" if given.get("scope") == "team" else "mine",
        seconds=int(given["s"]) if given.get("s", "").isdigit() and len(given["s"]) < 4 else 0,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in (32, 36) else None
    except ValueError:
        return None


def pulse_for(ask: Ask, jobs: list[Job]) -> Pulse | None:
    """The page's next heartbeat; None ends it."""
    unfinished = [job for job in jobs if not job.is_final][:MOST_JOBS]
    if not unfinished:
        return None
    seconds = seconds_until_next(unfinished)
    return Pulse(ask.url(unfinished, seconds), seconds)


def seconds_until_next(jobs: Iterable[Job]) -> int:
    """By the most urgent: what was just begun, and what may be done any moment. What this machine draws is cheap to ask for."""
    return min(1 if job.is_sandbox or _may_end_any_moment(job) else _by_age(_age_of(job)) for job in jobs)


def _may_end_any_moment(job: Job) -> bool:
    if job.state != State.RUNNING:
        return job.state == State.SAVING
    timing = history.timing_of(job)
    earliest = EARLIEST_SHARE * timing.typical if timing.early is None else timing.early
    return earliest <= _age_of(job) <= timing.late


def _age_of(job: Job) -> float:
    return (clock.now() - job.created_at).total_seconds()


def _by_age(seconds: float) -> int:
    return 1 if seconds < 10 else 2 if seconds < 60 else 4 if seconds < 300 else 10
