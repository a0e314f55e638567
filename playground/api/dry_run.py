"""`/api/v1/jobs/validateTask`: what createTask would say to the same body, and what it would cost. Nothing is written.

`valid` is about the request alone. Circumstances that may pass (live mode without a provider key, a model without a
published price, too few credits) are hints of level `bad`, because the same body can be fine a minute later.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from playground.accounts import ratelimit
from playground.accounts.access import KeyIdentity
from playground.api.bodies import json_object
from playground.api.entry import endpoint
from playground.api.envelopes import ApiError, Mistake, listed, success, unknown_model
from playground.api.prices import credits_json, usd_json
from playground.api.taskrequests import TaskRequest, mistake_of, task_request
from playground.catalog import registry
from playground.catalog.card import Card
from playground.catalog.hints import Hint, callback_hints
from playground.catalog.pricing import Quote
from playground.catalog.schema import pointer_to
from playground.credits.services import balance_of
from playground.jobs import upstreams
from playground.jobs.assessment import Assessment, assess
from playground.jobs.callback_urls import callback_problems


@endpoint("POST")
def validate_task(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    wait_seconds = ratelimit.allow_here("dry-run", str(identity.key_id), settings.QUOTES_PER_MINUTE)
    if wait_seconds is not None:
        raise ApiError(429, "Too many dry runs with this API key.", retry_after_seconds=wait_seconds)
    wanted = task_request(json_object(request))
    try:
        card = registry.get(wanted.model, wanted.gateway)
    except registry.UnknownModel as error:
        raise unknown_model(error) from None
    assessed = assess(card, wanted.payload, team_id=identity.team_id, mode=identity.mode)
    mistakes = _mistakes(card, wanted, assessed)
    return success(
        {
            "valid": not mistakes,
            "errors": listed(mistakes),
            "hints": [_hint_json(hint) for hint in (*assessed.hints, *callback_hints(wanted.callback_url))]
            + _circumstances(card, assessed, identity),
            "quote": _quote_json(assessed.quote) if assessed.quote and not assessed.is_unpriced else None,
        }
    )


def _mistakes(card: Card, wanted: TaskRequest, assessed: Assessment) -> list[Mistake]:
    retired = [] if card.is_live else [Mistake("/model", "retired", f"{card.title} is no longer offered.")]
    callback = callback_problems(wanted.callback_url) if wanted.callback_url else []
    return [*retired, *(mistake_of(problem) for problem in (*assessed.problems, *callback))]


def _quote_json(quote: Quote) -> dict[str, Any]:
    """`credits` and `usd` are numbers, or `{min, max}` where the length is known only afterwards; `note` says what may differ."""
    low, high = quote.min_millicredits, quote.max_millicredits
    found = {"credits": credits_json(low, high), "usd": usd_json(low, high), "formula": quote.formula}
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
    return [{"code": code, "level": level, "message": words} for code, level, words in found]
