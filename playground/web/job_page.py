"""The facts of one job for its own page: settings, times, credits, and everything that happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from playground.accounts.models import Membership, Role
from playground.catalog.card import Card
from playground.jobs import upstreams
from playground.jobs.models import Attempt, Job, State
from playground.web.stage import card_of
from playground.web.tiles import model_title

_EVENTS = {
    "created": "Created, credits held",
    "submitted": "Accepted by the provider",
    "requeued": "Back in the queue",
    "in_doubt": "No clear answer: checking",
    "found": "The provider knows it after all",
    "unclaimed_id": "An answer came too late",
    "upstream_waiting": "Waiting at the provider",
    "upstream_queuing": "In the provider's queue",
    "upstream_generating": "Generating",
    "upstream_success": "Made; saving",
    "save_postponed": "Saving postponed",
    "save_failed": "Saving failed",
    "success": "Done, credits charged",
    "fail": "Ended without a clip, credits returned",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One event or attempt, in order of time."""

    at: datetime
    words: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    job: Job
    model_title: str
    has_model: bool
    provider: str
    by: str
    settings: Sequence[tuple[str, Any]]
    parent: Job | None
    prompt: str
    happened: Sequence[Fact]

    @property
    def is_cancellable(self) -> bool:
        return self.job.state == State.QUEUED


def facts_of(job: Job) -> Facts:
    card = card_of(job)
    payload = dict(job.payload)
    prompt = str(payload.pop("prompt", ""))
    return Facts(
        job=job,
        model_title=model_title(job),
        has_model=card is not None,
        provider=upstreams.provider_title(job.provider),
        by=f"Key {job.api_key.name}" if job.api_key else str(job.created_by or "Somebody who left"),
        settings=[_setting(card, name, value) for name, value in payload.items()],
        parent=job.parent,
        prompt=prompt,
        happened=_happened(job),
    )


def _setting(card: Card | None, name: str, value: Any) -> tuple[str, Any]:
    """Title and value, with the unit where the card has one."""
    unit = card.properties.get(name, {}).get("x-unit") if card else None
    return (card.field_title(name) if card else name), (f"{value} {unit}" if unit else value)


def _happened(job: Job) -> list[Fact]:
    events = [
        Fact(event.at, _EVENTS.get(event.kind, event.kind.replace("_", " ").capitalize()), event.detail) for event in job.events.all()
    ]
    attempts = [Fact(attempt.started_at, f"Attempt {attempt.number}", _outcome(attempt)) for attempt in job.attempts.all()]
    return sorted(events + attempts, key=lambda fact: fact.at)


def _outcome(attempt: Attempt) -> str:
    """The provider's id stands in the event that accepted it already."""
    detail = "" if attempt.outcome == "accepted" else attempt.detail
    return f"{attempt.outcome.replace('_', ' ')} {detail}".strip()


def may_cancel(job: Job, membership: Membership) -> bool:
    """One's own; owners and admins also the others' of the team."""
    if not membership.can_run:
        return False
    return job.created_by_id == membership.user_id or membership.role in (Role.OWNER, Role.ADMIN)
