"""Jobs put into a state by the services themselves, and a scripted provider for the pump."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from playground.accounts.models import Membership
from playground.jobs import services
from playground.jobs.models import Job, State
from playground.providers.base import Limits, Running, Snapshot, Submission
from tests.factories import make_job

LINK = "https://example.com/clip.mp4"
DONE = Snapshot("success", 1.0, result_links=(LINK,))


def submitting(owner: Membership, *, is_marked: bool = True, **changes: Any) -> Job:
    """A job that a pump holds and is just sending."""
    job = make_job(owner, **changes).job
    [claimed] = services.claim_for_submission([job.pk])
    if is_marked:
        services.mark_sent([claimed])
    return claimed


def running(owner: Membership, upstream_id: str = "", **changes: Any) -> Job:
    job = submitting(owner, **changes)
    assert services.record_upstream_id(job.pk, upstream_id or f"up-{job.pk.hex[:8]}")
    job.refresh_from_db()
    return job


def polled(job: Job) -> Job:
    """The job as a pump that is due to read it holds it."""
    services.make_due(job.pk)
    [claimed] = [found for found in services.claim_for_polling(100, [job.provider]) if found.pk == job.pk]
    return claimed


def saving(owner: Membership, **changes: Any) -> Job:
    job = running(owner, **changes)
    assert services.apply_snapshot(polled(job), DONE)
    job.refresh_from_db()
    return job


def state_of(job: Job) -> State:
    return State(Job.objects.values_list("state", flat=True).get(pk=job.pk))


def kinds_of(job: Job) -> list[str]:
    return list(job.events.values_list("kind", flat=True))


class Scripted:
    """A provider whose every answer is a function of the test."""

    name = "sandbox"
    title = "Scripted"
    makes_real_videos = False
    child_function: str | None = None
    child_options: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits(creates_per_10_seconds=1000, reads_per_second=1000, running=1000)
        self.submitted: list[str] = []
        self.on_submit: Callable[[Submission], str] = lambda submission: f"up-{submission.job_id}"
        self.on_poll: Callable[[Running], Snapshot] = lambda running: DONE
        self.on_collect: Callable[[str, Path], None] = lambda link, target: None

    async def submit(self, submission: Submission) -> str:
        self.submitted.append(submission.job_id)
        return self.on_submit(submission)

    async def poll(self, running: Running) -> Snapshot:
        return self.on_poll(running)

    async def aclose(self) -> None:
        """Nothing is open."""

    def collect(self, running: Running, link: str, target: Path) -> Sequence[str]:
        self.on_collect(link, target)
        return ()
