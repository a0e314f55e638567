"""Friendly remarks on a payload that is allowed but perhaps not meant. They never block Run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from playground.catalog import ignored, wishes, wording
from playground.catalog.card import Card
from playground.catalog.draft import Draft, Hint
from playground.catalog.facts import NOTHING_KNOWN, Facts
from playground.core.speech import gettext as _

__all__ = ["Hint", "callback_hints", "hints"]

_CHECKS: tuple[Callable[[Draft], Iterator[Hint]], ...] = (
    wording.secrets,
    ignored.files_the_mode_ignores,
    ignored.shots_that_do_not_add_up,
    ignored.names_the_prompt_lacks,
    wishes.other_length,
    wishes.other_shape,
    wishes.other_resolution,
    wishes.sound_while_off,
    wording.language,
    wording.links,
    wording.unbalanced_quotes,
    ignored.shape_of_the_picture,
    ignored.prompt_beside_shots,
    wording.too_short,
    wording.over_soft_limit,
)


def hints(card: Card, payload: Mapping[str, Any], facts: Facts = NOTHING_KNOWN) -> list[Hint]:
    """All hints, the serious ones first. The payload need not be valid."""
    draft = Draft(card, payload, facts)
    found = [hint for check in _CHECKS for hint in check(draft)]
    return sorted(found, key=lambda hint: hint.level != "bad")


def callback_hints(url: str) -> list[Hint]:
    """A remark on the address that a finished job is reported to, which is no field of a card."""
    if url.lower().startswith("http://"):
        message = _("The callback goes over http: anybody on the way can read it. Use https where you can.")
        return [Hint("callback_http", "warn", "", message)]
    return []
