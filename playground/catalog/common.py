"""What several models can be asked alike: values by the part that a field plays, whatever each model calls and spells it.

A value in common is named by one text ("16:9", "5", "720", "true"); each card has its own value for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator

from playground.catalog import schema
from playground.catalog.card import Card
from playground.catalog.roles import assumed, field_for, tier_lines
from playground.catalog.values import number_of, spelled
from playground.core.speech import gettext as _

ROLES = ("ratio", "duration", "resolution", "audio")
LONGEST_SECONDS = 60
_SHAPES = {"landscape": "16:9", "portrait": "9:16", "square": "1:1", "adaptive": "auto"}
_NAMED_TIERS = {1440: "2K", 2160: "4K"}
# A wish to go on so many times is no length.
_NO_SECONDS = ("extend_times",)
_known: dict[tuple[str, str, str, str], Mapping[str, Any]] = {}


_ANY_PROMPT = "A calm sea at dusk"
_starts: dict[tuple[str, str, str], dict[str, Any] | None] = {}


def takes_words_alone(card: Card) -> bool:
    """Whether a prompt is all that a job of this model needs: then it can stand beside others."""
    return card.is_live and start_of(card) is not None


def start_of(card: Card) -> dict[str, Any] | None:
    """What a job of this model needs beside a prompt and the defaults, as its example has it. None where words do not do."""
    key = (*card.key, card.version)
    if key not in _starts:
        _starts[key] = _start(card)
    return _starts[key]


def _start(card: Card) -> dict[str, Any] | None:
    prompt = field_for(card, "prompt")
    if prompt is None or "text-to-video" not in card.scenes:
        return None
    example = {name: value for name, value in card.example.items() if name != prompt}
    needed = {name: value for name, value in example.items() if name in card.required and name not in card.defaults}
    for start in (needed, example):
        if not schema.validate(card, {**card.defaults, **start, prompt: _ANY_PROMPT}):
            return start
    return None


def values_of(card: Card, role: str) -> Mapping[str, Any]:
    """The card's own values for a role by their name in common; empty where it has no such field."""
    key = (*card.key, card.version, role)
    if key not in _known:
        name = field_for(card, role)
        _known[key] = {} if name is None or name in _NO_SECONDS else _READERS[role](card.properties[name])
    return _known[key]


def name_of(card: Card, role: str, value: Any) -> str:
    """The name in common of a card's own value, "" where it has none."""
    return next((name for name, own in values_of(card, role).items() if spelled(own) == spelled(value)), "")


def shared_values(cards: Sequence[Card], role: str) -> list[str]:
    """What all of these models take, in the first one's order. Sound is skipped by a model without it, so two are enough."""
    asked = cards
    if role == "audio":
        having = [card for card in cards if values_of(card, role)]
        asked = having if len(having) > 1 else cards
    if not asked:
        return []
    return [name for name in values_of(asked[0], role) if all(name in values_of(card, role) for card in asked[1:])]


def usual_value(cards: Sequence[Card], role: str, names: Sequence[str]) -> str:
    """Of the values in common the one that most of the models take by themselves."""
    own = [name_of(card, role, assumed(card, name, {})) for card in cards if (name := field_for(card, role))]
    counted = Counter(name for name in own if name in names)
    return max(names, key=lambda name: counted[name]) if names else ""


def label_of(role: str, name: str) -> str:
    """`5 s`, `720p`, `16:9`, `Auto`, for people."""
    if role == "duration":
        return f"{name} s"
    if role == "resolution":
        return _NAMED_TIERS.get(int(name), f"{name}p")
    return _("Auto") if name == "auto" else name


def _ratios(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for choice in spec.get("enum", ()):
        word = str(choice).casefold()
        found.setdefault(_SHAPES.get(word, word), choice)
    return found


def _durations(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    if "enum" in spec:
        numbers = {number: choice for choice in spec["enum"] if (number := number_of(choice)) is not None and number > 0}
        return {spelled(float(number)): numbers[number] for number in sorted(numbers)}
    lowest, highest = spec.get("x-minimum", 1), spec.get("x-maximum", LONGEST_SECONDS)
    validator = Draft202012Validator(spec)
    found: dict[str, Any] = {}
    for seconds in range(max(1, int(lowest)), min(LONGEST_SECONDS, int(highest)) + 1):
        own = str(seconds) if spec.get("type") == "string" else seconds
        if validator.is_valid(own):
            found[str(seconds)] = own
    return found


def _resolutions(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    found: dict[int, Any] = {}
    for choice in spec.get("enum", ()):
        if lines := tier_lines(choice):
            found.setdefault(lines, choice)
    return {str(lines): found[lines] for lines in sorted(found)}


def _switch(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"true": True, "false": False}


_READERS = {"ratio": _ratios, "duration": _durations, "resolution": _resolutions, "audio": _switch}
