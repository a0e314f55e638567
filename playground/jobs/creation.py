"""The door through which every job comes: the page, the API and the command line all call `create_job`.

This is a hot path: few, flat queries, all of them in one transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from playground import flatsql
from playground.accounts.models import Mode
from playground.catalog import pricing, registry
from playground.catalog.card import Card
from playground.catalog.pricing import Quote
from playground.core import ids
from playground.core.failpoints import failpoint
from playground.credits import services as ledger
from playground.credits import spending
from playground.credits.errors import BudgetExceeded, InsufficientCredits
from playground.credits.rates import rate_for
from playground.jobs import history, upstreams, wakeup
from playground.jobs.assessment import Assessment, assess
from playground.jobs.callback_urls import callback_problems
from playground.jobs.errors import (
    FormOutdated,
    IdempotencyConflict,
    InvalidInput,
    JobError,
    ModelRetired,
    ModeUnavailable,
    PriceChanged,
    QueueFull,
    Unpriced,
)
from playground.jobs.listing import facets_of
from playground.jobs.looking import look_at
from playground.jobs.models import Job, TeamCounter
from playground.media import uploads

LONGEST_FORMULA = 200
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_PLACE = """
SELECT
    last_number,
    (SELECT number FROM jobs_job WHERE team_id = %s AND mode = %s AND state = 'queued' ORDER BY created_at, id LIMIT 1),
    (SELECT id FROM credits_account WHERE team_id = %s AND mode = %s)
FROM jobs_teamcounter WHERE team_id = %s AND mode = %s
"""
_WAITING = "SELECT COUNT(*) FROM jobs_job WHERE team_id = %s AND mode = %s AND state = 'queued'"


@dataclass(frozen=True, slots=True)
class NewJob:
    """A request for a job. `idempotency_scope` says whose key it is ("key:7", "user:3").

    `expected_*` are what a page showed; None where nobody was shown anything (API). `is_told` is for a past that is told
    afterwards (`telling`): no provider will be asked, so none is needed. `served_as` is one of `wire.doors`.
    """

    team_id: int
    mode: Mode
    model_id: str
    payload: Mapping[str, Any]
    source: str
    gateway: str | None = None
    user_id: int | None = None
    key_id: int | None = None
    remix_of_id: UUID | None = None
    callback_url: str = ""
    served_as: str = ""
    idempotency_scope: str = ""
    idempotency_key: str = ""
    expected_millicredits: int | None = None
    expected_card_version: str | None = None
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class CreatedJob:
    """`is_new` is False when an idempotency key led to a job that exists."""

    job: Job
    is_new: bool


def create_job(new: NewJob) -> CreatedJob:
    """Validate, price, hold and enqueue in one transaction; then poke the queue.

    Safe to call twice with an idempotency key. Raises JobError, InsufficientCredits, BudgetExceeded or UnknownModel,
    with no job written.
    """
    card = registry.get(new.model_id, new.gateway)
    payload_json = _COMPACT.encode(new.payload)
    request_hash = hashlib.sha256(f"{card.gateway}\n{card.id}\n{payload_json}\n{new.callback_url}".encode("utf-8", "replace")).hexdigest()
    try:
        assessed, quote = _assessed(card, new)
        with transaction.atomic():
            job = _write(new, card, assessed, quote, payload_json, request_hash)
            # The sweep makes good for a poke that fails, which must not look as if the job had failed.
            transaction.on_commit(_poke, robust=True)
    except (JobError, InsufficientCredits, BudgetExceeded, IntegrityError) as error:
        # Whatever refuses a request that is repeated (the database, if nothing else does), its job is there already.
        if new.idempotency_key and (found := _same_request(new, request_hash)):
            return CreatedJob(found, is_new=False)
        if isinstance(error, BudgetExceeded):
            spending.note_reached(error)
        raise
    return CreatedJob(job, is_new=True)


def create_jobs(wanted: Sequence[NewJob]) -> list[CreatedJob]:
    """All of these jobs, or none: what refuses one of them refuses them all, and nothing is held. Raises what `create_job` does."""
    try:
        with transaction.atomic():
            return [create_job(new) for new in wanted]
    except BudgetExceeded as error:
        # What `create_job` noted went with the rest.
        spending.note_reached(error)
        raise


def _poke() -> None:
    failpoint("create.committed")
    wakeup.poke()


def _same_request(new: NewJob, request_hash: str) -> Job | None:
    # The last condition is the index's own, in its words: SQLite takes an index with a condition only where it stands there.
    sql = (
        "SELECT id FROM jobs_job WHERE team_id = %s AND mode = %s AND idempotency_scope = %s AND idempotency_key = %s"
        " AND NOT (idempotency_key = '')"
    )
    job_id = flatsql.value(sql, [new.team_id, new.mode, new.idempotency_scope, new.idempotency_key])
    if job_id is None:
        return None
    found = Job.objects.get(pk=job_id)
    if found.request_hash != request_hash:
        raise IdempotencyConflict
    return found


def _assessed(card: Card, new: NewJob) -> tuple[Assessment, Quote]:
    if not card.is_live:
        raise ModelRetired(_("%(model)s is no longer offered.") % {"model": card.title})
    assessed = assess(card, new.payload, team_id=new.team_id, mode=new.mode, with_hints=False)
    problems = [*assessed.problems, *(callback_problems(new.callback_url) if new.callback_url else ())]
    if problems:
        raise InvalidInput(problems)
    if new.mode == "live" and not new.is_told:
        if not upstreams.is_live_available(card.gateway):
            raise ModeUnavailable(_("Live mode needs a key for %(provider)s.") % {"provider": upstreams.provider_title(card.gateway)})
        assessed = _with_every_file_seen(card, new, assessed)
    quote = assessed.quote
    if quote is None:
        raise Unpriced(_("Nobody publishes a price for %(model)s.") % {"model": card.title})
    if new.expected_card_version not in (None, card.version):
        raise FormOutdated(_("%(model)s has changed since this form was made.") % {"model": card.title})
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


def _kept_formula(card: Card, new: NewJob, assessed: Assessment, quote: Quote) -> str:
    """What is kept is in English, whatever language the page was in; where it is already, there is nothing to do."""
    if assessed.is_unpriced or (translation.get_language() or "en").startswith("en"):
        return quote.formula
    with translation.override("en"):
        return pricing.quote(card, new.payload, assessed.facts, assessed.own).formula


def _write(new: NewJob, card: Card, assessed: Assessment, quote: Quote, payload_json: str, request_hash: str) -> Job:
    # The number first: with its lock held, nobody else of the team can fill the queue before our job is in it.
    number, account_id = _place(new.team_id, new.mode)
    job = flatsql.made(
        Job,
        id=ids.new_id(),
        team_id=new.team_id,
        mode=new.mode,
        number=number,
        created_by_id=new.user_id,
        api_key_id=new.key_id,
        source=new.source,
        gateway=card.gateway,
        model_id=card.id,
        card_version=card.version,
        provider=upstreams.provider_name(card.gateway, new.mode),
        endpoint=card.endpoint,
        timing_key=history.timing_key(card, new.payload),
        is_waiting_for_files=_needs_courier(card, new, assessed),
        payload_json=payload_json,
        typical_seconds=card.typical_seconds,
        deadline_seconds=card.deadline_seconds,
        price_millicredits=quote.hold_millicredits,
        price_min_millicredits=quote.min_millicredits,
        price_formula=_kept_formula(card, new, assessed, quote)[:LONGEST_FORMULA],
        list_price_millicredits=assessed.list_millicredits,
        own_price_id=assessed.own_price_id,
        parent_id=assessed.parent_id,
        remix_of_id=new.remix_of_id,
        **facets_of(card, new.payload),
        usd_per_credit=rate_for(new.team_id),
        callback_url=new.callback_url,
        served_as=new.served_as,
        idempotency_scope=new.idempotency_scope if new.idempotency_key else "",
        idempotency_key=new.idempotency_key,
        request_hash=request_hash,
    )
    flatsql.insert(job)
    origin = ledger.Origin(new.user_id, new.key_id, card.gateway, card.id)
    ledger.hold_within(account_id=account_id, job_id=job.pk, millicredits=quote.hold_millicredits, origin=origin)
    if assessed.files:
        uploads.mark_used(new.team_id, [file.url for file in assessed.files])
    return job


def _needs_courier(card: Card, new: NewJob, assessed: Assessment) -> bool:
    """Whether uploads of ours must be given to the provider before the job can be sent."""
    if new.mode == "test" or not upstreams.hosts_files(card.gateway):
        return False
    return any(uploads.upload_id_of(file.url) for file in assessed.files)


def _place(team_id: int, mode: Mode) -> tuple[int, int]:
    """The next job's number, and the account that pays. Raises QueueFull."""
    team_and_mode = [team_id, mode]
    # The UPDATE locks the row, so that the number read next is ours alone.
    increment = "UPDATE jobs_teamcounter SET last_number = last_number + 1 WHERE team_id = %s AND mode = %s"
    if not flatsql.execute(increment, team_and_mode):
        TeamCounter.objects.get_or_create(team_id=team_id, mode=mode)
        flatsql.execute(increment, team_and_mode)
    found = flatsql.row(_PLACE, team_and_mode * 3)
    assert found is not None
    number, oldest, account_id = found
    # No more wait than have been numbered since the oldest of them; only where these are many are they counted.
    cap = settings.TEAM_QUEUE_CAP
    if number - (number if oldest is None else oldest) >= cap and flatsql.value(_WAITING, team_and_mode) >= cap:
        raise QueueFull(cap)
    return number, ledger.account_for(team_id, mode).pk if account_id is None else account_id
