"""What another choice would cost, said at the choice itself, where it makes a difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from playground.catalog.card import Card
from playground.catalog.pricing import Quote
from playground.core.money import format_credits
from playground.web.formfields import CardField, ChoiceField, SwitchField

if TYPE_CHECKING:
    from playground.web.forms import CardForm

# A longer list would make a quote slow; no card has one.
_MOST_CHOICES = 40
_relevant: dict[tuple[str, str, str], frozenset[str]] = {}
_asked: dict[tuple[str, str, str], frozenset[str]] = {}


def prices_of(form: CardForm, name: str, field: CardField) -> dict[str, str]:
    """Price by choice for a field whose choices cost differently; for a switch what turning it on adds, under `true`."""
    if name not in _fields_that_matter(form.card):
        return {}
    if isinstance(field, SwitchField):
        quotes = {value: form.price_with(name, value) for value in (False, True)}
        return {"true": added} if (added := _difference(quotes[False], quotes[True])) else {}
    if not isinstance(field, ChoiceField) or len(field.values) > _MOST_CHOICES:
        return {}
    found = {text: form.price_with(name, value) for text, value in field.values.items()}
    if len({_amounts(quote) for quote in found.values() if quote}) < 2:
        return {}
    return {text: price_text(quote) for text, quote in found.items() if quote}


def price_text(quote: Quote) -> str:
    """`35`, or `20–35` where the length is known only afterwards."""
    low, high = _amounts(quote)
    return format_credits(high) if low == high else f"{format_credits(low)}–{format_credits(high)}"


def _amounts(quote: Quote) -> tuple[int, int]:
    return quote.min_millicredits, quote.max_millicredits


def _difference(without: Quote | None, with_it: Quote | None) -> str:
    if without is None or with_it is None:
        return ""
    more = with_it.hold_millicredits - without.hold_millicredits
    sign = "+" if more > 0 else ""
    return _("%(amount)s credits") % {"amount": f"{sign}{format_credits(more)}"} if more else ""


def _fields_that_matter(card: Card) -> frozenset[str]:
    """The fields that the price is made of, and those on which a rule lets one of these depend."""
    key = (*card.key, card.version)
    if key not in _relevant:
        pricing = card.pricing
        names = {name for axis in pricing.get("axes", ()) for name in (axis.get("field"), *axis.get("default_when", ()))}
        names |= {pricing.get("seconds", {}).get("field")}
        names |= {name for rule in card.rules if names & _names_in(rule["then"]) for name in _names_in(rule["if"])}
        _relevant[key] = frozenset(name for name in names if name in card.properties)
    return _relevant[key]


def is_asked_by_a_rule(card: Card, name: str) -> bool:
    """Whether another value of this field can change what the rules say of the others."""
    key = (*card.key, card.version)
    if key not in _asked:
        _asked[key] = frozenset(name for rule in card.rules for name in _names_in(rule["if"]))
    return name in _asked[key]


def _names_in(schema: Any) -> set[str]:
    """The fields that a rule's condition or consequence speaks of."""
    if isinstance(schema, Mapping):
        inner = [name for part in schema.values() for name in _names_in(part)]
        return {*schema.get("properties", ()), *schema.get("required", ()), *inner}
    if isinstance(schema, list):
        return {name for part in schema for name in _names_in(part)}
    return set()
