"""What is wrong with a card file, and where: problems of its form, read from `FORMAT`."""

from __future__ import annotations

import copy
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from playground.catalog.card_format import FORMAT
from playground.catalog.schema import pointer_to
from playground.catalog.values import in_words

_FORM = Draft202012Validator(FORMAT)
_META = Draft202012Validator(Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
_TYPES = {
    "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "array": "a list",
    "object": "an object", "null": "null",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CardProblem:
    """`pointer` is an RFC 6901 JSON pointer into the file; `message` a sentence that goes on from it."""

    pointer: str
    message: str


def format_problems(data: object) -> Iterator[CardProblem]:
    """Missing and unknown keys, wrong types, unknown widgets, keywords that a field cannot use."""
    for error in _FORM.iter_errors(data):
        yield from _explain(error)


def schema_problems(schema: Any, pointer: str) -> Iterator[CardProblem]:
    """Where a part of the card is no JSON Schema 2020-12; a broken pattern too."""
    for error in _META.iter_errors(schema):
        yield CardProblem(pointer + pointer_to(*error.absolute_path), f"is no JSON Schema: {error.message}")


def _explain(error: ValidationError) -> Iterator[CardProblem]:
    path, limit, instance = list(error.absolute_path), cast(Any, error.validator_value), cast(Any, error.instance)
    if "propertyNames" in error.absolute_schema_path:
        yield CardProblem(pointer_to(*path, instance), "is no name for a field: letters, digits and underscores, a letter first.")
    elif error.validator == "required":
        for name in limit:
            if name not in instance and error.message.startswith(repr(name)):
                yield CardProblem(pointer_to(*path, name), "is missing.")
    elif error.validator == "additionalProperties":
        known = mapping(error.schema)["properties"]
        for name in instance:
            if name not in known:
                near = get_close_matches(str(name), known, n=1)
                there_is = f"perhaps {near[0]!r} is meant" if near else f"there are {in_words(sorted(known))}"
                yield CardProblem(pointer_to(*path, name), f"is unknown here; {there_is}.")
    else:
        yield CardProblem(pointer_to(*path), _sentence(str(error.validator), limit, instance, error.message))


def _sentence(keyword: str, limit: Any, instance: Any, message: str) -> str:
    match keyword:
        case "type":
            return f"must be {in_words([_TYPES[name] for name in ([limit] if isinstance(limit, str) else limit)], 'or')}."
        case "enum":
            return f"must be one of {in_words([_shown(choice) for choice in limit], 'or')}, not {_shown(instance)}."
        case "const":
            return f"must be {_shown(limit)}."
        case "minLength" | "minProperties":
            return "must not be empty."
        case "maxLength":
            return f"has {len(instance)} characters; at most {limit}."
        case "minItems" | "maxItems":
            return f"has {len(instance)} entries; {'at least' if keyword == 'minItems' else 'at most'} {limit}."
        case "minimum" | "maximum":
            return f"is {instance}; {'at least' if keyword == 'minimum' else 'at most'} {limit}."
        case "pattern":
            return f"is {_shown(instance)}, which does not have the form {limit}."
        case _:
            return f"is wrong: {message}."


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def without(data: Mapping[str, Any], pointers: Iterable[str]) -> Mapping[str, Any]:
    """The card without what stands at these places, so that whatever is left has the form that it should have."""
    kept = copy.deepcopy(dict(data))
    for pointer in pointers:
        path = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        _take_out(kept, path)
    return kept


def _take_out(place: Any, path: list[str]) -> None:
    """Take out the last key of an object that the path goes through: a list as a whole, for without one entry the others
    would change their numbers."""
    owner: dict[str, Any] = {}
    key = above = ""
    for index, part in enumerate(path):
        if isinstance(place, dict):
            owner, key, above = place, part, path[index - 1] if index else ""
            place = place.get(part)
        elif isinstance(place, list) and part.isdigit() and int(part) < len(place):
            place = place[int(part)]
        else:
            return
    if key in owner:
        # A field is there, though nothing is known of it.
        if above == "properties":
            owner[key] = {}
        else:
            del owner[key]


def is_name(value: object, names: Container[str]) -> bool:
    return isinstance(value, str) and value in names


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one: its form is complained about elsewhere."""
    return value if isinstance(value, Mapping) else {}


def listing(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
