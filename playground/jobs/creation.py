"""The door through which every job comes: the page, the API and the command line all call `create_job`.

This is a hot path: few, flat queries, all of them in one transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from playground import flatsql
from playground.accounts.services import Mode
from playground.catalog import registry
from playground.catalog.card import Card
from playground.catalog.pricing import Quote
from playground.core import ids
from playground.core.failpoints import failpoint
from playground.credits import services as ledger
from playground.jobs import upstreams, wakeup
from playground.jobs.assessment import Assessment, assess
from playground.jobs.callback_urls import callback_problems
from playground.jobs.errors import (
    FormOutdated,
    IdempotencyConflict,
    InvalidInput,
    ModelRetired,
    ModeUnavailable,
    PriceChanged,
    QueueFull,
    Unpriced,
)
from playground.jobs.looking import look_at
from playground.jobs.models import Event, Job, State, TeamCounter
from playground.media import uploads

LONGEST_FORMULA = 200


@dataclass(frozen=True, slots=True)
class NewJob:
    """A request for a job. `idempotency_scope` says whose key it is ("key:7", "user:3").

    `expected_*` are what a page showed; None where nobody was shown anything (API).
    """

    team_id: int
    mode: Mode
    model_id: str
    payload: Mapping[str, Any]
    source: str
    gateway: str | None = None
    user_id: int | None = None
    key_id: int | None = None
    callback_url: str = ""
    idempotency_scope: str = ""
    idempotency_key: str = ""
    expected_millicredits: int | None = None
    expected_card_version: str | None = None


@dataclass(frozen=True, slots=True)
class CreatedJob:
    """`is_new` is False when an idempotency key led to a job that exists."""

    job: Job
    is_new: bool


def create_job(new: NewJob) -> CreatedJob:
    """Validate, price, hold and enqueue in one transaction; then poke the queue.

    Safe to call twice with an idempotency key. Raises JobError, InsufficientCredits or UnknownModel, with nothing written.
    """
    card = registry.get(new.model_id, new.gateway)
    payload_json = json.dumps(new.payload, ensure_ascii=False, separators=(",", ":"))
    request_hash = hashlib.sha256(f"{card.gateway}\n{card.id}\n{payload_json}\n{new.callback_url}".encode("utf-8", "replace")).hexdigest()
    if new.idempotency_key and (found := _same_request(new, request_hash)):
        return CreatedJob(found, is_new=False)
    assessed, quote = _assessed(card, new)
    account_id = ledger.account_id_for(new.team_id, new.mode)
    try:
        with transaction.atomic():
            job = _write(new, card, assessed, quote, account_id, payload_json, request_hash)
            transaction.on_commit(_poke)
    except (IntegrityError, QueueFull):
        # Two requests with one key at the same moment: the loser finds the winner's job, even if that filled the queue.
        if new.idempotency_key and (found := _same_request(new, request_hash)):
            return CreatedJob(found, is_new=False)
        raise
    return CreatedJob(job, is_new=True)


def _poke() -> None:
    failpoint("create.committed")
    wakeup.poke()


def _same_request(new: NewJob, request_hash: str) -> Job | None:
    sql = "SELECT id FROM jobs_job WHERE team_id = %s AND mode = %s AND idempotency_scope = %s AND idempotency_key = %s"
    job_id = flatsql.value(sql, [new.team_id, new.mode, new.idempotency_scope, new.idempotency_key])
    if job_id is None:
        return None
    found = Job.objects.get(pk=job_id)
    if found.request_hash != request_hash:
        raise IdempotencyConflict
    return found


def _assessed(card: Card, new: NewJob) -> tuple[Assessment, Quote]:
    if not card.is_live:
        raise ModelRetired(f"{card.title} is no longer offered.")
    assessed = assess(card, new.payload, team_id=new.team_id, mode=new.mode, with_hints=False)
    problems = [*assessed.problems, *(callback_problems(new.callback_url) if new.callback_url else ())]
    if problems:
        raise InvalidInput(problems)
    if new.mode == "live":
        if not upstreams.is_live_available(card.gateway):
            raise ModeUnavailable(f"Live mode needs a key for {upstreams.provider_title(card.gateway)}.")
        assessed = _with_every_file_seen(card, new, assessed)
    quote = assessed.quote
    if quote is None:
        raise Unpriced(f"Nobody publishes a price for {card.title}.")
    if new.expected_card_version not in (None, card.version):
        raise FormOutdated(f"{card.title} has changed since this form was made.")
    if new.expected_millicredits is not None and quote.hold_millicredits > new.expected_millicredits:
        raise PriceChanged(new.expected_millicredits, quote.hold_millicredits)
    return assessed, quote


def _with_every_file_seen(card: Card, new: NewJob, assessed: Assessment) -> Assessment:
    """In live mode nobody pays for a file that cannot be had, and a length that can be measured is no range."""
    if not assessed.unseen:
        return assessed
    look_at(assessed.unseen, team_id=new.team_id)
    assessed = assess(card, new.payload, team_id=new.team_id, mode=new.mode, with_hints=False)
    if assessed.problems:
        raise InvalidInput(assessed.problems)
    return assessed


def _write(new: NewJob, card: Card, assessed: Assessment, quote: Quote, account_id: int, payload_json: str, request_hash: str) -> Job:
    if _queue_length(new.team_id, new.mode) >= settings.TEAM_QUEUE_CAP:
        raise QueueFull(settings.TEAM_QUEUE_CAP)
    job = Job(
        id=ids.new_id(),
        team_id=new.team_id,
        mode=new.mode,
        number=_next_number(new.team_id, new.mode),
        created_by_id=new.user_id,
        api_key_id=new.key_id,
        source=new.source,
        gateway=card.gateway,
        model_id=card.id,
        card_version=card.version,
        provider=upstreams.provider_name(card.gateway, new.mode),
        payload_json=payload_json,
        typical_seconds=card.typical_seconds,
        deadline_seconds=card.deadline_seconds,
        price_millicredits=quote.hold_millicredits,
        price_min_millicredits=quote.min_millicredits,
        price_formula=quote.formula[:LONGEST_FORMULA],
        own_price_id=assessed.own_price_id,
        parent_id=assessed.parent_id,
        usd_per_credit=settings.USD_PER_CREDIT,
        callback_url=new.callback_url,
        idempotency_scope=new.idempotency_scope if new.idempotency_key else "",
        idempotency_key=new.idempotency_key,
        request_hash=request_hash,
    )
    flatsql.insert(job)
    ledger.hold(account_id=account_id, job_id=job.pk, millicredits=quote.hold_millicredits)
    if assessed.files:
        uploads.mark_used(new.team_id, [file.url for file in assessed.files])
    flatsql.insert(Event(job=job, kind="created", to_state=State.QUEUED))
    return job


def _queue_length(team_id: int, mode: Mode) -> int:
    queued = "SELECT COUNT(*) FROM jobs_job WHERE team_id = %s AND mode = %s AND state = 'queued'"
    count: int = flatsql.value(queued, [team_id, mode])
    return count


def _next_number(team_id: int, mode: Mode) -> int:
    team_and_mode = [team_id, mode]
    # The UPDATE locks the row, so that the number read next is ours alone.
    increment = "UPDATE jobs_teamcounter SET last_number = last_number + 1 WHERE team_id = %s AND mode = %s"
    if not flatsql.execute(increment, team_and_mode):
        TeamCounter.objects.get_or_create(team_id=team_id, mode=mode)
        flatsql.execute(increment, team_and_mode)
    number: int = flatsql.value("SELECT last_number FROM jobs_teamcounter WHERE team_id = %s AND mode = %s", team_and_mode)
    return number
