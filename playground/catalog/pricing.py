"""What a payload costs, in thousandths of a credit. Pure arithmetic on the card's dated price table.

A price is per job or per second, flat or a table keyed by axes (a field's value, the presence of input media, a
property of the parent task), plus surcharges. Where the length is known only afterwards the quote is a range:
the hold takes the maximum, the capture the actual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from playground.catalog.card import Card, JSONObject
from playground.catalog.facts import NOTHING_KNOWN, Facts
from playground.core.money import format_credits, to_millicredits


class Unpriced(Exception):
    """Nobody publishes a price for this payload."""


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A team's own price: `credits` per unit instead of the published ones, or a mark-up in percent on those."""

    credits: Decimal | None
    markup_percent: Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """`formula` is the sum in words, for people; equal minimum and maximum when the price is certain."""

    min_millicredits: int
    max_millicredits: int
    formula: str

    @property
    def is_range(self) -> bool:
        return self.min_millicredits != self.max_millicredits

    @property
    def hold_millicredits(self) -> int:
        return self.max_millicredits


def quote(card: Card, payload: Mapping[str, Any], facts: Facts = NOTHING_KNOWN) -> Quote:
    """The price of a valid payload. Raises Unpriced when the card has none for it."""
    pricing = card.pricing
    rate = _rate(pricing, payload, facts)
    surcharge = sum((_surcharge(extra, payload) for extra in pricing.get("extras", ())), Decimal(0))
    if pricing["unit"] == "job":
        millicredits = to_millicredits(rate + surcharge)
        return Quote(millicredits, millicredits, f"{_credits(rate)} per job" + _plus(surcharge))
    shortest, longest = _seconds(card, payload, facts)
    low, high = (to_millicredits(rate * seconds + surcharge) for seconds in (shortest, longest))
    span = f"{shortest:g} s" if shortest == longest else f"{shortest:g}–{longest:g} s"
    return Quote(low, high, f"{span} × {_credits(rate)}" + _plus(surcharge))


def _credits(amount: Decimal) -> str:
    return f"{format_credits(to_millicredits(amount))} credits"


def _plus(surcharge: Decimal) -> str:
    return f" + {_credits(surcharge)}" if surcharge else ""


def _rate(pricing: JSONObject, payload: Mapping[str, Any], facts: Facts) -> Decimal:
    rate = pricing.get("credits")
    if isinstance(rate, Mapping):
        rate = rate.get("|".join(_axis_value(axis, payload, facts) for axis in pricing["axes"]))
    if rate is None:
        raise Unpriced
    return Decimal(rate)


def _axis_value(axis: JSONObject, payload: Mapping[str, Any], facts: Facts) -> str:
    if "nonempty" in axis:
        return "yes" if any(_count(payload.get(name)) for name in axis["nonempty"]) else "no"
    if "from_task" in axis:
        return facts.parent.get(axis["name"], str(axis["default"]))
    if axis["field"] in payload:
        return _spelled(payload[axis["field"]])
    special = axis.get("default_when")
    if special and all(payload.get(name) == value for name, value in special.items() if name != "value"):
        return _spelled(special["value"])
    return _spelled(axis["default"])


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _count(value: object) -> int:
    if isinstance(value, list):
        return len(value)
    return 0 if value in (None, "") else 1


def _surcharge(extra: JSONObject, payload: Mapping[str, Any]) -> Decimal:
    counted = sum(_count(payload.get(name)) for name in extra["count_of"])
    return Decimal(max(0, counted - extra["free"])) * Decimal(extra["credits_each"])


def _seconds(card: Card, payload: Mapping[str, Any], facts: Facts) -> tuple[Decimal, Decimal]:
    rule = card.pricing["seconds"]
    added = _media_seconds(card.pricing.get("plus_input_seconds"), payload, facts)
    if "media" in rule:
        own = _media_seconds(rule["media"], payload, facts)
        return own + added, own + added
    if "ratio" in rule:
        above, above_default, below, below_default = rule["ratio"]
        own = Decimal(payload.get(above, above_default)) / Decimal(payload.get(below, below_default))
        return own + added, own + added
    return _field_seconds(card, rule, payload, facts, added)


def _field_seconds(card: Card, rule: JSONObject, payload: Mapping[str, Any], facts: Facts, added: Decimal) -> tuple[Decimal, Decimal]:
    value = payload.get(rule["field"], rule.get("default"))
    if value is None and rule.get("else_media"):
        own = _media_seconds(rule["else_media"], payload, facts)
        return own + added, own + added
    if value is None:
        raise Unpriced
    own = Decimal(str(value))
    if own == 0 and rule.get("zero_means_media"):
        own = _media_seconds(rule["zero_means_media"], payload, facts)
    if own >= 0:
        return own + added, own + added
    # A negative duration lets the model choose: anything that the field allows.
    choices = card.properties[rule["field"]]
    lengths = [Decimal(str(choice)) for choice in choices.get("enum", ()) if Decimal(str(choice)) > 0]
    lengths = lengths or [Decimal(max(1, choices["minimum"])), Decimal(choices["maximum"])]
    return min(lengths) + added, max(lengths) + added


def _media_seconds(name: str | None, payload: Mapping[str, Any], facts: Facts) -> Decimal:
    value = payload.get(name) if name else None
    urls = value if isinstance(value, list) else [value] if value else []
    if not urls:
        return Decimal(0)
    lengths = [facts.seconds_of(str(url)) for url in urls]
    known = [seconds for seconds in lengths if seconds is not None]
    if len(known) < len(lengths):
        raise Unpriced
    return sum(known, Decimal(0))
