"""Jobs put into a state by the services themselves, and a scripted provider for the pump."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.test import override_settings

from playground.accounts.models import Membership
from playground.core.clock import to_ms
from playground.jobs import calling, services
from playground.jobs.models import Job, State
from playground.providers.base import Echo, FileHost, Limits, Provider, Running, Snapshot, Submission
from tests.factories import make_job

LINK = "https://example.com/clip.mp4"
DONE = Snapshot("success", 1.0, result_links=(LINK,))
NO_LIMITS = {name: Limits(0, 0, 0) for name in ("sandbox", "kie", "modkie")}


def submitting(owner: Membership, *, is_marked: bool = True, **changes: Any) -> Job:
    """A job that a pump holds and is just sending."""
    claimed = claim(make_job(owner, **changes).job)
    if is_marked:
        mark(claimed)
    return claimed


def claim(job: Job) -> Job:
    """The queued job as the pump that sends it holds it; every other queued job is put off meanwhile."""
    others = Job.objects.filter(state=State.QUEUED).exclude(pk=job.pk)
    put_off = dict(others.values_list("pk", "is_waiting_for_files"))
    others.update(is_waiting_for_files=True)
    with override_settings(TEAM_RUNNING_CAP=10**6):
        [claimed] = services.claim_for_submission(NO_LIMITS, most=1)
    for job_id, was_waiting in put_off.items():
        Job.objects.filter(pk=job_id).update(is_waiting_for_files=was_waiting)
    return claimed


def mark(job: Job, **kept: Any) -> list[Job]:
    return services.mark_sent([services.Departure(job, **kept)])


def echo_of(job: Job, **changes: Any) -> Echo:
    """What the provider's record shows of a request that is the job's own."""
    sent_at = job.attempts.latest("number").sent_at
    assert sent_at is not None
    shown: dict[str, Any] = {"model": job.model_id, "input": job.payload, "created_ms": (to_ms(sent_at) + 1000,)}
    return Echo(**(shown | changes))


def running(owner: Membership, upstream_id: str = "", **changes: Any) -> Job:
    job = submitting(owner, **changes)
    assert services.record_upstream_id(job.pk, upstream_id or f"up-{job.pk.hex[:8]}")
    job.refresh_from_db()
    return job


def polled(job: Job) -> Job:
    """The job as a pump that is due to read it holds it."""
    services.hint(job.pk)
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


def look(provider: Provider, name: str = "sandbox") -> int:
    """What a pump's look at every due job comes to; how many there were."""
    jobs = services.claim_for_polling(100, [name])
    for job in jobs:
        asyncio.run(calling.poll(provider, job)).settlement.write()
    return len(jobs)


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
        self.on_balance: Callable[[], int | None] = lambda: None
        self.on_collect: Callable[[str, Path], None] = lambda link, target: None

    async def submit(self, submission: Submission) -> str:
        self.submitted.append(submission.job_id)
        return self.on_submit(submission)

    async def poll(self, running: Running) -> Snapshot:
        return self.on_poll(running)

    def file_host(self) -> FileHost | None:
        return None

    async def balance(self) -> int | None:
        return self.on_balance()

    async def aclose(self) -> None:
        """Nothing is open."""

    def collect(self, running: Running, link: str, target: Path) -> Sequence[str]:
        self.on_collect(link, target)
        return ()
