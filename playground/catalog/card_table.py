"""All models in a few words each: lines for a terminal, and the page `docs/models.md`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from playground.catalog.card import Card
from playground.catalog.pricelist import rates_of, span_words

_HEAD = """\
# Models

Every model that has a card, by family. Made from the cards by `manage.py cards table`; how to add one stands in [cards.md](cards.md).
An id that two gateways have means KIE's unless the request names another `gateway`. Prices are the provider's, in credits, of the day in
the last column; a span covers all settings.
"""


def price_words(card: Card) -> str:
    """`60 credits per job`, `14–67 credits per second`, `unpublished`: the span of the card's whole table."""
    return span_words(rates_of(card), card.pricing["unit"]) or "unpublished"


def card_lines(cards: Sequence[Card]) -> list[str]:
    """One line per card, in columns: id, gateway, status, confidence, price."""
    rows = [(card.id, card.gateway, card.status, card.confidence, price_words(card)) for card in cards]
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    return ["  ".join((*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[4])) for row in rows]


def models_page(cards: Iterable[Card]) -> str:
    """The page of all models in Markdown."""
    families: dict[str, list[Card]] = {}
    for card in cards:
        families.setdefault(card.family, []).append(card)
    named = {_heading(family, members): members for family, members in families.items()}
    return _HEAD + "".join(_section(name, named[name]) for name in sorted(named))


def _section(name: str, cards: Sequence[Card]) -> str:
    rows = "".join(f"| {' | '.join(_cells(card))} |\n" for card in cards)
    return f"\n## {name}\n\n| id | gateway | title | what it is | price | as of |\n|---|---|---|---|---|---|\n{rows}"


def _cells(card: Card) -> tuple[str, ...]:
    names = ", ".join(f"`{name}`" for name in (card.id, *card.aliases))
    return names, card.gateway, card.title, card.summary.replace("|", "\\|"), price_words(card), card.pricing["as_of"]


def _heading(family: str, cards: Sequence[Card]) -> str:
    name, vendor = _family_name(family, cards), cards[0].vendor
    return name if name == vendor else f"{name} ({vendor})"


def _family_name(family: str, cards: Sequence[Card]) -> str:
    """The family as the titles write it: `HappyHorse` for `happyhorse`."""
    letters = family.replace("-", "")
    pattern = re.compile("[ -]?".join(map(re.escape, letters)), re.IGNORECASE)
    matches = (pattern.match(card.title) for card in cards)
    return next((match.group() for match in matches if match), family.replace("-", " ").capitalize())
