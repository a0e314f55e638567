"""What is said to people where a value does not fit its field: one sentence, with the field's title and the numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from playground.catalog.card import Card
from playground.catalog.values import in_words, plain, spelled
from playground.core.speech import gettext as _
from playground.core.speech import gettext_noop, lowered, ngettext, said

_TYPES = {
    "string": gettext_noop("text"),
    "integer": gettext_noop("a whole number"),
    "number": gettext_noop("a number"),
    "boolean": gettext_noop("true or false"),
    "array": gettext_noop("a list"),
    "object": gettext_noop("an object"),
    "null": "null",
}
_FORMATS = {"uri": "URL"}
# A range that one keyword breaks is told whole: "-1 or 4 to 30", "6 to 30".
_RANGE_KEYWORDS = ("minimum", "maximum", "anyOf", "pattern")


def title_of(card: Card, path: Sequence[str | int]) -> str:
    """`Shots 2 · Seconds` for `shots`, 1, `seconds`; "The input" for the whole."""
    if not path:
        return _("The input")
    spec: Mapping[str, Any] = card.properties.get(str(path[0]), {})
    words = said(str(spec.get("title", path[0])))
    for part in path[1:]:
        if isinstance(part, int):
            words += f" {part + 1}"
            spec = spec.get("items", {})
        else:
            spec = spec.get("properties", {}).get(part, {})
            words += f" · {said(str(spec.get('title', part)))}"
    return words


def sentence(title: str, keyword: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    """`limit` is what the schema has for `keyword`; `spec` the schema of the value."""
    if keyword in _RANGE_KEYWORDS and (words := range_words(spec)):
        return _("%(field)s must be %(allowed)s.") % {"field": title, "allowed": words}
    if spec.get("x-number-string") and keyword == "maxLength":
        words = range_words(spec)
        return _("%(field)s must be %(allowed)s.") % {"field": title, "allowed": words} if words else _digits(title)
    write = _SENTENCES.get(keyword)
    return write(title, limit, value, spec) if write else _("%(field)s is not allowed here.") % {"field": title}


def range_words(spec: Mapping[str, Any]) -> str:
    """`6 to 30` or `-1 or 4 to 30`, where the field has one value apart from its range or counts in text; else ""."""
    if "x-number-string" in spec:
        return _span(spec["x-minimum"], spec["x-maximum"]) if {"x-minimum", "x-maximum"} <= set(spec) else ""
    parts = spec.get("anyOf", ())
    apart = [plain(part["const"]) for part in parts if "const" in part]
    lowest = next((part["minimum"] for part in parts if "minimum" in part), None)
    if not apart or lowest is None or "maximum" not in spec:
        return ""
    return in_words([*apart, _span(plain(lowest), plain(spec["maximum"]))], "or")


def _span(low: object, high: object) -> str:
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def _digits(title: str) -> str:
    return _("%(field)s must be a whole number in digits.") % {"field": title}


def _one_of(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return _("%(field)s must be one of %(choices)s.") % {"field": title, "choices": ", ".join(spelled(choice) for choice in limit)}


def _constant(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return _("%(field)s must be %(allowed)s.") % {"field": title, "allowed": spelled(limit)}


def _too_long(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    over = len(value) - limit
    # Both alike in English; other languages tell one from many.
    words = ngettext(
        "%(field)s is %(count)s characters too long (at most %(limit)s).",
        "%(field)s is %(count)s characters too long (at most %(limit)s).",
        over,
    )
    return words % {"field": title, "count": f"{over:,}", "limit": f"{limit:,}"}


def _too_many(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return _("%(field)s takes at most %(limit)s; there are %(count)s.") % {"field": title, "limit": limit, "count": len(value)}


def _minimum(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return _("%(field)s must be at least %(limit)s.") % {"field": title, "limit": f"{limit:,}"}


def _maximum(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return _("%(field)s must be at most %(limit)s.") % {"field": title, "limit": f"{limit:,}"}


def _too_few(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return _("%(field)s takes at least %(limit)s.") % {"field": title, "limit": limit}


def _twice(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return _("%(field)s holds the same entry twice.") % {"field": title}


def _format(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return _("%(field)s must be a valid %(format)s.") % {"field": title, "format": _FORMATS.get(limit, limit)}


def _type(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    kinds = limit if isinstance(limit, list) else [limit]
    return _("%(field)s must be %(allowed)s.") % {
        "field": title,
        "allowed": in_words([said(_TYPES.get(str(kind), str(kind))) for kind in kinds], "or"),
    }


def _too_short(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    words = _("%(field)s needs at least %(limit)s characters.") if value else _("%(field)s is required.")
    return words % {"field": title, "limit": f"{limit:,}"}


def _pattern(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    if spec.get("x-number-string"):
        return _digits(title)
    beginning = re.fullmatch(r"\^((?:[\w:/-]|\\[./])+)", limit)
    if beginning:
        return _("%(field)s must begin with %(beginning)s.") % {"field": title, "beginning": beginning[1].replace(chr(92), "")}
    about = lowered(said(str(spec.get("description", "")))).rstrip(".")
    if not about:
        return _("%(field)s is not written as the model reads it.") % {"field": title}
    return _("%(field)s is not written as the model reads it: %(about)s.") % {"field": title, "about": about}


def _multiple(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return _("%(field)s goes in steps of %(step)s.") % {"field": title, "step": plain(limit)}


_SENTENCES: Mapping[str, Any] = {
    "type": _type,
    "enum": _one_of,
    "const": _constant,
    "maxLength": _too_long,
    "minLength": _too_short,
    "minimum": _minimum,
    "maximum": _maximum,
    "minItems": _too_few,
    "maxItems": _too_many,
    "uniqueItems": _twice,
    "multipleOf": _multiple,
    "pattern": _pattern,
    "format": _format,
}
