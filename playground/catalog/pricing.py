"""What a payload costs, in thousandths of a credit. Pure arithmetic on the card's dated price table.

A price is per job or per second, flat or a table keyed by axes (a field's value, the presence of input media, a
property of the parent task), plus surcharges. Where the length is known only afterwards the quote is a range:
the hold takes the maximum, the capture the actual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from playground.catalog.billing import Billed, NoLength, billed
from playground.catalog.card import Card, JSONObject
from playground.catalog.facts import NOTHING_KNOWN, Facts
from playground.catalog.pricewords import circumstances
from playground.catalog.values import count_of, is_same, plain, spelled
from playground.core.money import format_credits, to_millicredits
from playground.core.speech import gettext as _
from playground.core.speech import said


class Unpriced(Exception):
    """Nobody publishes a price for this payload."""


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A team's own price: `credits` per unit instead of the published ones, or a mark-up in percent on those.

    Own credits are the whole price per job or per second: no table and no surcharges beside them.
    """

    credits: Decimal | None
    markup_percent: Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """`formula` is the sum in words, for people; equal minimum and maximum when the price is certain.

    `note` says why the price may turn out otherwise, where the provider's pages do; "" else.
    """

    min_millicredits: int
    max_millicredits: int
    formula: str
    note: str = ""

    @property
    def is_range(self) -> bool:
        return self.min_millicredits != self.max_millicredits

    @property
    def hold_millicredits(self) -> int:
        return self.max_millicredits


def quote(card: Card, payload: Mapping[str, Any], facts: Facts = NOTHING_KNOWN, own: OwnPrice | None = None) -> Quote:
    """The price of a valid payload. Raises Unpriced when the card has none for it and the team has not set one."""
    terms = _terms(card, payload, facts, own)
    span = _billed(card, payload, facts)
    note = said(str(card.pricing.get("undetermined") or ""))
    low, high = (Decimal(1), Decimal(1)) if span is None else (span.low, span.high)
    if span is None:
        formula = _("%(credits)s per job%(circumstances)s") % {"credits": terms.rate_words, "circumstances": terms.words}
    else:
        formula = f"{span.words} × {terms.rate_words}{terms.words}"
    return Quote(terms.millicredits(low, terms.low), terms.millicredits(high, terms.high), formula, note)


def actual(
    card: Card,
    payload: Mapping[str, Any],
    facts: Facts = NOTHING_KNOWN,
    *,
    output_seconds: Decimal | None,
    own: OwnPrice | None = None,
) -> int:
    """What the finished clip costs, in thousandths of a credit, never more than was held.

    A certain price is what was quoted. Of a range, the seconds that were made decide; those of an input that nobody
    measured, and of a clip that nobody measured, count the least that they can be.
    """
    span = _billed(card, payload, facts)
    terms = _terms(card, payload, facts, own)
    if span is None or span.low == span.high:
        return terms.millicredits(Decimal(1) if span is None else span.high, terms.low)
    made = span.made.low
    if span.made.low != span.made.high and output_seconds is not None:
        whole = output_seconds.quantize(Decimal(1), rounding=ROUND_HALF_UP) if span.is_counted else output_seconds
        made = min(max(whole, span.made.low), span.made.high)
    return terms.millicredits(made + (made if span.is_twice else span.added.low), terms.low)


@dataclass(frozen=True, slots=True)
class _Terms:
    """Rates from `low` to `high` credits a unit, equal once everything that they depend on is chosen."""

    low: Decimal
    high: Decimal
    surcharge: Decimal
    factor: Decimal
    words: str

    @property
    def rate_words(self) -> str:
        low, high = to_millicredits(self.low), to_millicredits(self.high)
        return _credits(format_credits(high) if low == high else f"{format_credits(low)}–{format_credits(high)}")

    def millicredits(self, units: Decimal, rate: Decimal) -> int:
        return to_millicredits((rate * units + self.surcharge) * self.factor)


def _billed(card: Card, payload: Mapping[str, Any], facts: Facts) -> Billed | None:
    if card.pricing["unit"] != "second":
        return None
    try:
        return billed(card, payload, facts)
    except NoLength:
        raise Unpriced from None


def _terms(card: Card, payload: Mapping[str, Any], facts: Facts, own: OwnPrice | None) -> _Terms:
    if own is not None and own.credits is not None:
        return _Terms(own.credits, own.credits, Decimal(0), Decimal(1), f" {_('(own price)')}")
    low, high, words = _rates(card, payload, facts)
    surcharge = sum((_surcharge(extra, payload) for extra in card.pricing.get("extras", ())), Decimal(0))
    text = (f", {words}" if words else "") + (f" + {_credits(format_credits(to_millicredits(surcharge)))}" if surcharge else "")
    markup = own.markup_percent if own is not None else Decimal(0)
    if markup:
        text += f" {'+' if markup > 0 else '−'} {plain(abs(markup))} %"
    return _Terms(low, high, surcharge, 1 + markup / 100, text)


def _credits(amount: str) -> str:
    return _("%(amount)s credits") % {"amount": amount}


def _rates(card: Card, payload: Mapping[str, Any], facts: Facts) -> tuple[Decimal, Decimal, str]:
    rate = card.pricing.get("credits")
    if rate is None:
        raise Unpriced
    if not isinstance(rate, Mapping):
        return Decimal(rate), Decimal(rate), ""
    values = [_axis_value(axis, payload, facts) for axis in card.pricing["axes"]]
    fitting = [
        Decimal(credits)
        for row, credits in rate.items()
        if credits is not None and all(value in (None, cell) for value, cell in zip(values, row.split("|"), strict=True))
    ]
    if not fitting:
        raise Unpriced
    return min(fitting), max(fitting), circumstances(card, values)


def _axis_value(axis: JSONObject, payload: Mapping[str, Any], facts: Facts) -> str | None:
    """The value as the table spells it; None for a field without a default that is still to be chosen."""
    if "nonempty" in axis:
        return "yes" if any(count_of(payload.get(name)) for name in axis["nonempty"]) else "no"
    if "from_task" in axis:
        return facts.parent.get(axis["name"], str(axis["default"]))
    if axis["field"] in payload:
        return spelled(payload[axis["field"]])
    special = axis.get("default_when")
    if special and all(is_same(payload.get(name), value) for name, value in special.items() if name != "value"):
        return spelled(special["value"])
    return None if axis["default"] is None else spelled(axis["default"])


def _surcharge(extra: JSONObject, payload: Mapping[str, Any]) -> Decimal:
    counted = sum(count_of(payload.get(name)) for name in extra["count_of"])
    return Decimal(max(0, counted - extra["free"])) * Decimal(extra["credits_each"])
