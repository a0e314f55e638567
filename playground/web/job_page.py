"""The facts of one job for its own page: settings, times, credits, and everything that happened to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission, allows
from playground.catalog.card import Card
from playground.jobs import queries, upstreams
from playground.jobs.models import Attempt, Job, State
from playground.web.stage import card_of
from playground.web.tiles import model_title
from playground.web.words import translated

_EVENTS = {
    "files_sent": gettext_lazy("Input files given to the provider"),
    "files_postponed": gettext_lazy("Input files not taken yet"),
    "submitted": gettext_lazy("Accepted by the provider"),
    "adopted": gettext_lazy("Found by a callback, and proved to be ours"),
    "candidate_refused": gettext_lazy("A callback named a task that is not ours"),
    "requeued": gettext_lazy("Back in the queue"),
    "in_doubt": gettext_lazy("No clear answer: checking"),
    "unclaimed_id": gettext_lazy("An answer came too late"),
    "upstream_waiting": gettext_lazy("Waiting at the provider"),
    "upstream_queuing": gettext_lazy("In the provider's queue"),
    "upstream_generating": gettext_lazy("Generating"),
    "upstream_success": gettext_lazy("Made; saving"),
    "save_postponed": gettext_lazy("Saving postponed"),
    "save_failed": gettext_lazy("Saving failed"),
    "success": gettext_lazy("Done, credits charged"),
    "fail": gettext_lazy("Ended without a clip, credits returned"),
    "recovering": gettext_lazy("Asking the provider once more"),
    "recovered": gettext_lazy("Arrived after all, free"),
    "recovery_over": gettext_lazy("Nothing came"),
}


_OUTCOMES = {
    "accepted": gettext_lazy("accepted"),
    "adopted": gettext_lazy("adopted"),
    "in_doubt": gettext_lazy("in doubt"),
    "never_sent": gettext_lazy("never sent"),
    "refused": gettext_lazy("refused"),
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
    children: Sequence[Job]
    remixes: Sequence[Job]
    prompt: str
    sent: str
    raw_reply: str
    happened: Sequence[Fact]

    @property
    def is_cancellable(self) -> bool:
        return self.job.state == State.QUEUED


def facts_of(job: Job, membership: Membership) -> Facts:
    card = card_of(job)
    payload = dict(job.payload)
    prompt = str(payload.pop("prompt", ""))
    return Facts(
        job=job,
        model_title=model_title(job),
        has_model=card is not None,
        provider=upstreams.provider_title(job.provider),
        by=_("Key %(name)s") % {"name": job.api_key.name} if job.api_key else str(job.created_by or _("Somebody who left")),
        settings=[_setting(card, name, value) for name, value in payload.items()],
        parent=job.parent,
        children=queries.continued_by(job),
        remixes=queries.remixes_of(job),
        prompt=prompt,
        sent=_sent(job),
        raw_reply=_pretty(job.raw_reply) if allows(membership.role, Permission.PROVIDERS) else "",
        happened=_happened(job),
    )


def _sent(job: Job) -> str:
    """What left the house in the latest try, with the line that it was sent by; empty where nothing has, and for the sandbox."""
    attempt = job.attempts.exclude(sent_at=None).order_by("-number").first()
    call = upstreams.call_of(job, attempt) if attempt else None
    if call is None:
        return ""
    line = f"{call.method} {call.path}" + (f"?{urlencode(call.params)}" if call.params else "")
    return line if call.body is None else f"{line}\n\n{json.dumps(call.body, indent=2, ensure_ascii=False)}"


def _pretty(reply: str) -> str:
    """A reply as it came, indented if it is JSON."""
    try:
        return json.dumps(json.loads(reply), indent=2, ensure_ascii=False)
    except ValueError:
        return reply


def _setting(card: Card | None, name: str, value: Any) -> tuple[str, Any]:
    """Title and value, with the unit where the card has one."""
    unit = card.properties.get(name, {}).get("x-unit") if card else None
    return (card.field_title(name) if card else name), (f"{value} {unit}" if unit else value)


def _happened(job: Job) -> list[Fact]:
    created = Fact(job.created_at, _("Created, credits held"))
    events = [
        Fact(event.at, str(_EVENTS.get(event.kind, event.kind.replace("_", " ").capitalize())), translated(event.detail))
        for event in job.events.all()
    ]
    attempts = [
        Fact(attempt.started_at, _("Attempt %(number)s") % {"number": attempt.number}, _outcome(attempt)) for attempt in job.attempts.all()
    ]
    return sorted([created, *events, *attempts], key=lambda fact: fact.at)


def _outcome(attempt: Attempt) -> str:
    """The provider's id stands in the event that accepted it already."""
    detail = "" if attempt.outcome == "accepted" else attempt.detail
    outcome = _OUTCOMES.get(attempt.outcome, attempt.outcome.replace("_", " "))
    return f"{outcome} {translated(detail)}".strip()


def may_cancel(job: Job, membership: Membership) -> bool:
    """One's own; owners and admins also the others' of the team."""
    is_own = job.created_by_id == membership.user_id
    return allows(membership.role, Permission.RUN if is_own else Permission.ALL_TASKS)
