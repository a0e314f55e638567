"""`/api/v1/models`: the catalogue for programs, with the prices that hold for the team of the key."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from playground.accounts.access import KeyIdentity
from playground.accounts.models import Scope
from playground.api.entry import endpoint
from playground.api.envelopes import success, unknown_model
from playground.api.openapi.cards import document, input_schema
from playground.api.prices import plain
from playground.api.pricetable import price_table, pricing_words
from playground.catalog import registry
from playground.catalog.card import Card
from playground.catalog.pricing import OwnPrice
from playground.credits.prices import own_price_for, own_prices_of
from playground.credits.rates import rate_for
from playground.jobs import successes

# Below it something is wrong with the model rather than with single requests.
NORMAL_PERCENT = 50


@endpoint("GET", Scope.READ)
def models(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """Every card, live and retired, ordered by gateway and id. `?gateway=` and `?status=` narrow the list."""
    return success(listed_models(identity, gateway=request.GET.get("gateway", ""), status=request.GET.get("status", "")))


def listed_models(identity: KeyIdentity, *, gateway: str = "", status: str = "") -> dict[str, Any]:
    own = own_prices_of(identity.team_id)
    cards = [card for card in registry.all_cards() if gateway in ("", card.gateway) and status in ("", card.status)]
    return {"total": len(cards), "models": [_listed(card, own.get(card.key)) for card in cards]}


@endpoint("GET", Scope.READ)
def model(request: HttpRequest, identity: KeyIdentity, model_id: str) -> HttpResponse:
    """Everything that the card says, and its price table."""
    return success(model_data(_card(request, model_id), identity))


def model_data(card: Card, identity: KeyIdentity) -> dict[str, Any]:
    own = _own(identity, card)
    return {
        **_listed(card, own),
        "vendor": card.vendor,
        "family": card.family,
        "goodAt": list(card.good_at),
        "useCases": list(card.use_cases),
        "contract": card.contract,
        "typicalSeconds": card.typical_seconds,
        "deadlineSeconds": card.deadline_seconds,
        "schema": input_schema(card),
        "rules": plain(card.rules),
        "checks": plain(card.checks),
        "limits": _limits(card),
        "price": price_table(card, own, rate_for(identity.team_id)),
        "example": plain(dict(card.example)),
        "notes": list(card.notes),
        "sources": list(card.sources),
        "confidence": card.confidence,
        "version": card.version,
    }


@endpoint("GET", Scope.READ)
def schema(request: HttpRequest, identity: KeyIdentity, model_id: str) -> HttpResponse:
    card = _card(request, model_id)
    return success({"model": card.id, "gateway": card.gateway, "openapi": document(card)})


@endpoint("GET", Scope.READ)
def price(request: HttpRequest, identity: KeyIdentity, model_id: str) -> HttpResponse:
    card = _card(request, model_id)
    return success({"model": card.id, "gateway": card.gateway, **price_table(card, _own(identity, card), rate_for(identity.team_id))})


@endpoint("GET", Scope.READ)
def success_rate(request: HttpRequest, identity: KeyIdentity, model_id: str) -> HttpResponse:
    """Steps of ten minutes over a day, from the team's own jobs in the key's mode; null where none ended."""
    card = _card(request, model_id)
    points = successes.last_day(identity.team_id, identity.mode, *card.key)
    return success({"model": card.id, "gateway": card.gateway, "points": [_point_json(point) for point in points]})


def _point_json(point: successes.Point) -> dict[str, Any]:
    ended = point.succeeded + point.failed
    rate = round(100 * point.succeeded / ended, 2) if ended else None
    return {
        "start": point.start.isoformat(),
        "end": point.end.isoformat(),
        "successRate": rate,
        "errorRate": None if rate is None else round(100 - rate, 2),
        "isNormal": rate is None or rate >= NORMAL_PERCENT,
    }


def _card(request: HttpRequest, model_id: str) -> Card:
    """By id or alias, its slashes as they are. Measured: KIE answers an unknown one with 404 here, and 422 at createTask."""
    try:
        return registry.get(model_id, request.GET.get("gateway") or None)
    except registry.UnknownModel as error:
        raise unknown_model(error, 404) from None


def _own(identity: KeyIdentity, card: Card) -> OwnPrice | None:
    found = own_price_for(identity.team_id, *card.key)
    return found.own if found else None


def _listed(card: Card, own: OwnPrice | None) -> dict[str, Any]:
    """The measured seven fields first, ours after them."""
    return {
        "model": card.id,
        "slug": f"{card.gateway}/{card.id}",
        "title": card.title,
        "provider": card.vendor,
        "taskType": list(card.scenes),
        "description": card.summary or None,
        "pricingDesc": pricing_words(card, own),
        "gateway": card.gateway,
        "aliases": list(card.aliases),
        "status": card.status,
        "url": f"{settings.PUBLIC_URL}/models/{card.gateway}/{card.id}",
    }


def _limits(card: Card) -> dict[str, Any]:
    """What an input file may be, by field: accepted types, megabytes, and seconds, pixels, ratio or frames per second."""
    found = {}
    for name, field in card.properties.items():
        limits = {key.removeprefix("x-"): plain(field[key]) for key in ("x-accept", "x-max-mb", "x-media") if key in field}
        if limits:
            found[name] = limits | ({"max_items": field["maxItems"]} if "maxItems" in field else {})
    return found
