"""A card's price table in words: one row per combination that has a price of its own, with where and when it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.catalog.card import Card
from playground.catalog.pricelist import Rate, read_rates
from playground.catalog.pricewords import axis_title
from playground.catalog.pricing import OwnPrice
from playground.catalog.values import in_words
from playground.core.money import format_credits, to_millicredits


@dataclass(frozen=True, slots=True)
class PriceTable:
    """`heads` names the axes, `rows` are empty where nobody publishes a price; `unit` is `job` or `second`."""

    heads: tuple[str, ...]
    unit: str
    rows: tuple[Rate, ...]
    remarks: tuple[str, ...]
    as_of: str
    source: str
    confidence: str
    history: tuple[PriceTable, ...] = ()


def price_table(card: Card) -> PriceTable:
    pricing = card.pricing
    heads = tuple(axis_title(card, axis) for axis in pricing["axes"])
    history = tuple(_table(heads, pricing["unit"], old, ()) for old in pricing.get("history", ()))
    return _table(heads, pricing["unit"], pricing, tuple(_remarks(card)), history)


def _table(
    heads: tuple[str, ...], unit: str, data: Mapping[str, Any], remarks: tuple[str, ...], history: tuple[PriceTable, ...] = ()
) -> PriceTable:
    rows = tuple(Rate(_values(rate.values), rate.credits) for rate in read_rates(data["credits"]))
    is_flat = all(not row.values for row in rows)
    return PriceTable(() if is_flat else heads, unit, rows, remarks, data["as_of"], data["source"], data.get("confidence", ""), history)


def _values(spelled: Sequence[str]) -> tuple[str, ...]:
    words = {"true": "on", "false": "off"}
    return tuple(words.get(part, part) for part in spelled)


def _remarks(card: Card) -> Sequence[str]:
    """What the table cannot say: surcharges, whose seconds count, and what is not known beforehand."""
    pricing, found = card.pricing, []
    for extra in pricing.get("extras", ()):
        names = in_words(sorted({card.field_title(name).lower() for name in extra["count_of"] if name in card.properties}), "and")
        found.append(f"{extra['free']} of {names} are free, each further one costs {extra['credits_each']} credits.")
    seconds = pricing.get("seconds", {})
    if pricing["unit"] == "second" and "media" in seconds:
        found.append(f"The seconds are those of the input: {card.field_title(seconds['media'])}.")
    if pricing.get("plus_input_seconds"):
        found.append(f"The seconds of {card.field_title(pricing['plus_input_seconds'])} are added to those of the result.")
    return [*found, *(str(pricing[name]) for name in ("undetermined", "note") if pricing.get(name))]


def own_words(own: OwnPrice | None, unit: str) -> str:
    """What the team pays instead, or ""."""
    if own is None:
        return ""
    if own.credits is not None:
        return f"Your team pays {format_credits(to_millicredits(own.credits))} credits per {unit} instead."
    return f"Your team pays {own.markup_percent:+g} % on these."


def prices_by(card: Card) -> dict[str, str]:
    """What each field does to the price, for the fields that do something."""
    pricing = card.pricing
    seconds = pricing.get("seconds", {})
    effects = {name: "counted" for extra in pricing.get("extras", ()) for name in extra["count_of"]}
    by_length = (seconds.get("field"), seconds.get("media"), seconds.get("else_media"), pricing.get("plus_input_seconds"))
    effects |= {name: "per second" for name in by_length if name}
    effects |= {name: "per second" for name in seconds.get("ratio", ()) if isinstance(name, str)}
    for axis in pricing["axes"]:
        effects |= {name: "sets the rate" for name in [axis.get("field"), *axis.get("nonempty", ())] if name}
    return {name: effect for name, effect in effects.items() if name in card.properties}
