"""`/api/v1/jobs/validateTask`: what createTask would say to the same body, and what it would cost. Nothing is written.

`valid` is about the request alone. Circumstances that may pass (live mode without a provider key, a model without a
published price, too few credits) are hints of level `bad`, because the same body can be fine a minute later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from playground.accounts import ratelimit
from playground.accounts.access import KeyIdentity
from playground.accounts.models import Scope
from playground.api.bodies import json_object
from playground.api.entry import endpoint
from playground.api.envelopes import ApiError, Mistake, listed, success
from playground.api.making import card_of
from playground.api.prices import credits_json, usd_json
from playground.api.spellings import as_the_card_spells
from playground.api.taskrequests import mistake_of, task_request
from playground.catalog.card import Card
from playground.catalog.hints import Hint, callback_hints
from playground.catalog.pricing import Quote
from playground.catalog.schema import pointer_to
from playground.credits.budgets import would_stop
from playground.credits.rates import rate_for
from playground.credits.services import account_id_for, balance_of
from playground.jobs import upstreams
from playground.jobs.assessment import Assessment, assess
from playground.jobs.callback_urls import callback_problems


@endpoint("POST", Scope.READ)
def validate_task(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    wait_seconds = ratelimit.allow_here("dry-run", str(identity.key_id), settings.QUOTES_PER_MINUTE)
    if wait_seconds is not None:
        raise ApiError(429, "Too many dry runs with this API key.", retry_after_seconds=wait_seconds)
    wanted = task_request(json_object(request))
    card = card_of(wanted.model, wanted.gateway)
    assessed = assess(card, as_the_card_spells(card, wanted.payload), team_id=identity.team_id, mode=identity.mode)
    callback = callback_problems(wanted.callback_url) if wanted.callback_url else []
    mistakes = [mistake_of(problem) for problem in (*assessed.problems, *callback)]
    return success(verdict(card, assessed, identity, mistakes, callback_hints(wanted.callback_url)))


def verdict(
    card: Card, assessed: Assessment, identity: KeyIdentity, mistakes: Sequence[Mistake], more_hints: Iterable[Hint] = ()
) -> dict[str, Any]:
    """`mistakes` are those of the body; that a model is retired is added here."""
    retired = [] if card.is_live else [Mistake("/model", "retired", f"{card.title} is no longer offered.")]
    found = [*retired, *mistakes]
    return {
        "valid": not found,
        "errors": listed(found),
        "hints": [_hint_json(hint) for hint in (*assessed.hints, *more_hints)] + _circumstances(card, assessed, identity),
        "quote": _quote_json(assessed.quote, rate_for(identity.team_id)) if assessed.quote and not assessed.is_unpriced else None,
    }


def _quote_json(quote: Quote, usd_per_credit: Decimal) -> dict[str, Any]:
    """`credits` and `usd` are numbers, or `{min, max}` where the length is known only afterwards; `note` says what may differ."""
    low, high = quote.min_millicredits, quote.max_millicredits
    found = {"credits": credits_json(low, high), "usd": usd_json(low, high, usd_per_credit), "formula": quote.formula}
    return found | ({"note": quote.note} if quote.note else {})


def _hint_json(hint: Hint) -> dict[str, Any]:
    found: dict[str, Any] = {"code": hint.code, "level": hint.level, "message": hint.message}
    if hint.field:
        found |= {"field": hint.field, "pointer": "/input" + pointer_to(hint.field)}
    if hint.fix is not None:
        name, value = hint.fix
        found["fix"] = {"field": name, "value": value, "label": hint.fix_label}
    return found


def _circumstances(card: Card, assessed: Assessment, identity: KeyIdentity) -> list[dict[str, Any]]:
    """What would keep createTask from running this just now, although nothing is wrong with it."""
    found = []
    if identity.mode == "live" and not upstreams.is_live_available(card.gateway):
        found.append(("live_unavailable", "bad", f"Live mode needs a key for {upstreams.provider_title(card.gateway)}."))
    if assessed.is_unpriced:
        level, ending = ("warn", "Test runs cost nothing.") if identity.mode == "test" else ("bad", "An owner of the team can set one.")
        found.append(("unpriced", level, f"Nobody publishes a price for {card.title}. {ending}"))
    available = balance_of(identity.team_id, identity.mode)
    if assessed.quote and available is not None and available < assessed.quote.hold_millicredits:
        found.append(("credits", "bad", "There are not enough credits for this."))
    elif assessed.quote and available is not None and (stopped := _stopped(assessed.quote, identity)):
        found.append(("budget", "bad", stopped))
    return [{"code": code, "level": level, "message": words} for code, level, words in found]


def _stopped(quote: Quote, identity: KeyIdentity) -> str:
    """Which budget has no room for this, in words, or ""."""
    account_id = account_id_for(identity.team_id, identity.mode)
    error = would_stop(account_id, user_id=identity.user_id, key_id=identity.key_id, millicredits=quote.hold_millicredits)
    return str(error) if error else ""
