"""Which models go on from the takes of which: the fields that name an earlier task, read in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from playground.catalog import registry
from playground.catalog.card import Card


def task_field(card: Card) -> str | None:
    """The field that names the earlier task, or None."""
    return next((name for name, spec in card.properties.items() if spec.get("x-ref") == "task"), None)


def accepts(card: Card, model_id: str) -> bool:
    """Whether the card goes on from takes of this model, as far as its gateway says."""
    named = parents_of(card)
    return task_field(card) is not None and (named is None or model_id in named)


def parents_of(card: Card) -> tuple[str, ...] | None:
    """The models whose takes the card goes on from; None where its gateway does not say."""
    name = task_field(card)
    named = card.properties[name].get("x-parents") if name else None
    return tuple(named) if named else None


def most_days(card: Card) -> int | None:
    """How old the earlier take may be; None for any age."""
    name = task_field(card)
    return card.properties[name].get("x-parent-days") if name else None


@cache
def continuations(gateway: str, model_id: str) -> Sequence[Card]:
    """The live models that are made to go on from takes of this one."""
    return tuple(card for card in registry.live_cards() if card.gateway == gateway and model_id in (parents_of(card) or ()))
