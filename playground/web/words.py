"""The fixed words for a job's state; the API's words stay in `wire`."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _

from playground.jobs.models import FailReason, Job, State


class Status(NamedTuple):
    """`kind` chooses the icon of components/_status.html, `label` is what people read."""

    kind: str
    label: str


def translated(stored: str) -> str:
    """A sentence of ours that is stored in English, for whoever reads it; other people's words as they are."""
    return _(stored) if stored else ""


def status_of(job: Job) -> Status:
    """Upstream `waiting` and `queuing`, and every word we do not know, mean that it has not begun there."""
    if job.state == State.FAIL and job.fail_reason == FailReason.CANCELLED:
        return Status("cancelled", _("Cancelled"))
    if job.state == State.RECOVERING:
        return Status(State.FAIL, _("Failed"))
    if job.state == State.RUNNING and job.upstream_state != "generating":
        return Status("queued", _("In the queue"))
    if job.state == State.SUBMITTING:
        return Status("queued", _("Waiting"))
    return Status(job.state, str(State(job.state).label))
