"""All cards, read once per process from the files beside this module."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from playground.catalog.card import Card, CardError, parse_card

CARDS_DIR = Path(__file__).parent / "cards"
# An id that two gateways share means KIE's, because theirs is the contract that clients were written for.
DEFAULT_GATEWAY = "kie"


class UnknownModel(LookupError):
    """No card has this id (on this gateway)."""

    def __init__(self, model_id: str, gateway: str | None = None) -> None:
        super().__init__(f"There is no model {model_id!r}" + (f" on {gateway}." if gateway else "."))
        self.model_id = model_id


@cache
def all_cards() -> Sequence[Card]:
    """Every card, live and retired, ordered by gateway and id."""
    cards = [parse_card(path.read_text("utf-8"), where=str(path.relative_to(CARDS_DIR))) for path in sorted(CARDS_DIR.glob("*/*.json"))]
    keys = [card.key for card in cards]
    for key in keys:
        if keys.count(key) > 1:
            raise CardError(f"two cards for {key}")
    return tuple(cards)


@cache
def _by_id() -> dict[str, dict[str, Card]]:
    found: dict[str, dict[str, Card]] = {}
    for card in all_cards():
        for model_id in (card.id, *card.aliases):
            found.setdefault(model_id, {})[card.gateway] = card
    return found


def get(model_id: str, gateway: str | None = None) -> Card:
    """The card of an id or alias. Without a gateway: the only one that has it, else KIE's. Raises UnknownModel."""
    cards = _by_id().get(model_id, {})
    if gateway:
        card = cards.get(gateway)
    else:
        card = cards.get(DEFAULT_GATEWAY) or next(iter(cards.values()), None)
    if card is None:
        raise UnknownModel(model_id, gateway)
    return card


def live_cards() -> Sequence[Card]:
    return tuple(card for card in all_cards() if card.is_live)
