"""A card's price table in words: one row per combination that has a price of its own, with where and when it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.card import Card
from playground.catalog.pricelist import Rate, read_rates
from playground.catalog.pricewords import axis_title
from playground.catalog.pricing import OwnPrice
from playground.catalog.values import in_words
from playground.core.money import format_credits, to_millicredits
from playground.core.speech import said


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
    words = {"true": _("on"), "false": _("off")}
    return tuple(words.get(part, part) for part in spelled)


def _remarks(card: Card) -> Sequence[str]:
    """What the table cannot say: surcharges, whose seconds count, and what is not known beforehand."""
    pricing, found = card.pricing, []
    for extra in pricing.get("extras", ()):
        names = in_words(sorted({card.field_name(name) for name in extra["count_of"] if name in card.properties}))
        words = _("%(free)s of %(names)s are free, each further one costs %(credits)s credits.")
        found.append(words % {"free": extra["free"], "names": names, "credits": extra["credits_each"]})
    seconds = pricing.get("seconds", {})
    if pricing["unit"] == "second" and "media" in seconds:
        found.append(_("The seconds are those of the input: %(field)s.") % {"field": card.field_title(seconds["media"])})
    if pricing.get("plus_input_seconds"):
        words = _("The seconds of %(field)s are added to those of the result.")
        found.append(words % {"field": card.field_title(pricing["plus_input_seconds"])})
    return [*found, *(said(str(pricing[name])) for name in ("undetermined", "note") if pricing.get(name))]


def own_words(own: OwnPrice | None, unit: str) -> str:
    """What the team pays instead, or ""."""
    if own is None:
        return ""
    if own.credits is not None:
        if unit == "second":
            words = _("Your team pays %(credits)s credits per second instead.")
        else:
            words = _("Your team pays %(credits)s credits per job instead.")
        return words % {"credits": format_credits(to_millicredits(own.credits))}
    return _("Your team pays %(percent)s %% on these.") % {"percent": f"{own.markup_percent:+g}"}


def prices_by(card: Card) -> dict[str, str]:
    """What each field does to the price, for the fields that do something."""
    pricing = card.pricing
    seconds = pricing.get("seconds", {})
    effects = {name: _("counted") for extra in pricing.get("extras", ()) for name in extra["count_of"]}
    by_length = (seconds.get("field"), seconds.get("media"), seconds.get("else_media"), pricing.get("plus_input_seconds"))
    effects |= {name: _("per second") for name in by_length if name}
    effects |= {name: _("per second") for name in seconds.get("ratio", ()) if isinstance(name, str)}
    for axis in pricing["axes"]:
        effects |= {name: _("sets the rate") for name in [axis.get("field"), *axis.get("nonempty", ())] if name}
    return {name: effect for name, effect in effects.items() if name in card.properties}
