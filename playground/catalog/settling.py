"""What a form does by itself so that no rule of its card forbids, fixes or narrows what it sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.catalog.card import Card
from playground.catalog.rules import Forbids, Narrows, Needs, Rule, rules_of
from playground.catalog.values import choices_of, is_among, number_of, without_empty


@dataclass(frozen=True, slots=True)
class Change:
    """A field that was changed, with the rule's sentence. `old` or `new` is None for a field that is not sent."""

    field: str
    old: Any
    new: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    payload: dict[str, Any]
    changes: list[Change]


def settle(card: Card, payload: Mapping[str, Any], edited: str = "") -> Settled:
    """The payload that may be sent, and what was changed for it, one change per field.

    Of two sides that exclude each other the one stays that was edited last, else a mode, else the first in the card's
    order. A fixed or narrowed value follows. Nothing is dropped for being one too many: that stays a problem.
    """
    settler = _Settler(card, without_empty(payload), edited)
    settler.run()
    return Settled(settler.payload, settler.merged())


class _Settler:
    def __init__(self, card: Card, payload: dict[str, Any], edited: str) -> None:
        self.card, self.payload, self.edited = card, payload, edited
        self.changes: list[Change] = []
        self.order = {name: position for position, name in enumerate(card.properties)}

    def run(self) -> None:
        """Rule by rule until none has anything to say; what one rule changed may be another's condition."""
        rules = rules_of(self.card)
        for _ in range(2 * len(rules) + 2):
            count = len(self.changes)
            for rule in rules:
                for change in self._changes(rule):
                    self._apply(change)
            if len(self.changes) == count:
                return

    def merged(self) -> list[Change]:
        first = {change.field: change for change in reversed(self.changes)}
        last = {change.field: change for change in self.changes}
        merged = [Change(name, first[name].old, last[name].new, last[name].reason) for name in dict.fromkeys(c.field for c in self.changes)]
        return [change for change in merged if change.old != change.new]

    def _apply(self, change: Change) -> None:
        self.changes.append(change)
        if change.new is None:
            self.payload.pop(change.field, None)
        else:
            self.payload[change.field] = change.new

    def _change(self, name: str, new: Any, rule: Rule) -> Change:
        return Change(name, self.payload.get(name), new, rule.message)

    def _changes(self, rule: Rule) -> Iterator[Change]:
        for effect in rule.effects:
            if not rule.holds(self.payload):
                return
            match effect:
                case Forbids():
                    yield from self._of_forbidden(rule, effect)
                case Needs():
                    yield from self._of_needed(rule, effect)
                case Narrows():
                    yield from self._of_narrowed(rule, effect)

    def _of_forbidden(self, rule: Rule, effect: Forbids) -> Iterator[Change]:
        forbidden = effect.given(self.payload)
        triggers = rule.condition.ending(self.payload) if forbidden and effect.is_exclusion else None
        if triggers and self._is_kept(forbidden, triggers, rule):
            for name in triggers:
                yield self._change(name, self._escape(rule, name), rule)
        else:
            for name in forbidden:
                yield self._change(name, None, rule)

    def _is_kept(self, forbidden: Sequence[str], triggers: Sequence[str], rule: Rule) -> bool:
        """Whether what is forbidden stays and what forbids it goes."""
        if self.edited in forbidden or self.edited in triggers:
            return self.edited in forbidden
        # A default is no wish, and a mode was chosen on purpose.
        wished = [name for name in forbidden if name not in self.card.defaults]
        if not wished or any(choices_of(self.card.properties.get(name, {})) for name in triggers):
            return False
        return min(map(self._position, wished)) < min(map(self._position, triggers))

    def _position(self, name: str) -> int:
        return self.order.get(name, len(self.order))

    def _escape(self, rule: Rule, name: str) -> Any:
        """What to set a field to so that the rule no longer applies; None takes it out."""
        choices = choices_of(self.card.properties.get(name, {}))
        others = [choice for choice in choices if not rule.holds({**self.payload, name: choice})]
        default = self.card.defaults.get(name)
        if is_among(default, others):
            return default
        return others[0] if others and name in self.card.required else None

    def _of_needed(self, rule: Rule, effect: Needs) -> Iterator[Change]:
        given = effect.given(self.payload)
        if effect.is_exclusive and len(given) > 1:
            kept = self.edited if self.edited in given else min(given, key=self._position)
            for name in given:
                if name != kept:
                    yield self._change(name, None, rule)
        if given:
            return
        triggers = rule.condition.ending(self.payload)
        if (value := natural_value(self.card, rule, effect)) is not None:
            yield self._change(effect.names[0], value, rule)
        elif triggers and all(_is_idle(self.card, name) for name in triggers):
            for name in triggers:
                yield self._change(name, None, rule)

    def _of_narrowed(self, rule: Rule, effect: Narrows) -> Iterator[Change]:
        name = effect.name
        value = self.payload.get(name, self.card.defaults.get(name))
        if value is not None and not isinstance(value, list) and not effect.allows(value):
            new = self._moved(effect, value)
            if new is not None:
                yield self._change(name, new, rule)

    def _moved(self, effect: Narrows, value: Any) -> Any:
        """The default if it is allowed, else the nearest number, else the first choice."""
        spec = self.card.properties.get(effect.name, {})
        default = self.card.defaults.get(effect.name)
        if default is not None and effect.allows(default):
            return default
        number = number_of(value)
        if effect.choices is None:
            bounds = [bound for bound in (effect.minimum, effect.maximum) if bound is not None]
            return min(bounds, key=lambda bound: abs(bound - float(number or 0)))
        own = choices_of(spec)
        allowed = [choice for choice in effect.choices if not own or is_among(choice, own)] or list(effect.choices)
        if number is None or any(number_of(choice) is None for choice in allowed):
            return allowed[0]
        return min(allowed, key=lambda choice: abs((number_of(choice) or 0) - number))


def natural_value(card: Card, rule: Rule, effect: Needs) -> Any:
    """What a needed field takes by itself: the value that the rule fixes, else its default; None where somebody must say."""
    if len(effect.names) != 1:
        return None
    fixed = rule.choices(effect.names[0])
    return fixed[0] if len(fixed) == 1 else card.defaults.get(effect.names[0])


def _is_idle(card: Card, name: str) -> bool:
    """A number or text that is there because it has a default: it can go unasked. A mode or a switch says something."""
    return name in card.defaults and name not in card.required and not choices_of(card.properties.get(name, {}))
