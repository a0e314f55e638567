"""What a form asks the house about its payload: problems, hints and price, and what another choice would cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from playground.accounts.models import Mode
from playground.catalog import hints, pricing, schema
from playground.catalog.card import Card
from playground.catalog.facts import NOTHING_KNOWN, Facts
from playground.credits.prices import own_price_for
from playground.jobs.assessment import Assessment, assess


class Assessor(Protocol):
    """`judge` is the verdict on a whole payload; `price` the price alone, of one that need not be complete."""

    def judge(self, payload: Mapping[str, Any]) -> Assessment: ...

    def price(self, payload: Mapping[str, Any], facts: Facts) -> pricing.Quote | None: ...


class TeamAssessor:
    """Judges as `create_job` will, for a team in a mode."""

    def __init__(self, card: Card, *, team_id: int, mode: Mode) -> None:
        self._card, self._team_id, self._mode = card, team_id, mode

    def judge(self, payload: Mapping[str, Any]) -> Assessment:
        return assess(self._card, payload, team_id=self._team_id, mode=self._mode)

    def price(self, payload: Mapping[str, Any], facts: Facts) -> pricing.Quote | None:
        override = own_price_for(self._team_id, *self._card.key)
        return _price(self._card, payload, facts, override.own if override else None)


class CardAssessor:
    """Judges by the card alone, for a form that belongs to nobody: a default, an example."""

    def __init__(self, card: Card) -> None:
        self._card = card

    def judge(self, payload: Mapping[str, Any]) -> Assessment:
        problems = schema.validate(self._card, payload)
        is_priced = all(problem.is_missing for problem in problems)
        quote = self.price(payload, NOTHING_KNOWN) if is_priced else None
        return Assessment(NOTHING_KNOWN, tuple(problems), tuple(hints.hints(self._card, payload)), quote)

    def price(self, payload: Mapping[str, Any], facts: Facts) -> pricing.Quote | None:
        return _price(self._card, payload, facts)


def _price(card: Card, payload: Mapping[str, Any], facts: Facts, own: pricing.OwnPrice | None = None) -> pricing.Quote | None:
    try:
        return pricing.quote(card, payload, facts, own)
    except (pricing.Unpriced, ArithmeticError, ValueError):
        return None
