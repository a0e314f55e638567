"""The one validator: the form, the API, the command line and the documentation all ask it.

`validate` returns every problem at once, each with a JSON pointer to the field where it bites, the rule's name and a
sentence for people. Rules test presence, so callers drop empty fields first (`without_empty`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from playground.catalog.card import Card

_FORMATS = Draft202012Validator.FORMAT_CHECKER


@dataclass(frozen=True, slots=True)
class Problem:
    """`pointer` is an RFC 6901 JSON pointer into the input; `rule` a short stable name; `message` a sentence."""

    pointer: str
    rule: str
    message: str

    @property
    def field(self) -> str:
        """The top-level field of the pointer, or "" for the payload as a whole."""
        return _unescape(self.pointer.split("/")[1]) if self.pointer else ""


def pointer_to(*parts: str | int) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def without_empty(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Drop None, empty strings and empty lists: an empty form field means that nothing was said."""
    return {name: value for name, value in payload.items() if value is not None and value != "" and value != []}


def validate(card: Card, payload: object) -> list[Problem]:
    """All problems of a payload, in the order of the card's fields; an empty list means valid."""
    if not isinstance(payload, Mapping):
        return [Problem("", "type", "The input must be an object.")]
    compiled = _compiled(card)
    problems = [problem for error in compiled.base.iter_errors(payload) for problem in _explain(card, error)]
    problems += _unstorable(payload)
    if not problems:
        problems += [problem for rule in compiled.rules for problem in rule.problems(card, payload)]
    order = {name: index for index, name in enumerate(card.properties)}
    return sorted(dict.fromkeys(problems), key=lambda problem: order.get(problem.field, -1))


@dataclass(frozen=True)
class _Rule:
    condition: Draft202012Validator
    consequence: Draft202012Validator
    message: str
    name: str
    # Where it bites when the consequence as a whole is not met ("one of these two", "not together with").
    pointer: str

    def problems(self, card: Card, payload: Mapping[str, Any]) -> Iterator[Problem]:
        if not self.condition.is_valid(payload):
            return
        for error in self.consequence.iter_errors(payload):
            for problem in _explain(card, error):
                yield Problem(problem.pointer or self.pointer, self.name, self.message)


@dataclass(frozen=True)
class _Compiled:
    base: Draft202012Validator
    rules: tuple[_Rule, ...]


_compiled_cards: dict[tuple[str, str, str], _Compiled] = {}


def _compiled(card: Card) -> _Compiled:
    key = (*card.key, card.version)
    if key not in _compiled_cards:
        rules = tuple(
            _Rule(
                Draft202012Validator(rule["if"], format_checker=_FORMATS),
                Draft202012Validator(rule["then"], format_checker=_FORMATS),
                str(rule["message"]),
                f"rule-{number}",
                _first_field(rule["then"]),
            )
            for number, rule in enumerate(card.rules, 1)
        )
        _compiled_cards[key] = _Compiled(Draft202012Validator(card.input, format_checker=_FORMATS), rules)
    return _compiled_cards[key]


def _first_field(consequence: Mapping[str, Any]) -> str:
    """The pointer to the first field that a rule's consequence asks for or forbids, or ""."""
    for name in (*consequence.get("required", ()), *consequence.get("properties", ())):
        return pointer_to(name)
    inner = [part for keyword in ("anyOf", "oneOf", "allOf") for part in consequence.get(keyword, ())]
    found = (_first_field(part) for part in [consequence.get("not"), *inner] if isinstance(part, Mapping))
    return next((pointer for pointer in found if pointer), "")


def _explain(card: Card, error: ValidationError) -> Iterator[Problem]:
    path = list(error.absolute_path)
    keyword = str(error.validator)
    if keyword == "required":
        # One error per missing name; the name is what the schema asked for and the value does not have.
        required: Any = error.validator_value
        present: Any = error.instance
        for name in required:
            if name not in present and repr(name) in error.message:
                yield Problem(pointer_to(*path, name), "required", f"{_title(card, [*path, name])} is required.")
        return
    if keyword == "additionalProperties":
        known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        instance: Any = error.instance
        for name in instance:
            if name not in known:
                yield Problem(pointer_to(*path, name), "unknown_field", f"{name!r} is not a field of {card.title}.")
        return
    yield Problem(pointer_to(*path), _RULE_NAMES.get(keyword, keyword), _sentence(card, error, path, keyword))


_RULE_NAMES = {
    "maxLength": "max_length",
    "minLength": "min_length",
    "maxItems": "max_items",
    "minItems": "min_items",
    "multipleOf": "multiple_of",
    "uniqueItems": "unique_items",
}
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def _title(card: Card, path: list[str | int]) -> str:
    title = card.field_title(str(path[0])) if path else "The input"
    deeper = [str(part + 1) if isinstance(part, int) else str(part) for part in path[1:]]
    return f"{title} ({' · '.join(deeper)})" if deeper else title


def _sentence(card: Card, error: ValidationError, path: list[str | int], keyword: str) -> str:
    title = _title(card, path)
    limit: Any = error.validator_value
    value: Any = error.instance
    if keyword == "type":
        kinds = limit if isinstance(limit, list) else [limit]
        return f"{title} must be {' or '.join(_TYPES.get(str(kind), str(kind)) for kind in kinds)}."
    if keyword == "enum":
        return f"{title} must be one of {', '.join(str(choice) for choice in limit)}."
    if keyword == "maxLength":
        return f"{title} is {len(value) - limit:,} characters too long (at most {limit:,})."
    if keyword == "minLength":
        return f"{title} is required." if not value else f"{title} needs at least {limit:,} characters."
    if keyword in ("minimum", "maximum"):
        return f"{title} must be at {'least' if keyword == 'minimum' else 'most'} {limit:,}."
    if keyword in ("minItems", "maxItems"):
        return f"{title} takes at {'least' if keyword == 'minItems' else 'most'} {limit}."
    if keyword == "format":
        return f"{title} must be a valid {'URL' if limit == 'uri' else limit}."
    return f"{title} is not allowed here."


def _unstorable(payload: Mapping[str, Any]) -> Iterator[Problem]:
    """NUL and lone surrogates are legal in JSON text and illegal in databases and on the wire."""
    for name, value in payload.items():
        for text in (str(name), *_texts(value)):
            if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
                yield Problem(
                    pointer_to(str(name).encode("ascii", "replace").decode()),
                    "characters",
                    "The text holds a character that cannot be stored.",
                )
                break


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
