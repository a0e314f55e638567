"""All cards, read once per process from the files beside this module."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from playground.catalog.card import Card, CardError, parse_card
from playground.core.speech import gettext as _

CARDS_DIR = Path(__file__).parent / "cards"
# An id that two gateways share means KIE's, because theirs is the contract that clients were written for.
DEFAULT_GATEWAY = "kie"
# Nobody's typing error is longer, and comparing is not free.
_LONGEST_GUESS = 100


class UnknownModel(LookupError):
    """No card has this id (on this gateway)."""

    def __init__(self, model_id: str, gateway: str | None = None) -> None:
        words = _("There is no model %(model)r on %(gateway)s.") if gateway else _("There is no model %(model)r.")
        super().__init__(words % {"model": model_id, "gateway": gateway})
        self.model_id = model_id
        self.gateway = gateway

    @property
    def nearest(self) -> tuple[str, ...]:
        """Up to three ids of live models that may have been meant, the likeliest first; the id itself if only the
        gateway was wrong."""
        asked = self.model_id.lower()
        if not 0 < len(asked) <= _LONGEST_GUESS:
            return ()
        if self.gateway and self.model_id in _by_id():
            return (self.model_id,)
        known = {name.lower(): card.id for card in live_cards() for name in (*card.aliases, card.id)}
        matches = get_close_matches(asked, known, n=6, cutoff=0.6) or [name for name in known if asked in name]
        return tuple(dict.fromkeys(known[match] for match in matches))[:3]


@cache
def all_cards() -> Sequence[Card]:
    """Every card, live and retired, ordered by gateway and id."""
    cards = tuple(parse_card(path.read_text("utf-8"), where=where_of(path)) for path in card_files())
    known: set[tuple[str, str]] = set()
    for card in cards:
        for model_id in (card.id, *card.aliases):
            if (card.gateway, model_id) in known:
                raise CardError(f"two cards for {(card.gateway, model_id)}")
            known.add((card.gateway, model_id))
    return cards


def card_files() -> list[Path]:
    """The files of all cards, in their order."""
    return sorted(CARDS_DIR.glob("*/*.json"))


def where_of(path: Path) -> str:
    """How messages name a card's file: `kie/google__veo-3-1.json`, as its gateway and id demand it."""
    return "/".join(path.parts[-2:])


@cache
def _by_id() -> dict[str, dict[str, Card]]:
    found: dict[str, dict[str, Card]] = {}
    for card in all_cards():
        for model_id in (card.id, *card.aliases):
            found.setdefault(model_id, {})[card.gateway] = card
    return found


def get(model_id: str, gateway: str | None = None) -> Card:
    """The card of an id or alias, retired ones too. Without a gateway: the only one that has it, else KIE's. Raises
    UnknownModel."""
    cards = _by_id().get(model_id, {})
    if gateway:
        card = cards.get(gateway)
    else:
        card = cards.get(DEFAULT_GATEWAY) or next(iter(cards.values()), None)
    if card is None:
        raise UnknownModel(model_id, gateway)
    return card


@cache
def live_cards() -> Sequence[Card]:
    """The cards of models that can be run."""
    return tuple(card for card in all_cards() if card.is_live)
