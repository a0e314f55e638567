"""What can be wrong with a card's rules and named checks beyond their form: unknown names, values and arguments."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from playground.catalog.card import Card, CardError
from playground.catalog.card_format import MEDIA_WIDGETS
from playground.catalog.card_problem import CardProblem, is_name, listing, mapping, schema_problems
from playground.catalog.checks import KINDS
from playground.catalog.rules import rules_of
from playground.catalog.schema import pointer_to
from playground.catalog.values import in_words

_RANGE = ("list", "start", "end", "max")
# What each kind of check must be told; `min` is for ranges, the circumstances are for all.
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "count_lte": ("field", "max"),
    "count_sum_lte": ("terms", "max"),
    "sum_field_equals": ("list", "item", "field"),
    "sum_field_lte": ("list", "item", "field"),
    "item_range": _RANGE,
    "item_range_ms": _RANGE,
    "media_seconds_lte": ("media", "max"),
    "media_total_seconds_lte": ("media", "max"),
    "media_seconds_plus_field_lte": ("media", "field", "max"),
    "names_used_in_prompt": ("list", "item", "field", "prefix"),
    "unique": ("list", "item"),
}
_CIRCUMSTANCES = ("when", "when_present", "when_absent")
# Of these the form has a hint, with a button, where the check is no more than the provider's advice.
_ADVISABLE = frozenset({"names_used_in_prompt"})


def rule_problems(data: Mapping[str, Any]) -> Iterator[CardProblem]:
    """Rules that name what is not there, or are no schemas."""
    fields = mapping(mapping(data.get("input")).get("properties"))
    for index, rule in enumerate(listing(data.get("rules"))):
        for half in ("if", "then"):
            pointer, schema = f"/rules/{index}/{half}", mapping(rule).get(half)
            yield from schema_problems(schema, pointer) if isinstance(schema, Mapping) else ()
            yield from _names(schema, pointer, fields)


def unreadable_rules(card: Card) -> Iterator[CardProblem]:
    """Rules that are schemas, but say more than forms and validator understand."""
    for index, rule in enumerate(card.rules):
        # A version of its own: readings are remembered by it.
        alone = dataclasses.replace(card, rules=(rule,), version=f"{card.version}/{index}")
        try:
            rules_of(alone)
        except CardError as error:
            half, _, message = str(error).partition("/rules/0/")[2].partition(": ")
            yield CardProblem(f"/rules/{index}/{half}", f"{message}; docs/cards.md lists what rules can say.")
        except (AttributeError, KeyError, TypeError):
            # Such as `true` in the place of a schema: JSON Schema, but nothing that could be said to people.
            yield CardProblem(f"/rules/{index}", "says what rules cannot say; docs/cards.md lists what they can.")


def _names(schema: object, pointer: str, fields: Mapping[str, Any]) -> Iterator[CardProblem]:
    if isinstance(schema, list):
        for index, part in enumerate(schema):
            yield from _names(part, f"{pointer}/{index}", fields)
    for keyword, value in mapping(schema).items():
        here = f"{pointer}/{keyword}"
        if keyword == "required":
            for index, name in enumerate(listing(value)):
                yield from () if is_name(name, fields) else [CardProblem(f"{here}/{index}", f"{name!r} is no field.")]
        elif keyword == "properties":
            for name, spec in mapping(value).items():
                place = here + pointer_to(name)
                yield from _impossible(spec, place, fields[name]) if name in fields else [CardProblem(place, f"{name!r} is no field.")]
        elif keyword in ("anyOf", "oneOf", "allOf", "not"):
            yield from _names(value, here, fields)


def _impossible(spec: object, pointer: str, field: object) -> Iterator[CardProblem]:
    """Values that the field can never have: a rule about them is a slip."""
    given = mapping(spec)
    values = [("const", given["const"])] if "const" in given else []
    values += [(f"enum/{index}", value) for index, value in enumerate(listing(given.get("enum")))]
    for key, value in values:
        if not _takes(field, value):
            yield CardProblem(f"{pointer}/{key}", f"{value!r} is no value that this field can have.")


def _takes(field: object, value: object) -> bool:
    try:
        return Draft202012Validator(dict(mapping(field))).is_valid(value)
    except Exception:  # a field that is no schema is complained about where it stands
        return True


def check_problems(data: Mapping[str, Any]) -> Iterator[CardProblem]:
    """Named checks of an unknown kind, with missing or unknown arguments, or about what is not there."""
    fields = mapping(mapping(data.get("input")).get("properties"))
    for index, check in enumerate(listing(data.get("checks"))):
        yield from _check_problems(mapping(check), f"/checks/{index}", fields)


def _check_problems(check: Mapping[str, Any], pointer: str, fields: Mapping[str, Any]) -> Iterator[CardProblem]:
    kind = check.get("check")
    if not is_name(kind, KINDS):
        if "check" in check:
            yield CardProblem(f"{pointer}/check", f"{kind!r} is no kind of check; there are {in_words(sorted(KINDS))}.")
        return
    needed = ARGUMENTS[str(kind)]
    allowed = {"check", *needed, *_CIRCUMSTANCES, *(("min",) if needed is _RANGE else ()), *(("advice",) if kind in _ADVISABLE else ())}
    for name in needed:
        if name not in check:
            yield CardProblem(f"{pointer}/{name}", f"is missing: {kind} needs {in_words(needed)}.")
    for name, value in check.items():
        if name not in allowed:
            yield CardProblem(pointer + pointer_to(name), f"is no argument of {kind}, which takes {in_words(sorted(allowed - {'check'}))}.")
        elif name != "check":
            message = _argument(name, value, check, fields)
            yield from [CardProblem(pointer + pointer_to(name), message)] if message else []


def _argument(name: str, value: Any, check: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    """What is wrong with one argument of a check, or nothing."""
    field = mapping(fields.get(value)) if isinstance(value, str) else {}
    match name:
        case "max" | "min":
            return "" if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else "must be a number, 0 or more."
        case "advice":
            return "" if value is True else "must be true, or left out."
        case "prefix":
            return "" if isinstance(value, str) else "must be a text."
        case "when":
            if not mapping(value):
                return "must be an object: fields and the values that they must have."
            return next((message for key, part in value.items() if (message := _circumstance(key, part, fields))), "")
        case "terms":
            return next(
                (message for term in listing(value) if (message := _term(term, fields))), "" if listing(value) else "must not be empty."
            )
        case "item" | "start" | "end":
            entry = mapping(mapping(mapping(fields.get(str(check.get("list")))).get("items")).get("properties"))
            return "" if is_name(value, entry) else f"{value!r} is no field of an entry of {check.get('list')}."
    if not field:
        return f"{value!r} is no field."
    if name == "list" and field.get("x-widget") != "list":
        return f"{value!r} is no list of objects."
    if name == "media" and field.get("x-widget") not in MEDIA_WIDGETS:
        return f"{value!r} takes no files."
    return ""


def _term(term: object, fields: Mapping[str, Any]) -> str:
    given = mapping(term)
    if not is_name(given.get("count"), fields) or given.keys() - {"count", "weight"}:
        return f"{term!r} is not the count of a field, with a weight or without."
    weight = given.get("weight", 1)
    return (
        ""
        if isinstance(weight, int) and weight > 0 and not isinstance(weight, bool)
        else f"{weight!r} is no weight: a whole number, 1 or more."
    )


def _circumstance(name: str, value: object, fields: Mapping[str, Any]) -> str:
    if name not in fields:
        return f"{name!r} is no field."
    return "" if _takes(fields[name], value) else f"{name} can never be {value!r}."
