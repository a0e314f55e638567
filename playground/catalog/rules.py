"""A card's if/then rules, read into what they do: forbid fields, ask for some, narrow a field's values.

The one reading that the validator refuses by, the form shows and `settle` follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from playground.catalog.card import Card, CardError, JSONObject
from playground.catalog.conditions import Condition, Payload, Unreadable, read_condition
from playground.catalog.values import is_among, is_same
from playground.core.speech import said


@dataclass(frozen=True)
class Forbids:
    """None of these may be given. `is_exclusion`: "not together", which holds for both sides; else it follows from a
    setting ("without an own shot list the list stays empty") and only the named fields have to give way."""

    names: tuple[str, ...]
    is_exclusion: bool

    def given(self, payload: Payload) -> list[str]:
        if self.is_exclusion:
            return [name for name in self.names if name in payload]
        return [name for name in self.names if isinstance(payload.get(name), list) and payload[name]]

    def breaches(self, payload: Payload) -> Iterator[tuple[str, bool]]:
        for name in self.given(payload):
            yield name, False


@dataclass(frozen=True)
class Needs:
    """At least one of these must be given; exactly one where `is_exclusive`."""

    names: tuple[str, ...]
    is_exclusive: bool = False

    def given(self, payload: Payload) -> list[str]:
        return [name for name in self.names if name in payload]

    def breaches(self, payload: Payload) -> Iterator[tuple[str, bool]]:
        given = self.given(payload)
        if not given:
            yield self.names[0], True
        elif self.is_exclusive and len(given) > 1:
            yield given[1], False


@dataclass(frozen=True)
class Narrows:
    """A field, where it is given, keeps to `choices` or within these bounds. None is "not narrowed"."""

    name: str
    choices: tuple[Any, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_items: int | None = None
    max_items: int | None = None

    def allows(self, value: object) -> bool:
        if self.choices is not None and not is_among(value, self.choices):
            return False
        if not isinstance(value, int | float) or isinstance(value, bool):
            return True
        return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)

    def breaches(self, payload: Payload) -> Iterator[tuple[str, bool]]:
        value = payload.get(self.name)
        if self.name in payload and not self.allows(value):
            yield self.name, False
        elif isinstance(value, list):
            if self.min_items is not None and len(value) < self.min_items:
                yield self.name, True
            elif self.max_items is not None and len(value) > self.max_items:
                yield self.name, False


Effect = Forbids | Needs | Narrows


@dataclass(frozen=True)
class Rule:
    """`number` counts from 1 in the card's order; `words` is the card's sentence as it stands there."""

    number: int
    condition: Condition
    effects: tuple[Effect, ...]
    words: str

    @property
    def message(self) -> str:
        """The card's sentence, in the reader's language."""
        return said(self.words)

    def holds(self, payload: Payload) -> bool:
        """Whether the rule applies to this payload at all."""
        return self.condition.holds(payload)

    def breaches(self, payload: Payload) -> list[tuple[str, bool]]:
        """The fields where a payload breaks the rule, each with whether something is missing there rather than wrong."""
        if not self.condition.holds(payload):
            return []
        return list(dict.fromkeys(found for effect in self.effects for found in effect.breaches(payload)))

    def choices(self, name: str) -> tuple[Any, ...]:
        """What the rule lets a field be, where it says so."""
        return next(
            (effect.choices for effect in self.effects if isinstance(effect, Narrows) and effect.name == name and effect.choices), ()
        )


_read: dict[tuple[str, str, str], tuple[Rule, ...]] = {}


def rules_of(card: Card) -> tuple[Rule, ...]:
    """The rules of a card, read once. Raises CardError for one that says more than rules can say, by its pointer."""
    key = (*card.key, card.version)
    if key not in _read:
        _read[key] = tuple(_rule(card, number, rule) for number, rule in enumerate(card.rules, 1))
    return _read[key]


def _rule(card: Card, number: int, rule: JSONObject) -> Rule:
    half = "if"
    try:
        condition = read_condition(rule["if"])
        half = "then"
        return Rule(number, condition, tuple(_effects(rule["then"])), str(rule["message"]))
    except Unreadable as error:
        raise CardError(f"{card.gateway}/{card.id}: /rules/{number - 1}/{half}: {error.args[0]!r} has no meaning in a rule") from None


def _effects(then: Mapping[str, Any]) -> Iterator[Effect]:
    for keyword, value in then.items():
        if keyword == "required":
            yield from (Needs((name,)) for name in value)
        elif keyword in ("anyOf", "oneOf"):
            yield Needs(tuple(_single(part) for part in value), is_exclusive=keyword == "oneOf")
        elif keyword == "not":
            yield Forbids(tuple(_single(part) for part in value.get("anyOf", [value])), is_exclusion=True)
        elif keyword == "properties":
            yield from (_narrowing(name, spec) for name, spec in value.items())
        else:
            raise Unreadable(keyword)


def _single(part: Mapping[str, Any]) -> str:
    if part.keys() != {"required"} or len(part["required"]) != 1:
        raise Unreadable(next((keyword for keyword in part if keyword != "required"), "required"))
    return str(part["required"][0])


_BOUNDS = {"minimum": "minimum", "maximum": "maximum", "minItems": "min_items", "maxItems": "max_items"}


def _narrowing(name: str, spec: Mapping[str, Any]) -> Effect:
    if is_same(spec.get("maxItems"), 0):
        return Forbids((name,), is_exclusion=False)
    values: dict[str, Any] = {}
    for keyword, value in spec.items():
        if keyword in _BOUNDS:
            values[_BOUNDS[keyword]] = value
        elif keyword in ("enum", "const"):
            values["choices"] = tuple(value) if keyword == "enum" else (value,)
        else:
            raise Unreadable(keyword)
    return Narrows(name, **values)
