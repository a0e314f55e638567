"""A card's prices as a list: every rate that it knows, for pages, programs and the terminal to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from playground.catalog.card import Card
from playground.catalog.pricing import OwnPrice
from playground.core.money import format_credits, to_millicredits
from playground.core.speech import ngettext


@dataclass(frozen=True, slots=True)
class Rate:
    """`values` stand in the order of the card's axes, spelled as in the file; empty where one rate holds for all."""

    values: tuple[str, ...]
    credits: Decimal

    @property
    def millicredits(self) -> int:
        return to_millicredits(self.credits)


def rates_of(card: Card, own: OwnPrice | None = None) -> list[Rate]:
    """Credits per the card's unit, with the team's own price; empty where nobody publishes one and no own one is set."""
    if own is not None and own.credits is not None:
        return [Rate((), own.credits)]
    rates = read_rates(card.pricing["credits"])
    factor = 1 + own.markup_percent / 100 if own else Decimal(1)
    return [Rate(rate.values, rate.credits * factor) for rate in rates]


def read_rates(credits: Any) -> list[Rate]:
    """The `credits` of a price as a card has them, today's or an earlier one's: a number, a table or None."""
    if isinstance(credits, Mapping):
        return [Rate(tuple(key.split("|")), Decimal(number)) for key, number in credits.items() if number is not None]
    return [] if credits is None else [Rate((), Decimal(credits))]


def span_words(rates: Sequence[Rate], unit: str) -> str:
    """`60 credits per job`, `14–67 credits per second`; "" for no rates."""
    if not rates:
        return ""
    amounts = [rate.millicredits for rate in rates]
    low, high = format_credits(min(amounts)), format_credits(max(amounts))
    count = 1 if high == "1" else 2
    if unit == "second":
        words = ngettext("%(credits)s credit per second", "%(credits)s credits per second", count)
    else:
        words = ngettext("%(credits)s credit per job", "%(credits)s credits per job", count)
    return words % {"credits": low if low == high else f"{low}–{high}"}
