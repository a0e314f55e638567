"""The one validator: the form, the API, the command line and the documentation all ask it.

`validate` returns every problem at once, each with a JSON pointer to the field where it bites, the rule's name and a
sentence for people. First the schema; if that holds, the card's rules; if these hold, its named checks. Rules test
presence, so callers drop empty fields first (`without_empty`).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from playground.catalog.card import Card
from playground.catalog.checks import findings
from playground.catalog.facts import NOTHING_KNOWN, Facts
from playground.catalog.rules import rules_of
from playground.catalog.sentences import sentence, title_of
from playground.catalog.values import without_empty
from playground.core.speech import gettext as _

__all__ = ["Problem", "pointer_to", "validate", "without_empty"]

_FORMATS = Draft202012Validator.FORMAT_CHECKER
_RULE_NAMES = {
    "maxLength": "max_length",
    "minLength": "min_length",
    "maxItems": "max_items",
    "minItems": "min_items",
    "multipleOf": "multiple_of",
    "uniqueItems": "unique_items",
    "anyOf": "range",
}
_MISSING = frozenset({"required", "minLength", "minItems"})


@dataclass(frozen=True, slots=True)
class Problem:
    """`pointer` is an RFC 6901 JSON pointer into the input; `rule` a short stable name; `message` a sentence.

    `is_missing`: something is still to be given, rather than wrong; a price can be told without it.
    """

    pointer: str
    rule: str
    message: str
    is_missing: bool = dataclasses.field(default=False, compare=False)

    @property
    def field(self) -> str:
        """The top-level field of the pointer, or "" for the payload as a whole."""
        return _unescape(self.pointer.split("/")[1]) if self.pointer else ""


def pointer_to(*parts: str | int) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def validate(card: Card, payload: object, facts: Facts = NOTHING_KNOWN) -> list[Problem]:
    """All problems of a payload, in the order of the card's fields; an empty list means valid.

    A limit on the length of media holds for the files whose length `facts` knows.
    """
    if not isinstance(payload, Mapping):
        return [Problem("", "type", _("The input must be an object."))]
    problems = [problem for error in _validator(card).iter_errors(payload) for problem in _explain(card, error)]
    problems += _unstorable(payload)
    problems = problems or list(_broken_rules(card, payload)) or list(_failed_checks(card, payload, facts))
    order = {name: index for index, name in enumerate(card.properties)}
    return sorted(_without_repetition(problems), key=lambda problem: order.get(problem.field, -1))


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_validators: dict[tuple[str, str, str], Draft202012Validator] = {}


def _validator(card: Card) -> Draft202012Validator:
    key = (*card.key, card.version)
    if key not in _validators:
        _validators[key] = Draft202012Validator(card.input, format_checker=_FORMATS)
    return _validators[key]


def _broken_rules(card: Card, payload: Mapping[str, Any]) -> Iterator[Problem]:
    for rule in rules_of(card):
        for name, is_missing in rule.breaches(payload):
            yield Problem(pointer_to(name), f"rule-{rule.number}", rule.message, is_missing)


def _failed_checks(card: Card, payload: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    for found in findings(card, payload, facts):
        yield Problem(pointer_to(*found.path), found.kind, found.message)


def _without_repetition(problems: list[Problem]) -> list[Problem]:
    """One of those that say the same of the same place: a range may be broken by two keywords at once."""
    return list({(problem.pointer, problem.message): problem for problem in reversed(problems)}.values())[::-1]


def _explain(card: Card, error: ValidationError) -> Iterator[Problem]:
    path = list(error.absolute_path)
    keyword = str(error.validator)
    instance: Any = error.instance
    limit: Any = error.validator_value
    if keyword == "required":
        # One error per missing name; the name is what the schema asked for and the value does not have.
        for name in limit:
            if name not in instance and error.message.startswith(repr(name)):
                message = _("%(field)s is required.") % {"field": title_of(card, [*path, name])}
                yield Problem(pointer_to(*path, name), "required", message, is_missing=True)
        return
    spec: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    if keyword == "additionalProperties":
        for name in instance:
            if name not in spec.get("properties", {}):
                message = _("%(name)r is not a field of %(model)s.") % {"name": name, "model": card.title}
                yield Problem(pointer_to(*path, name), "unknown_field", message)
        return
    message = sentence(title_of(card, path), keyword, limit, instance, spec)
    yield Problem(pointer_to(*path), _RULE_NAMES.get(keyword, keyword), message, keyword in _MISSING)


def _unstorable(payload: Mapping[str, Any]) -> Iterator[Problem]:
    """NUL and lone surrogates are legal in JSON text and illegal in databases and on the wire."""
    for name, value in payload.items():
        for text in (str(name), *_texts(value)):
            if _UNSTORABLE.search(text):
                yield Problem(
                    pointer_to(str(name).encode("ascii", "replace").decode()),
                    "characters",
                    _("The text holds a character that cannot be stored."),
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
