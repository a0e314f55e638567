"""The Tasks page's rows and what they unfold to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission, allows
from playground.catalog.roles import field_for
from playground.core.money import format_credits, to_credits
from playground.jobs import tasklist, upstreams
from playground.jobs.models import Job, State, Take
from playground.web.failures import Failure, failure_of
from playground.web.job_page import Facts, facts_of, may_cancel
from playground.web.ledger import title_of
from playground.web.stage import card_of
from playground.web.taskfilters import SOURCES
from playground.web.tiles import Tile
from playground.web.words import Status, status_of
from playground.webhooks.models import Delivery

CSV_HEADING = (
    "created", "status", "task", "take", "provider", "model", "by", "key", "source", "queue seconds", "generate seconds", "held",
    "charged", "finished", "failure", "prompt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """A step's time: `seconds` when it is over, `since` while it goes on, neither where it never began."""

    seconds: float | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    job: Job
    take: Take | None
    status: Status
    prompt: str
    model_title: str
    queue: Span
    generate: Span
    is_new: bool = False

    @property
    def by(self) -> str:
        return Tile(self.job, None, self.status, "", "", "").by

    @property
    def source(self) -> str:
        return SOURCES.get(self.job.source, self.job.source.capitalize())

    @property
    def is_at_work(self) -> bool:
        return self.status.kind in (State.RUNNING, State.SAVING)

    @property
    def typical_seconds(self) -> int:
        return Tile(self.job, None, self.status, "", "", "").typical_seconds

    @property
    def is_returned(self) -> bool:
        return self.job.is_final and self.job.state != State.SUCCESS

    @property
    def credits(self) -> str:
        """`35 held`, `35`, `0, 35 returned`, `Free`."""
        job = self.job
        if job.price_millicredits == 0:
            return _("Free")
        if not job.is_final:
            return _("%(credits)s held") % {"credits": format_credits(job.price_millicredits)}
        if self.is_returned:
            return _("0, %(credits)s returned") % {"credits": format_credits(job.price_millicredits)}
        return format_credits(job.charged_millicredits or 0)


def row_of(job: Job, *, is_new: bool = False) -> Row:
    card = card_of(job)
    prompt = str(job.payload.get((field_for(card, "prompt") if card else None) or "prompt") or "")
    queue, generate = spans_of(job)
    take = next(iter(job.takes.all()), None)
    return Row(job, take, status_of(job), prompt, title_of(job.gateway, job.model_id), queue, generate, is_new)


def rows_of(jobs: Iterable[Job]) -> list[Row]:
    return [row_of(job) for job in jobs]


def spans_of(job: Job) -> tuple[Span, Span]:
    """From the order until it is being made, and from then until it is made. What nobody saw begin has no time."""
    began, made = job.generating_at, job.upstream_done_at or job.finished_at
    if began is None:
        if not job.is_final:
            return Span(since=job.created_at), Span()
        return Span(_seconds(job.created_at, made)) if job.state != State.SUCCESS else Span(), Span()
    generate = Span(since=began) if made is None and not job.is_final else Span(_seconds(began, made))
    return Span(_seconds(job.created_at, began)), generate


def _seconds(start: datetime, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if end else None


@dataclass(frozen=True, slots=True)
class Details:
    """What a row unfolds to. `failure` is None for what did not fail."""

    job: Job
    facts: Facts
    failure: Failure | None
    deliveries: Sequence[Delivery]
    may_cancel: bool
    may_run: bool
    has_model: bool


def details_of(job: Job, membership: Membership) -> Details:
    has_failed = job.state in (State.FAIL, State.RECOVERING)
    deliveries = Delivery.objects.filter(team_id=job.team_id, job_id=job.pk).order_by("created_at", "pk")
    return Details(
        job=job,
        facts=facts_of(job, membership),
        failure=failure_of(job, upstreams.provider_title(job.provider)) if has_failed else None,
        deliveries=list(deliveries),
        may_cancel=job.state == State.QUEUED and may_cancel(job, membership),
        may_run=allows(membership.role, Permission.RUN),
        has_model=card_of(job) is not None,
    )


def csv_rows(team_id: int, mode: str, wanted: tasklist.Filter) -> Iterator[tuple[Any, ...]]:
    """The heading, then one row per task, read while they are written. In English: programs read it."""
    yield CSV_HEADING
    for job in tasklist.stream(team_id, mode, wanted):
        with translation.override("en"):
            row = _csv_row(job)
        yield row


def _csv_row(job: Job) -> tuple[Any, ...]:
    row = row_of(job)
    return (
        job.created_at,
        row.status.label,
        job.pk.hex,
        job.number,
        job.gateway,
        job.model_id,
        job.created_by,
        job.api_key.name if job.api_key else None,
        row.source,
        _whole(row.queue),
        _whole(row.generate),
        to_credits(job.price_millicredits),
        to_credits(job.charged_millicredits) if job.charged_millicredits is not None else None,
        job.finished_at,
        job.fail_message or job.fail_reason or None,
        row.prompt,
    )


def _whole(span: Span) -> int | None:
    return None if span.seconds is None else round(span.seconds)
