"""What a form can say about every field before anybody runs into a rule: what is forbidden, needed or impossible now, and why.

The rules and checks are asked what would be if a field were given or a choice made, so that a new card needs no code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from playground.catalog import checks
from playground.catalog.card import Card, JSONObject
from playground.catalog.facts import NOTHING_KNOWN, Facts
from playground.catalog.rules import Forbids, Narrows, Needs, Rule, rules_of
from playground.catalog.settling import Change, Settled, natural_value, settle
from playground.catalog.values import choices_of, count_of, number_of, spelled
from playground.core.speech import gettext as _

Number = TypeVar("Number", int, float)

__all__ = ["Change", "FieldGuide", "OneOf", "Settled", "guide", "settle"]


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these fields (the guide's own included) is still to be given."""

    message: str
    names: tuple[str, ...]


@dataclass(slots=True)
class FieldGuide:
    """Reasons are the rule's sentences, "" or None where nothing is said.

    `forbidden`: the field may not be given now. `required`: a rule (not the schema, which always asks) wants it now.
    `choices`: those that are impossible now, spelled as in `values.spelled` (`true` and `false` for a switch), with the
    reason. `min_items`, `max_items`, `minimum` and `maximum` are narrower than the schema's; `narrowed` says why.
    """

    forbidden: str = ""
    required: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    min_items: int | None = None
    max_items: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    narrowed: str = ""
    one_of: OneOf | None = None


def guide(card: Card, payload: Mapping[str, Any], facts: Facts = NOTHING_KNOWN) -> dict[str, FieldGuide]:
    """A guide for every field of the card, for the payload as `settle` leaves it."""
    reading = _Reading(card, settle(card, payload).payload, facts, {name: FieldGuide() for name in card.properties})
    for rule in rules_of(card):
        reading.follow(rule)
    for check in card.checks:
        reading.count(check)
    for found in reading.guides.values():
        if found.forbidden:
            found.one_of = None
    return reading.guides


@dataclass(frozen=True, slots=True)
class _Reading:
    card: Card
    payload: dict[str, Any]
    facts: Facts
    guides: dict[str, FieldGuide]

    def follow(self, rule: Rule) -> None:
        is_on = rule.holds(self.payload)
        for effect in rule.effects:
            match effect:
                case Forbids() if is_on:
                    self._forbid(effect.names, rule.message)
                case Forbids(is_exclusion=True):
                    self._exclude(rule, effect)
                case Needs():
                    self._ask_for(rule, effect, is_on)
                case Narrows() if is_on:
                    self._narrow(effect, rule.message)

    def _known(self, names: tuple[str, ...] | list[str]) -> Iterator[tuple[str, FieldGuide]]:
        return ((name, self.guides[name]) for name in names if name in self.guides)

    def _forbid(self, names: tuple[str, ...] | list[str], reason: str) -> None:
        for _name, found in self._known(names):
            found.forbidden = found.forbidden or reason

    def _exclude(self, rule: Rule, effect: Forbids) -> None:
        """The other side of "not together": what would forbid something that is given cannot be given or chosen."""
        # A default is always there and nobody's wish, so it keeps nothing out.
        if all(name in self.card.defaults for name in effect.given(self.payload)):
            return
        self._forbid([name for name in self._absent(rule) if self._would_hold(rule, name)], rule.message)
        for name, found in self._known(list(dict.fromkeys(rule.condition.names()))):
            for choice in choices_of(self.card.properties[name]):
                if rule.holds({**self.payload, name: choice}):
                    found.choices.setdefault(spelled(choice), rule.message)

    def _ask_for(self, rule: Rule, effect: Needs, is_on: bool) -> None:
        given = effect.given(self.payload)
        if is_on and not given:
            for _name, found in self._known(effect.names):
                if len(effect.names) == 1:
                    found.required = found.required or rule.message
                else:
                    found.one_of = found.one_of or OneOf(rule.message, effect.names)
        elif is_on and effect.is_exclusive:
            self._forbid([name for name in effect.names if name not in given], rule.message)
        elif not is_on and not given and natural_value(self.card, rule, effect) is None:
            # A field that is useless without another stays shut until the other is there.
            self._forbid([name for name in self._absent(rule) if self._would_hold(rule, name)], rule.message)

    def _absent(self, rule: Rule) -> list[str]:
        """Fields that the rule speaks of, not given, that are given freely rather than chosen."""
        names = dict.fromkeys(rule.condition.names())
        return [name for name in names if name not in self.payload and not choices_of(self.card.properties.get(name, {}))]

    def _would_hold(self, rule: Rule, name: str) -> bool:
        return rule.holds({**self.payload, name: object()})

    def _narrow(self, effect: Narrows, reason: str) -> None:
        for name, found in self._known((effect.name,)):
            for choice in choices_of(self.card.properties[name]):
                if not effect.allows(choice):
                    found.choices.setdefault(spelled(choice), reason)
            self._bound(found, reason, effect.min_items, effect.max_items, effect.minimum, effect.maximum)

    def _bound(
        self,
        found: FieldGuide,
        reason: str,
        min_items: int | None = None,
        max_items: int | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
    ) -> None:
        if all(bound is None for bound in (min_items, max_items, minimum, maximum)):
            return
        found.min_items = _largest(found.min_items, min_items)
        found.max_items = _smallest(found.max_items, max_items)
        found.minimum = _largest(found.minimum, minimum)
        found.maximum = _smallest(found.maximum, maximum)
        found.narrowed = found.narrowed or reason

    def count(self, check: JSONObject) -> None:
        kind = check["check"]
        if kind.startswith("media_seconds"):
            self._limit_by_length(check)
        if not checks.counts_here(check, self.payload):
            return
        if kind == "count_lte":
            when = checks.circumstance(check, self.card)
            for name, found in self._known((check["field"],)):
                values = {"field": self.card.field_title(name), "limit": check["max"], "circumstance": when}
                reason = _("%(field)s takes at most %(limit)s%(circumstance)s.") % values
                self._bound(found, reason, max_items=check["max"])
        elif kind == "count_sum_lte":
            self._share_out(check)

    def _share_out(self, check: JSONObject) -> None:
        """How many more each of several fields takes that have one allowance together."""
        total = checks.weighed(check, self.payload)
        titles = checks.terms_in_words(check, self.card)
        values = {"fields": titles, "limit": check["max"], "circumstance": checks.circumstance(check, self.card)}
        reason = _("%(fields)s come to at most %(limit)s together%(circumstance)s.") % values
        for term in check["terms"]:
            weight = int(term.get("weight", 1))
            own = count_of(self.payload.get(term["count"]))
            left = max(0, (int(check["max"]) - total + own * weight) // weight)
            for name, found in self._known((term["count"],)):
                if left == 0 and not own:
                    found.forbidden = found.forbidden or reason
                elif left < self.card.properties[name].get("maxItems", 1):
                    self._bound(found, reason, max_items=left)

    def _limit_by_length(self, check: JSONObject) -> None:
        """Choices that a file which was measured is too long for, and the seconds that its length leaves."""
        for name, found in self._known(list(check.get("when", {}))):
            for choice in choices_of(self.card.properties[name]):
                reasons = checks.findings_of(check, self.card, {**self.payload, name: choice}, self.facts)
                if finding := next(reasons, None):
                    found.choices.setdefault(spelled(choice), finding.message)
        if "field" not in check or not count_of(self.payload.get(check["media"])):
            return
        for name, found in self._known((check["field"],)):
            used = checks.known_seconds(check, self.payload, self.facts)
            left = check["max"] - used
            if used and left < self.card.properties[name].get("maximum", left):
                reason = _("%(media)s and %(field)s come to at most %(limit)s s together.") % {
                    "media": self.card.field_title(check["media"]),
                    "field": self.card.field_title(name),
                    "limit": check["max"],
                }
                self._bound(found, reason, maximum=float(left))
                for choice in choices_of(self.card.properties[name]):
                    if (number_of(choice) or 0) > left:
                        found.choices.setdefault(spelled(choice), reason)


def _largest(one: Number | None, other: Number | None) -> Number | None:
    return other if one is None else one if other is None else max(one, other)


def _smallest(one: Number | None, other: Number | None) -> Number | None:
    return other if one is None else one if other is None else min(one, other)
