"""From one property of a card's schema to the field of its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.forms.boundfield import BoundField
from django.utils.translation import gettext_noop

from playground.catalog.card import Card, CardError
from playground.catalog.roles import field_for
from playground.web.formfields import CardField, ChoiceField, FixedField, LinesField, NumberField, OpenSwitchField, SwitchField, TextField
from playground.web.listfields import ListField, row_form_class
from playground.web.mediafields import MEDIA_WIDGETS, MediaField
from playground.web.taskpicker import TaskField


def fields_of(card: Card) -> dict[str, CardField]:
    """The fields of a card's form, in the card's order. Raises CardError for a shape that no widget can take."""
    prompt = field_for(card, "prompt")
    where = f"{card.gateway}/{card.id}: /input"
    fields = _fields(card.input, where=where, prompt=prompt)
    for check in card.checks:
        # A row without the name that the prompt has to mention is refused, though the schema lets it be left out.
        if (
            check["check"] == "names_used_in_prompt"
            and not check.get("advice")
            and isinstance(rows := fields.get(check["list"]), ListField)
        ):
            rows.require(check["item"])
    return fields


def _fields(schema: Mapping[str, Any], *, where: str, prompt: str | None = None) -> dict[str, CardField]:
    required = schema.get("required", ())
    properties = {name: spec for name, spec in schema["properties"].items() if not spec.get("deprecated")}
    return {
        name: _field(spec, name=name, is_required=name in required, where=f"{where}/properties/{name}", is_prompt=name == prompt)
        for name, spec in properties.items()
    }


def _field(spec: Mapping[str, Any], *, name: str, is_required: bool, where: str, is_prompt: bool) -> CardField:
    kind, look = spec.get("type"), spec.get("x-widget")
    if "enum" in spec:
        is_fixed = len(spec["enum"]) == 1 and (is_required or "default" in spec)
        return (FixedField if is_fixed else ChoiceField)(spec, name=name, is_required=is_required)
    if kind == "boolean":
        is_open = not is_required and "default" not in spec
        return (OpenSwitchField if is_open else SwitchField)(spec, name=name, is_required=is_required)
    if look == "number":
        return _number(spec, name=name, is_required=is_required)
    if spec.get("x-ref") == "task":
        return TaskField(spec, name=name, is_required=is_required)
    if look in MEDIA_WIDGETS:
        return MediaField(spec, name=name, is_required=is_required)
    if kind == "string":
        return TextField(spec, name=name, is_required=is_required, is_prompt=is_prompt)
    items = spec.get("items", {})
    if kind == "array" and items.get("type") == "object" and "properties" in items:
        inner = _fields(items, where=f"{where}/items")
        return ListField(spec, name=name, is_required=is_required, row_class=row_form_class(inner))
    if kind == "array" and items.get("type") == "string":
        return LinesField(spec, name=name, is_required=is_required)
    raise CardError(f"{where}: no widget for it")


def _number(spec: Mapping[str, Any], *, name: str, is_required: bool) -> CardField:
    """A number; one with a special value apart from its range (-1: the model chooses) is a list of choices."""
    special = [part["const"] for part in spec.get("anyOf", ()) if "const" in part]
    lowest = next((part["minimum"] for part in spec.get("anyOf", ()) if "minimum" in part), None)
    if not special or lowest is None:
        return NumberField(spec, name=name, is_required=is_required)
    words = {value: gettext_noop("As the source") if value == 0 else gettext_noop("Auto") for value in special}
    named = words | dict.fromkeys(range(lowest, spec["maximum"] + 1), "")
    return ChoiceField(spec, name=name, is_required=is_required, named=named)


def rows_of(fields: Sequence[BoundField]) -> list[list[BoundField]]:
    """Fields in the card's order, with two narrow neighbours in one row."""
    rows: list[list[BoundField]] = []
    for bound in fields:
        assert isinstance(bound.field, CardField)
        joins = rows and len(rows[-1]) == 1 and bound.field.is_half and _half(rows[-1][0])
        if joins:
            rows[-1].append(bound)
        else:
            rows.append([bound])
    return rows


def _half(bound: BoundField) -> bool:
    return isinstance(bound.field, CardField) and bound.field.is_half
