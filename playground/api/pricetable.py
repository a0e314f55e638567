"""A card's price as a table for programs: one row per combination of what it depends on, and a sentence that sums it up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from playground.api.prices import number, plain
from playground.catalog.card import Card, JSONObject
from playground.catalog.pricelist import Rate, rates_of, span_words
from playground.catalog.pricing import OwnPrice


def price_table(card: Card, own: OwnPrice | None, usd_per_credit: Decimal) -> dict[str, Any]:
    """`rows` is empty where nobody publishes a price and no own one is set. Credits are per `unit` (job or second)."""
    pricing = card.pricing
    table: dict[str, Any] = {
        "pricingDesc": pricing_words(card, own),
        "unit": pricing["unit"],
        "rows": [_row_json(card, rate, usd_per_credit) for rate in rates_of(card, own)],
        "seconds": plain(pricing.get("seconds")),
        "plusInputSeconds": pricing.get("plus_input_seconds"),
        "extras": [] if own and own.credits is not None else plain(pricing.get("extras", ())),
        "usdPerCredit": number(usd_per_credit),
        "ownPrice": _own_json(own),
    }
    for name, key in (("source", "source"), ("asOf", "as_of"), ("confidence", "confidence"), ("note", "note"), ("history", "history")):
        table[name] = plain(pricing.get(key))
    table["undetermined"] = pricing.get("undetermined")
    table["unpublished"] = bool(pricing.get("unpublished"))
    return table


def pricing_words(card: Card, own: OwnPrice | None = None) -> str:
    """One line: `14–67 credits per second, by mode and sound`."""
    rates = rates_of(card, own)
    if not rates:
        return "No price published"
    words = span_words(rates, card.pricing["unit"])
    if len(rates) > 1:
        words += f", by {_listed([_axis_name(axis) for axis in card.pricing['axes']])}"
    if card.pricing["unit"] == "second" and (added := card.pricing.get("plus_input_seconds")):
        words += f"; the seconds of {added} count too"
    for extra in card.pricing.get("extras", ()) if own is None or own.credits is None else ():
        words += f"; plus {extra['credits_each']} credits for each of {_listed(list(extra['count_of']))} beyond {extra['free']}"
    return words if own is None else f"{words} (own price)"


def _axis_name(axis: JSONObject) -> str:
    """A field, or "any of these files given", or what the earlier task was made with."""
    if "nonempty" in axis:
        return " or ".join(axis["nonempty"])
    return str(axis["name"] if "from_task" in axis else axis["field"])


def _row_json(card: Card, rate: Rate, usd_per_credit: Decimal) -> dict[str, Any]:
    names = [_axis_name(axis) for axis in card.pricing["axes"]]
    when = dict(zip(names, rate.values, strict=False))
    return {"when": when, "credits": number(rate.credits), "usd": number(rate.credits * usd_per_credit)}


def _own_json(own: OwnPrice | None) -> dict[str, Any] | None:
    if own is None:
        return None
    return {"markupPercent": number(own.markup_percent)} if own.credits is None else {"credits": number(own.credits)}


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
