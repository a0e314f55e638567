"""What is said to people where a value does not fit its field: one sentence, with the field's title and the numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from playground.catalog.card import Card
from playground.catalog.values import in_words, plain, spelled

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_FORMATS = {"uri": "URL"}
# A range that one keyword breaks is told whole: "-1 or 4 to 30", "6 to 30".
_RANGE_KEYWORDS = ("minimum", "maximum", "anyOf", "pattern")


def title_of(card: Card, path: Sequence[str | int]) -> str:
    """`Shots 2 · Seconds` for `shots`, 1, `seconds`; "The input" for the whole."""
    if not path:
        return "The input"
    spec: Mapping[str, Any] = card.properties.get(str(path[0]), {})
    words = str(spec.get("title", path[0]))
    for part in path[1:]:
        if isinstance(part, int):
            words += f" {part + 1}"
            spec = spec.get("items", {})
        else:
            spec = spec.get("properties", {}).get(part, {})
            words += f" · {spec.get('title', part)}"
    return words


def sentence(title: str, keyword: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    """`limit` is what the schema has for `keyword`; `spec` the schema of the value."""
    if keyword in _RANGE_KEYWORDS and (words := range_words(spec)):
        return f"{title} must be {words}."
    if spec.get("x-number-string") and keyword == "maxLength":
        return f"{title} must be {range_words(spec) or 'a whole number in digits'}."
    write = _SENTENCES.get(keyword)
    return write(title, limit, value, spec) if write else f"{title} is not allowed here."


def range_words(spec: Mapping[str, Any]) -> str:
    """`6 to 30` or `-1 or 4 to 30`, where the field has one value apart from its range or counts in text; else ""."""
    if "x-number-string" in spec:
        return f"{spec['x-minimum']} to {spec['x-maximum']}" if {"x-minimum", "x-maximum"} <= set(spec) else ""
    parts = spec.get("anyOf", ())
    apart = [plain(part["const"]) for part in parts if "const" in part]
    lowest = next((part["minimum"] for part in parts if "minimum" in part), None)
    if not apart or lowest is None or "maximum" not in spec:
        return ""
    return f"{', '.join(apart)} or {plain(lowest)} to {plain(spec['maximum'])}"


def _type(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    kinds = limit if isinstance(limit, list) else [limit]
    return f"{title} must be {in_words([_TYPES.get(str(kind), str(kind)) for kind in kinds], 'or')}."


def _too_short(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return f"{title} needs at least {limit:,} characters." if value else f"{title} is required."


def _pattern(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    if spec.get("x-number-string"):
        return f"{title} must be a whole number in digits."
    beginning = re.fullmatch(r"\^((?:[\w:/-]|\\[./])+)", limit)
    if beginning:
        return f"{title} must begin with {beginning[1].replace(chr(92), '')}."
    about = str(spec.get("description", "")).rstrip(".")
    return f"{title} is not written as the model reads it" + (f": {about[:1].lower()}{about[1:]}." if about else ".")


def _multiple(title: str, limit: Any, value: Any, spec: Mapping[str, Any]) -> str:
    return f"{title} goes in steps of {plain(limit)}."


_SENTENCES: Mapping[str, Any] = {
    "type": _type,
    "enum": lambda title, limit, value, spec: f"{title} must be one of {', '.join(spelled(choice) for choice in limit)}.",
    "const": lambda title, limit, value, spec: f"{title} must be {spelled(limit)}.",
    "maxLength": lambda title, limit, value, spec: f"{title} is {len(value) - limit:,} characters too long (at most {limit:,}).",
    "minLength": _too_short,
    "minimum": lambda title, limit, value, spec: f"{title} must be at least {limit:,}.",
    "maximum": lambda title, limit, value, spec: f"{title} must be at most {limit:,}.",
    "minItems": lambda title, limit, value, spec: f"{title} takes at least {limit}.",
    "maxItems": lambda title, limit, value, spec: f"{title} takes at most {limit}; there are {len(value)}.",
    "uniqueItems": lambda title, limit, value, spec: f"{title} holds the same entry twice.",
    "multipleOf": _multiple,
    "pattern": _pattern,
    "format": lambda title, limit, value, spec: f"{title} must be a valid {_FORMATS.get(limit, limit)}.",
}
