"""How many seconds a payload is billed for: those of a field, of its media, or of frames over frames per second.

A length that nobody knows yet is a span from the least to the most that the field's limits allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from playground.catalog.card import Card, JSONObject
from playground.catalog.checks import counts_here
from playground.catalog.facts import Facts
from playground.catalog.values import listed, number_of, plain
from playground.core.speech import gettext as _

# What a file of unknown length is reckoned with where no page prints a limit; longer inputs are measured before they are paid.
MOST_SECONDS = Decimal(60)
_SHORTEST = Decimal(1)


class NoLength(Exception):
    """What stands for the length is no number."""


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds from `low` to `high`, equal when certain; `source` says what they are seconds of, or ""."""

    low: Decimal
    high: Decimal
    source: str = ""

    @property
    def words(self) -> str:
        low, high = (plain(seconds.quantize(Decimal("0.001"))) for seconds in (self.low, self.high))
        seconds = f"{low} s" if low == high else f"{low}–{high} s"
        return _("%(seconds)s of %(source)s") % {"seconds": seconds, "source": self.source} if self.source else seconds


NOTHING = Span(Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Billed:
    """`made` follows the clip that comes out, `added` the clips that go in. `is_twice`: both are the same clip's length.

    `is_counted`: the made seconds are a field's, hence whole ones.
    """

    made: Span
    added: Span
    is_twice: bool = False
    is_counted: bool = False

    @property
    def low(self) -> Decimal:
        return self.made.low + self.added.low

    @property
    def high(self) -> Decimal:
        return self.made.high + self.added.high

    @property
    def words(self) -> str:
        if self.is_twice:
            return f"2 × {self.made.words}"
        return f"({self.made.words} + {self.added.words})" if self.added.high else self.made.words


def billed(card: Card, payload: Mapping[str, Any], facts: Facts) -> Billed:
    """The billed seconds. Raises NoLength for a length that is no number."""
    rule = card.pricing["seconds"]
    name = card.pricing.get("plus_input_seconds")
    added = media_span(card, name, payload, facts) if name else NOTHING
    if "media" in rule:
        return Billed(media_span(card, rule["media"], payload, facts), added, is_twice=name == rule["media"])
    if "ratio" in rule:
        frames, frames_default, rate, rate_default = rule["ratio"]
        seconds = Decimal(str(payload.get(frames, frames_default))) / Decimal(str(payload.get(rate, rate_default)))
        return Billed(Span(seconds, seconds), added)
    return _of_field(card, rule, payload, facts, added)


def _of_field(card: Card, rule: JSONObject, payload: Mapping[str, Any], facts: Facts, added: Span) -> Billed:
    value = payload.get(rule["field"], rule.get("default"))
    if value is None and rule.get("else_media"):
        return Billed(media_span(card, rule["else_media"], payload, facts), added)
    if value is None:
        # Still to be chosen by the person.
        return Billed(Span(*_choosable(card.properties[rule["field"]])), added, is_counted=True)
    seconds = number_of(value)
    if seconds is None:
        raise NoLength(rule["field"])
    if seconds == 0 and rule.get("zero_means_media"):
        return Billed(media_span(card, rule["zero_means_media"], payload, facts), added)
    if seconds >= 0:
        return Billed(Span(seconds, seconds), added)
    shortest, longest = _choosable(card.properties[rule["field"]])
    together = _together(card, rule["field"], payload)
    longest = max(shortest, min(longest, together - added.low)) if together is not None and added.low else longest
    return Billed(Span(shortest, longest), added, is_counted=True)


def _choosable(spec: JSONObject) -> tuple[Decimal, Decimal]:
    """The least and the most seconds that the field allows, apart from words for "as you like" below zero."""
    if "enum" in spec:
        lengths = [number for choice in spec["enum"] if (number := number_of(choice)) is not None and number > 0]
        return min(lengths), max(lengths)
    least = next((part["minimum"] for part in spec.get("anyOf", ()) if "minimum" in part), None)
    least = least if least is not None else spec.get("x-minimum", spec.get("minimum", _SHORTEST))
    return max(_SHORTEST, Decimal(str(least))), Decimal(str(spec.get("x-maximum", spec.get("maximum", MOST_SECONDS))))


def _together(card: Card, field: str, payload: Mapping[str, Any]) -> Decimal | None:
    """The most that media and this field may come to, where a check says so."""
    for check in card.checks:
        if check["check"] == "media_seconds_plus_field_lte" and check["field"] == field and counts_here(check, payload):
            return Decimal(str(check["max"]))
    return None


def media_span(card: Card, name: str, payload: Mapping[str, Any], facts: Facts) -> Span:
    """The seconds of all files of a field. A required one that is still missing counts as one of unknown length."""
    urls = listed(payload.get(name))
    lengths = [facts.seconds_of(str(url)) for url in urls] or ([None] if name in card.required else [])
    known = sum((seconds for seconds in lengths if seconds is not None), Decimal(0))
    unknown = sum(seconds is None for seconds in lengths)
    source = card.field_name(name)
    if not unknown:
        return Span(known, known, source)
    limits = card.properties.get(name, {}).get("x-media", {})
    shortest = Decimal(str(limits.get("min_s", _SHORTEST)))
    high = known + unknown * max(shortest, _longest(card, name, limits, payload))
    if total := _total(card, name, limits, payload):
        high = min(high, max(total, known + unknown * shortest))
    return Span(known + unknown * shortest, high, source)


def _longest(card: Card, name: str, limits: JSONObject, payload: Mapping[str, Any]) -> Decimal:
    """The most that one file may last: by its own limit or by a check that counts here, else what is reckoned with."""
    found = [Decimal(str(limits["max_s"]))] if "max_s" in limits else []
    found += [Decimal(str(check["max"])) for check in _checks(card, "media_seconds_lte", name, payload)]
    return min(found, default=MOST_SECONDS)


def _total(card: Card, name: str, limits: JSONObject, payload: Mapping[str, Any]) -> Decimal | None:
    found = [Decimal(str(limits["total_s"]))] if "total_s" in limits else []
    found += [Decimal(str(check["max"])) for check in _checks(card, "media_total_seconds_lte", name, payload)]
    return min(found, default=None)


def _checks(card: Card, kind: str, name: str, payload: Mapping[str, Any]) -> list[JSONObject]:
    return [check for check in card.checks if check["check"] == kind and check["media"] == name and counts_here(check, payload)]
