"""What can be wrong with a card's prices beyond their form: axes, tables, lengths and dates that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product
from typing import Any

from playground.catalog.card import Card
from playground.catalog.card_format import MEDIA_WIDGETS
from playground.catalog.card_problem import CardProblem, is_name, listing, mapping
from playground.catalog.card_samples import valid_with
from playground.catalog.schema import pointer_to
from playground.catalog.values import choices_of, count_of, in_words, is_among, spelled

_MEDIA_KEYS = ("media", "zero_means_media", "else_media")


def price_problems(data: Mapping[str, Any]) -> Iterator[CardProblem]:
    """All that can be told of `/pricing` without asking for the price of an input."""
    pricing, schema = mapping(data.get("pricing")), mapping(data.get("input"))
    fields = mapping(schema.get("properties"))
    yield from _publication(pricing)
    yield from _dates(pricing)
    axes = [mapping(axis) for axis in listing(pricing.get("axes"))]
    for index, axis in enumerate(axes):
        yield from _axis(axis, f"/pricing/axes/{index}", fields, listing(schema.get("required")), bool(pricing.get("unpublished")))
    if "axes" in pricing:
        yield from _table(pricing.get("credits"), axes, "/pricing/credits", fields)
    for index, former in enumerate(listing(pricing.get("history"))):
        # A former price may have known no axes.
        if isinstance(mapping(former).get("credits"), Mapping):
            yield from _table(mapping(former)["credits"], axes, f"/pricing/history/{index}/credits", fields)
    yield from _lengths(pricing, fields, listing(schema.get("required")))
    for index, extra in enumerate(listing(pricing.get("extras"))):
        for number, name in enumerate(listing(mapping(extra).get("count_of"))):
            if name not in fields:
                yield CardProblem(f"/pricing/extras/{index}/count_of/{number}", f"{name!r} is no field.")


def combinations_without_a_price(card: Card) -> Iterator[CardProblem]:
    """Settings that a valid input can have and the table does not know."""
    table, axes = card.pricing["credits"], card.pricing["axes"]
    if not isinstance(table, Mapping):
        return
    sides = [_values(axis, index, table, card.properties) for index, axis in enumerate(axes)]
    for combination in product(*sides):
        key = "|".join(spelled(value) for value in combination)
        if key not in table:
            found = valid_with(card, dict(_settings(axes, combination)))
            if found is not None:
                yield CardProblem("/pricing/credits", f"has no price for {key!r}, which is valid: {found}.")


def _values(axis: Mapping[str, Any], index: int, table: Mapping[str, Any], fields: Mapping[str, Any]) -> list[Any]:
    if "nonempty" in axis:
        return ["no", "yes"]
    if "from_task" in axis:
        return sorted({key.split("|")[index] for key in table})
    return list(choices_of(mapping(fields.get(str(axis.get("field"))))))


def _settings(axes: list[Mapping[str, Any]], combination: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """How an input must be for this combination: `...` is "given, whatever it is"."""
    for axis, value in zip(axes, combination, strict=True):
        if "nonempty" in axis:
            yield from ((name, ... if value == "yes" and not index else None) for index, name in enumerate(axis["nonempty"]))
        elif "field" in axis:
            yield axis["field"], value


def _publication(pricing: Mapping[str, Any]) -> Iterator[CardProblem]:
    is_unpublished, credits = bool(pricing.get("unpublished")), pricing.get("credits")
    if is_unpublished and credits is not None:
        yield CardProblem("/pricing/unpublished", "contradicts the credits beside it: leave out one of them.")
    if not is_unpublished and credits is None and "credits" in pricing:
        yield CardProblem("/pricing/credits", "is null: give the price, or say unpublished: true.")
    if "confidence" in pricing and is_unpublished != (pricing["confidence"] == "none"):
        yield CardProblem("/pricing/confidence", "is 'none' if, and only if, the price is unpublished.")


def _dates(pricing: Mapping[str, Any]) -> Iterator[CardProblem]:
    dated = [("/pricing/as_of", pricing.get("as_of"))]
    dated += [(f"/pricing/history/{index}/as_of", mapping(old).get("as_of")) for index, old in enumerate(listing(pricing.get("history")))]
    for pointer, text in dated:
        if isinstance(text, str) and not _is_date(text):
            yield CardProblem(pointer, f"{text!r} is no date: write 2026-08-06, or 2026-08 if only the month is known.")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(f"{text}-01" if count_of(text.split("-")) == 2 else text)
    except ValueError:
        return False
    return "-" in text


def _axis(
    axis: Mapping[str, Any], pointer: str, fields: Mapping[str, Any], required: list[str], is_unpublished: bool
) -> Iterator[CardProblem]:
    kinds = [kind for kind in ("field", "nonempty", "from_task") if kind in axis]
    if len(kinds) != 1:
        yield CardProblem(pointer, "needs exactly one of field, nonempty and from_task.")
        return
    (kind,) = kinds
    if kind != "field" and "name" not in axis:
        yield CardProblem(f"{pointer}/name", "is missing: the price table shows it as the column's title.")
    for index, name in enumerate(listing(axis["nonempty"]) if kind == "nonempty" else [axis[kind]]):
        if name not in fields:
            yield CardProblem(f"{pointer}/{kind}{f'/{index}' if kind == 'nonempty' else ''}", f"{name!r} is no field.")
    field = mapping(fields.get(str(axis[kind]))) if kind != "nonempty" else {}
    if kind == "from_task":
        if field and field.get("x-ref") != "task":
            yield CardProblem(f"{pointer}/from_task", f"{axis[kind]!r} does not refer to an earlier task (x-ref).")
        if axis.get("default") is None:
            yield CardProblem(f"{pointer}/default", "is missing: what counts while the earlier task is not known.")
    elif kind == "field" and field:
        yield from _field_axis(axis, pointer, fields, axis["field"] in required or is_unpublished)


def _field_axis(axis: Mapping[str, Any], pointer: str, fields: Mapping[str, Any], may_be_open: bool) -> Iterator[CardProblem]:
    choices = choices_of(fields[axis["field"]])
    if not choices:
        yield CardProblem(f"{pointer}/field", f"{axis['field']!r} is neither a switch nor has it an enum.")
        return
    default = axis.get("default")
    if default is None and not may_be_open:
        yield CardProblem(f"{pointer}/default", f"is missing: {axis['field']!r} may be left out, and what costs it then?")
    if default is not None and not is_among(default, choices):
        yield CardProblem(f"{pointer}/default", f"{default!r} is no value of {axis['field']!r}.")
    for name, value in mapping(axis.get("default_when")).items():
        if name != "value" and name not in fields:
            yield CardProblem(f"{pointer}/default_when{pointer_to(name)}", f"{name!r} is no field.")
        elif name == "value" and not is_among(value, choices):
            yield CardProblem(f"{pointer}/default_when/value", f"{value!r} is no value of {axis['field']!r}.")


def _table(credits: Any, axes: list[Mapping[str, Any]], pointer: str, fields: Mapping[str, Any]) -> Iterator[CardProblem]:
    yield from _fractions(credits, pointer)
    if isinstance(credits, Mapping) and not axes:
        yield CardProblem(pointer, "is a table, but there are no axes to look it up by.")
    elif isinstance(credits, int | float) and axes:
        yield CardProblem(pointer, "is one number, but there are axes: give a table, or no axes.")
    elif isinstance(credits, Mapping):
        sides = [[spelled(value) for value in _values(axis, index, {}, fields)] for index, axis in enumerate(axes)]
        for key in credits:
            message = _key(key.split("|"), sides, axes)
            yield from [CardProblem(pointer + pointer_to(key), message)] if message else []


def _fractions(credits: Any, pointer: str) -> Iterator[CardProblem]:
    prices = {pointer + pointer_to(key): amount for key, amount in mapping(credits).items()} or {pointer: credits}
    for place, amount in prices.items():
        if isinstance(amount, float) and round(amount, 3) != amount:
            yield CardProblem(place, f"is {amount}; a thousandth of a credit is the least there is.")


def _key(parts: list[str], sides: list[list[str]], axes: list[Mapping[str, Any]]) -> str:
    if len(parts) != len(axes):
        return f"has {len(parts)} parts for {len(axes)} axes; they are separated by |."
    for part, side, axis in zip(parts, sides, axes, strict=True):
        if "from_task" not in axis and side and part not in side:
            return f"{part!r} is not among the values of {axis.get('field', axis.get('name'))}: {in_words(side, 'or')}."
    return ""


def _lengths(pricing: Mapping[str, Any], fields: Mapping[str, Any], required: list[str]) -> Iterator[CardProblem]:
    seconds = mapping(pricing.get("seconds"))
    if pricing.get("unit") == "job" and "seconds" in pricing:
        yield CardProblem("/pricing/seconds", "has no meaning for a price per job.")
    if pricing.get("unit") == "second" and "seconds" not in pricing:
        yield CardProblem("/pricing/seconds", "is missing: whose seconds does a price per second count?")
    if "seconds" in pricing and len([kind for kind in ("field", "media", "ratio") if kind in seconds]) != 1:
        yield CardProblem("/pricing/seconds", "needs exactly one of field, media and ratio.")
    named = [(f"/pricing/seconds/{key}", seconds[key]) for key in _MEDIA_KEYS if key in seconds]
    if "plus_input_seconds" in pricing:
        named.append(("/pricing/plus_input_seconds", pricing["plus_input_seconds"]))
    for pointer, name in named:
        if mapping(fields.get(name)).get("x-widget") not in MEDIA_WIDGETS:
            yield CardProblem(pointer, f"{name!r} is no field that takes files.")
    yield from _numbers_of_length(seconds, fields, required)


def _numbers_of_length(seconds: Mapping[str, Any], fields: Mapping[str, Any], required: list[str]) -> Iterator[CardProblem]:
    name = seconds.get("field")
    if name is not None and name not in fields:
        yield CardProblem("/pricing/seconds/field", f"{name!r} is no field.")
    elif name is not None and seconds.get("default") is None and name not in required and "else_media" not in seconds:
        yield CardProblem("/pricing/seconds/default", f"is missing: {name!r} may be left out, and how long is the clip then?")
    for index, part in enumerate(listing(seconds.get("ratio"))):
        if index % 2 == 0 and not is_name(part, fields):
            yield CardProblem(f"/pricing/seconds/ratio/{index}", f"{part!r} is no field.")
        elif index % 2 and (not isinstance(part, int | float) or part <= 0):
            yield CardProblem(f"/pricing/seconds/ratio/{index}", "must be the number that counts while the field before it is empty.")
