"""The fixed words for a job's state; the API's words stay in `wire`."""

from __future__ import annotations

from typing import NamedTuple

from playground.jobs.models import FailReason, Job, State


class Status(NamedTuple):
    """`kind` chooses the icon of components/_status.html, `label` is what people read."""

    kind: str
    label: str


def status_of(job: Job) -> Status:
    """Upstream `waiting` and `queuing`, and every word we do not know, mean that it has not begun there."""
    if job.state == State.FAIL and job.fail_reason == FailReason.CANCELLED:
        return Status("cancelled", "Cancelled")
    if job.state == State.RUNNING and job.upstream_state != "generating":
        return Status("queued", "In the queue")
    if job.state == State.SUBMITTING:
        return Status("queued", "Waiting")
    return Status(job.state, State(job.state).label)
