"""What JSON Schema cannot say about a payload: sums, counts over several fields, lengths of media, names that must be used.

A card lists these checks by kind. They are asked only of a payload that its schema and its rules accept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from playground.catalog.card import Card, JSONObject
from playground.catalog.facts import Facts
from playground.catalog.values import count_of, in_words, is_same, listed, number_of, plain, shortened, spelled
from playground.core.speech import gettext as _

# Sums of tenths of seconds come as floats; half a nanosecond is nobody's intention.
_TOLERANCE = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: `path` leads to the list, field or entry where it bites."""

    kind: str
    path: tuple[str | int, ...]
    message: str


@dataclass(frozen=True, slots=True)
class _Question:
    """One check, asked of one payload."""

    check: JSONObject
    card: Card
    payload: Mapping[str, Any]
    facts: Facts

    def title(self, key: str) -> str:
        return self.card.field_title(self.check[key])

    def entries(self) -> list[tuple[int, Mapping[str, Any]]]:
        return [(index, entry) for index, entry in enumerate(listed(self.payload.get(self.check["list"]))) if isinstance(entry, Mapping)]

    def number(self, name: str) -> Decimal:
        return number_of(self.payload.get(name)) or Decimal(0)

    def name(self, key: str) -> str:
        return self.card.field_name(self.check[key])

    def circumstance(self) -> str:
        return circumstance(self.check, self.card)


def findings(card: Card, payload: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
    """Everything that the card's checks find wrong. The payload must hold by the schema."""
    for check in card.checks:
        if not check.get("advice"):
            yield from findings_of(check, card, payload, facts)


def findings_of(check: JSONObject, card: Card, payload: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
    """What one check finds wrong; nothing where the circumstances in which it counts are others."""
    if counts_here(check, payload):
        yield from _KINDS[check["check"]](_Question(check, card, payload, facts))


def counts_here(check: JSONObject, payload: Mapping[str, Any]) -> bool:
    """Whether a check applies to this payload: its `when`, `when_present` and `when_absent` all fit."""
    if not all(is_same(payload.get(name), value) for name, value in check.get("when", {}).items()):
        return False
    present, absent = check.get("when_present"), check.get("when_absent")
    return not (present and not count_of(payload.get(present))) and not (absent and count_of(payload.get(absent)))


def circumstance(check: JSONObject, card: Card) -> str:
    """` while Mode is basic`: when a check counts, or nothing for one that always does."""
    parts = [
        _("%(field)s is %(value)s") % {"field": card.field_title(name), "value": _setting(value)}
        for name, value in check.get("when", {}).items()
    ]
    if check.get("when_present"):
        parts.append(_("%(field)s is given") % {"field": card.field_title(check["when_present"])})
    if check.get("when_absent"):
        parts.append(_("%(field)s is not given") % {"field": card.field_title(check["when_absent"])})
    return f" {_('while %(conditions)s') % {'conditions': in_words(parts)}}" if parts else ""


def weighed(check: JSONObject, payload: Mapping[str, Any]) -> int:
    """What the terms of a `count_sum_lte` come to."""
    return sum(count_of(payload.get(term["count"])) * int(term.get("weight", 1)) for term in check["terms"])


def known_seconds(check: JSONObject, payload: Mapping[str, Any], facts: Facts) -> Decimal:
    """What the check's media last together, as far as they were measured: what nobody measured breaks no limit."""
    lengths = [facts.seconds_of(str(url)) for url in listed(payload.get(check["media"]))]
    return sum((seconds for seconds in lengths if seconds is not None), Decimal(0))


def terms_in_words(check: JSONObject, card: Card) -> str:
    """The fields of a `count_sum_lte`: `Images, Clips and Characters`."""
    return in_words([card.field_title(term["count"]) for term in check["terms"]])


def sum_of(check: JSONObject, payload: Mapping[str, Any]) -> Decimal:
    """What a number comes to over all entries of the check's list."""
    return sum((number_of(entry.get(check["item"])) or Decimal(0) for entry in payload.get(check["list"], ())), Decimal(0))


def _setting(value: object) -> str:
    return (_("on") if value else _("off")) if isinstance(value, bool) else spelled(value)


def _count(question: _Question) -> Iterator[Finding]:
    check, name = question.check, question.check["field"]
    count = count_of(question.payload.get(name))
    if count > check["max"]:
        words = _("%(field)s takes at most %(limit)s%(circumstance)s; there are %(count)s.") % {
            "field": question.title("field"),
            "limit": check["max"],
            "circumstance": question.circumstance(),
            "count": count,
        }
        yield Finding(check["check"], (name,), words)


def _count_sum(question: _Question) -> Iterator[Finding]:
    check = question.check
    total = weighed(check, question.payload)
    if total <= check["max"]:
        return
    given = [term for term in check["terms"] if count_of(question.payload.get(term["count"]))]
    heaviest = max(given, key=lambda term: count_of(question.payload[term["count"]]) * term.get("weight", 1))
    titles = terms_in_words(check, question.card)
    weights = [
        _("each of %(field)s counts %(weight)s") % {"field": question.card.field_title(term["count"]), "weight": term["weight"]}
        for term in given
        if term.get("weight", 1) != 1
    ]
    words = _("%(fields)s count %(total)s together%(note)s; at most %(limit)s%(circumstance)s.") % {
        "fields": titles,
        "total": total,
        "note": f" ({in_words(weights)})" if weights else "",
        "limit": check["max"],
        "circumstance": question.circumstance(),
    }
    yield Finding(check["check"], (heaviest["count"],), words)


def _sum_against_field(question: _Question) -> Iterator[Finding]:
    check = question.check
    if check["list"] not in question.payload:
        return
    total, limit = sum_of(check, question.payload), question.number(check["field"])
    is_exact = check["check"] == "sum_field_equals"
    if abs(total - limit) < _TOLERANCE if is_exact else total <= limit + _TOLERANCE:
        return
    if check["field"] not in question.payload:
        words = _("The %(list)s last %(total)s s together; %(field)s is not given.")
    elif is_exact:
        words = _("The %(list)s last %(total)s s together; %(field)s is %(limit)s s.")
    else:
        words = _("The %(list)s last %(total)s s together; %(field)s is only %(limit)s s.")
    values = {"list": question.name("list"), "total": plain(total), "field": question.title("field"), "limit": plain(limit)}
    yield Finding(check["check"], (check["list"],), words % values)


def _range_of_entries(question: _Question) -> Iterator[Finding]:
    check = question.check
    # The kind says the unit: seconds, or thousandths of them.
    scale = Decimal(1000) if check["check"].endswith("_ms") else Decimal(1)
    shortest, longest = Decimal(check.get("min", 0)), Decimal(check["max"])
    for index, entry in question.entries():
        start, end = number_of(entry.get(check["start"])), number_of(entry.get(check["end"]))
        if start is None or end is None or shortest <= end - start <= longest:
            continue
        if end < start:
            words = _("%(entry)s ends before it starts.")
        elif shortest:
            words = _("%(entry)s is cut to %(seconds)s s; it must be %(shortest)s to %(longest)s s.")
        else:
            words = _("%(entry)s is cut to %(seconds)s s; it must be at most %(longest)s s.")
        values = {"seconds": plain((end - start) / scale), "shortest": plain(shortest / scale), "longest": plain(longest / scale)}
        words = words % {"entry": f"{question.title('list')} {index + 1}", **values}
        yield Finding(check["check"], (check["list"], index, check["end"]), words)


def _media_seconds(question: _Question) -> Iterator[Finding]:
    check, name = question.check, question.check["media"]
    is_list = isinstance(question.payload.get(name), list)
    for index, url in enumerate(listed(question.payload.get(name))):
        seconds = question.facts.seconds_of(str(url))
        if seconds is not None and seconds > check["max"]:
            where = f"{question.title('media')} {index + 1}" if is_list else question.title("media")
            words = _("%(entry)s lasts %(seconds)s s; at most %(limit)s s%(circumstance)s.") % {
                "entry": where,
                "seconds": plain(seconds),
                "limit": check["max"],
                "circumstance": question.circumstance(),
            }
            yield Finding(check["check"], (name, index) if is_list else (name,), words)


def _media_total(question: _Question) -> Iterator[Finding]:
    total = known_seconds(question.check, question.payload, question.facts)
    if total > question.check["max"]:
        words = _("%(field)s last %(total)s s together; at most %(limit)s s%(circumstance)s.") % {
            "field": question.title("media"),
            "total": plain(total),
            "limit": question.check["max"],
            "circumstance": question.circumstance(),
        }
        yield Finding(question.check["check"], (question.check["media"],), words)


def _media_plus_field(question: _Question) -> Iterator[Finding]:
    check = question.check
    media, asked = known_seconds(question.check, question.payload, question.facts), question.number(check["field"])
    if media + asked > check["max"]:
        words = _("%(media)s (%(lasting)s s) and %(field)s (%(asked)s s) come to %(total)s s; at most %(limit)s s.") % {
            "media": question.title("media"),
            "lasting": plain(media),
            "field": question.title("field"),
            "asked": plain(asked),
            "total": plain(media + asked),
            "limit": check["max"],
        }
        yield Finding(check["check"], (check["field"],), words)


def _names_in_prompt(question: _Question) -> Iterator[Finding]:
    check = question.check
    text = str(question.payload.get(check["field"], ""))
    for _index, entry in question.entries():
        name = f"{check['prefix']}{entry.get(check['item'])}"
        # One without a name cannot be spoken of.
        if check["item"] in entry and name not in text:
            values = {"field": question.title("field"), "name": shortened(name), "list": question.title("list")}
            yield Finding(check["check"], (check["field"],), _("%(field)s does not mention %(name)s; %(list)s has it.") % values)


def _unique(question: _Question) -> Iterator[Finding]:
    check = question.check
    seen: list[object] = []
    for index, entry in question.entries():
        value = entry.get(check["item"])
        if value is not None and value in seen:
            words = _("%(entry)s has the name “%(name)s” of another entry; each needs its own.") % {
                "entry": f"{question.title('list')} {index + 1}",
                "name": shortened(str(value)),
            }
            yield Finding(check["check"], (check["list"], index, check["item"]), words)
        seen.append(value)


_KINDS: dict[str, Callable[[_Question], Iterator[Finding]]] = {
    "count_lte": _count,
    "count_sum_lte": _count_sum,
    "sum_field_equals": _sum_against_field,
    "sum_field_lte": _sum_against_field,
    "item_range": _range_of_entries,
    "item_range_ms": _range_of_entries,
    "media_seconds_lte": _media_seconds,
    "media_total_seconds_lte": _media_total,
    "media_seconds_plus_field_lte": _media_plus_field,
    "names_used_in_prompt": _names_in_prompt,
    "unique": _unique,
}
KINDS = frozenset(_KINDS)
