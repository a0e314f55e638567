"""What can be wrong with the fields of a card beyond their form: defaults, bounds, widgets that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from playground.catalog.bounds import unbounded
from playground.catalog.card_format import MEDIA_WIDGETS, TEXT_WIDGETS
from playground.catalog.card_problem import CardProblem, listing, mapping, schema_problems
from playground.catalog.schema import pointer_to
from playground.catalog.values import in_words, is_among

_ORDERED = (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"), ("x-minimum", "x-maximum"))
_OF_FILES = ("x-accept", "x-max-mb", "x-media")
_JSON_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}


@dataclass(frozen=True, slots=True)
class Place:
    """One field, at the top or of an entry of a list, and where it stands in the file."""

    pointer: str
    spec: Mapping[str, Any]


def field_problems(schema: object) -> Iterator[CardProblem]:
    """All problems of `/input`."""
    yield from _unknown_required(mapping(schema), "/input")
    for place in places(schema):
        problems = list(schema_problems(dict(place.spec), place.pointer))
        yield from problems
        # A schema that is none cannot be asked whether it takes the default.
        yield from () if problems else _problems_of(place)
        yield from _unknown_required(mapping(place.spec.get("items")), f"{place.pointer}/items")


def places(schema: object, pointer: str = "/input") -> Iterator[Place]:
    """Every field of an object schema, those of its lists' entries included."""
    for name, spec in mapping(mapping(schema).get("properties")).items():
        here = f"{pointer}{pointer_to('properties', name)}"
        yield Place(here, mapping(spec))
        yield from places(mapping(spec).get("items"), f"{here}/items")


def _unknown_required(schema: Mapping[str, Any], pointer: str) -> Iterator[CardProblem]:
    known = mapping(schema.get("properties"))
    for index, name in enumerate(listing(schema.get("required"))):
        if name not in known:
            yield CardProblem(f"{pointer}/required/{index}", f"{name!r} is no field.")


def _problems_of(place: Place) -> Iterator[CardProblem]:
    yield from _open_ends(place)
    yield from _wrong_assumptions(place)
    yield from _wrong_values(place)
    yield from _contradictions(place)
    message = _misfit(place.spec)
    if message:
        yield CardProblem(f"{place.pointer}/x-widget", message)


def _open_ends(place: Place) -> Iterator[CardProblem]:
    # The fields of entries are places of their own.
    own = {key: value for key, value in place.spec.items() if key != "items"}
    items = {key: value for key, value in mapping(place.spec.get("items")).items() if key != "properties"}
    for pointer, missing in [*unbounded(own, place.pointer), *unbounded(items, f"{place.pointer}/items")]:
        advice = f"add {'it' if len(missing) == 1 else 'them'}, and name in x-assumed what the provider does not print"
        yield CardProblem(pointer, f"has no end: {in_words(missing)} {'is' if len(missing) == 1 else 'are'} missing; {advice}.")


def _wrong_assumptions(place: Place) -> Iterator[CardProblem]:
    for pointer, spec in ((place.pointer, place.spec), (f"{place.pointer}/items", mapping(place.spec.get("items")))):
        for index, key in enumerate(listing(spec.get("x-assumed"))):
            if key not in spec:
                yield CardProblem(f"{pointer}/x-assumed/{index}", f"{key!r} is assumed, but the field has no such key.")


def _wrong_values(place: Place) -> Iterator[CardProblem]:
    spec = place.spec
    types = _JSON_TYPES.get(str(spec.get("type")), (object,))
    for index, choice in enumerate(listing(spec.get("enum"))):
        if not isinstance(choice, types) or (isinstance(choice, bool) and spec.get("type") != "boolean"):
            yield CardProblem(f"{place.pointer}/enum/{index}", f"{choice!r} is not of the field's type, {spec.get('type')}.")
    if "default" in spec:
        if "enum" in spec and not is_among(spec["default"], listing(spec["enum"])):
            yield CardProblem(f"{place.pointer}/default", f"{spec['default']!r} is none of the choices in enum.")
            return
        rest = {key: value for key, value in spec.items() if key != "default"}
        for error in Draft202012Validator(rest).iter_errors(spec["default"]):
            yield CardProblem(f"{place.pointer}/default", f"is not valid for the field itself: {error.message}.")


def _contradictions(place: Place) -> Iterator[CardProblem]:
    spec = place.spec
    for low, high in _ORDERED:
        if low in spec and high in spec and spec[low] > spec[high]:
            yield CardProblem(f"{place.pointer}/{low}", f"is {spec[low]}, more than {high}, {spec[high]}.")
    if "x-soft-max-length" in spec and spec["x-soft-max-length"] >= spec.get("maxLength", 0):
        yield CardProblem(f"{place.pointer}/x-soft-max-length", "warns at or above maxLength, which refuses already.")
    if spec.get("x-number-string") and (spec.get("type") != "string" or not ("enum" in spec or "pattern" in spec)):
        yield CardProblem(f"{place.pointer}/x-number-string", "is for a string whose enum or pattern lets only numbers through.")
    if "x-ref" in spec and spec.get("x-widget") != "text":
        yield CardProblem(f"{place.pointer}/x-ref", "is for a field with the widget 'text'.")
    for key in ("x-parents", "x-parent-days"):
        if key in spec and "x-ref" not in spec:
            yield CardProblem(f"{place.pointer}/{key}", "is for a field that names an earlier task (x-ref).")
    for key in _OF_FILES:
        if key in spec and spec.get("x-widget") not in MEDIA_WIDGETS:
            yield CardProblem(f"{place.pointer}/{key}", "is for fields that take files.")


def _misfit(spec: Mapping[str, Any]) -> str:
    """Why the widget cannot show this field, or nothing."""
    widget, kind, items = spec.get("x-widget"), spec.get("type"), mapping(spec.get("items"))
    if "enum" in spec and widget != "select":
        return f"is {widget!r}; a field with an enum has the widget 'select'."
    match widget:
        case "select":
            return "" if "enum" in spec else "'select' needs an enum."
        case "switch":
            return "" if kind == "boolean" else "'switch' is for the type boolean."
        case "number":
            return "" if kind in ("integer", "number") or spec.get("x-number-string") else "'number' is for numbers or x-number-string."
        case "list":
            return "" if kind == "array" and items.get("type") == "object" else "'list' is for an array of objects."
        case "ids":
            return "" if kind == "array" and items.get("type") == "string" else "'ids' is for an array of strings."
    if widget in TEXT_WIDGETS:
        return "" if kind == "string" else f"{widget!r} is for the type string."
    if widget in MEDIA_WIDGETS:
        is_many = widget.endswith("s")
        link = items if is_many else spec
        fits = (kind == "array") == is_many and link.get("type") == "string" and link.get("format") == "uri"
        return "" if fits else f"{widget!r} is for {'an array of strings' if is_many else 'a string'} with the format uri."
    return ""
