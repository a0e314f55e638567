"""What the house thinks of a payload before anything is written: the form, the dry run and `create_job` all ask here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.accounts.services import Mode
from playground.catalog import hints, pricing, schema
from playground.catalog.card import Card
from playground.catalog.facts import NOTHING_KNOWN, Facts
from playground.catalog.hints import Hint
from playground.catalog.pricing import Quote
from playground.catalog.schema import Problem


@dataclass(frozen=True, slots=True)
class Assessment:
    """`quote` is None while a problem that matters for the price stands, or where nobody publishes one."""

    facts: Facts
    problems: tuple[Problem, ...]
    hints: tuple[Hint, ...]
    quote: Quote | None

    @property
    def is_valid(self) -> bool:
        return not self.problems


def assess(card: Card, payload: Mapping[str, Any], *, team_id: int, mode: Mode) -> Assessment:
    """Problems, hints and price of a payload for a team in a mode. Reads the database, writes nothing, fetches nothing."""
    facts = NOTHING_KNOWN
    problems = schema.validate(card, payload)
    quote: Quote | None = None
    if all(problem.rule in ("required", "min_length") for problem in problems):
        try:
            quote = pricing.quote(card, payload, facts)
        except pricing.Unpriced:
            quote = None
    return Assessment(facts, tuple(problems), tuple(hints.hints(card, payload)), quote)
