"""From one property of a card's schema to a Django field: which widget, and how posted text becomes the typed value.

No field refuses anything: what cannot be read stays as it was typed, so that the one validator (`catalog.schema`) can
say what is wrong in the same words as the API does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from playground.catalog.card import Card, CardError
from playground.catalog.roles import field_for
from playground.web import widgets

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
PROMPT_ROWS, TEXT_ROWS = 6, 3


class CardBoundField(BoundField):
    """Adds the counter and the hints to what describes the input."""

    @property
    def aria_describedby(self) -> str:
        own = super().aria_describedby or ""
        field = self.field
        assert isinstance(field, CardField)
        more = [f"{self.auto_id}_count"] if field.counted_to else []
        return " ".join([*(["ph"] if field.is_prompt else []), *own.split(), *more])

    @property
    def length(self) -> int:
        return len(str(self.value() or "").replace("\r\n", "\n"))

    @property
    def fullness(self) -> str:
        """The counter's colour: warned from nine tenths on."""
        limit = getattr(self.field, "counted_to", None) or 0
        return "bad" if self.length > limit else "warn" if self.length >= 0.9 * limit else ""


class CardField(forms.Field):
    """A field of a card. `spec` is its schema; Django's own `required` stays off, the validator knows better."""

    row_template = "forms/field.html"
    is_prompt = False
    counted_to: int | None = None

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool, widget: forms.Widget, help_text: str = "") -> None:
        title, initial = str(spec.get("title", name)), spec.get("default")
        super().__init__(required=False, label=title, widget=widget, initial=initial, help_text=help_text, template_name=self.row_template)
        self.spec = spec
        self.is_required = is_required
        self.is_advanced = bool(spec.get("x-advanced"))

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        return CardBoundField(form, self, field_name)

    @property
    def is_half(self) -> bool:
        """Two of these stand side by side."""
        return False

    @property
    def bounds(self) -> str:
        """`1 – 15 s`, at the label's end."""
        return ""


class TextField(CardField):
    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool, is_prompt: bool = False) -> None:
        is_long = spec.get("x-widget") == "textarea"
        self.counted_to = (spec.get("x-soft-max-length") or spec.get("maxLength")) if is_long else None
        self.is_prompt = is_prompt
        super().__init__(
            spec,
            name=name,
            is_required=is_required,
            widget=self._area(spec, name) if is_long else widgets.Line({"autocomplete": "off", "spellcheck": "false"}),
            help_text="" if is_long else str(spec.get("description", "")),
        )

    def _area(self, spec: Mapping[str, Any], name: str) -> forms.Widget:
        attrs: dict[str, Any] = {"rows": PROMPT_ROWS if self.is_prompt else TEXT_ROWS, "placeholder": spec.get("description", "")}
        if self.is_prompt:
            attrs["data-prompt"] = True
        if self.counted_to:
            attrs |= {"data-counter": f"id_{name}_count", "data-max": self.counted_to}
        return widgets.PromptArea(attrs)

    def to_python(self, value: Any) -> Any:
        # Browsers send CRLF for a line break, whatever was typed; white space alone says nothing.
        text = str(value or "").replace("\r\n", "\n")
        return text if text.strip() else ""


class ChoiceField(CardField):
    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        unit = f" {spec['x-unit']}" if "x-unit" in spec else ""
        self.values = {str(value): value for value in spec["enum"]}
        choices = [(text, f"{text}{unit}") for text in self.values]
        labels = [label for _, label in choices]
        # Radio buttons cannot be taken back, so a choice that may stay open needs a list with an empty line.
        may_stay_open = not is_required and "default" not in spec
        self.is_segmented = widgets.is_short(labels) and not may_stay_open
        self.total_characters = sum(map(len, labels))
        empty = [("", "Not set")] if may_stay_open or (is_required and "default" not in spec and not self.is_segmented) else []
        widget_class = widgets.Segmented if self.is_segmented else widgets.NativeSelect
        super().__init__(spec, name=name, is_required=is_required, widget=widget_class(choices=[*empty, *choices]))

    def to_python(self, value: Any) -> Any:
        return self.values.get(str(value), value) if value not in (None, "") else None

    @property
    def is_half(self) -> bool:
        return self.is_segmented and len(self.values) <= 3 and self.total_characters <= 14


class NumberField(CardField):
    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        self.is_text = bool(spec.get("x-number-string"))
        self.minimum = spec.get("minimum", spec.get("x-minimum"))
        self.maximum = spec.get("maximum", spec.get("x-maximum"))
        self.unit = str(spec.get("x-unit", ""))
        is_whole = spec.get("type") == "integer" or self.is_text
        attrs = {"step": spec.get("multipleOf", 1 if is_whole else "any"), "inputmode": "numeric" if is_whole else "decimal"}
        attrs |= {word: limit for word, limit in (("min", self.minimum), ("max", self.maximum)) if limit is not None}
        widget = widgets.NumberBox(attrs, unit=self.unit, label=str(spec.get("title", name)))
        help_text = "" if self.bounds else str(spec.get("description", ""))
        super().__init__(spec, name=name, is_required=is_required, widget=widget, help_text=help_text)

    def to_python(self, value: Any) -> Any:
        text = str(value if value is not None else "").strip()
        if not text or self.is_text or not _NUMBER.fullmatch(text):
            return text or None
        return int(text) if "." not in text else _whole_if_so(float(text))

    @property
    def is_half(self) -> bool:
        return bool(self.bounds)

    @property
    def bounds(self) -> str:
        if self.minimum is None or self.maximum is None:
            return ""
        return f"{self.minimum:g} – {self.maximum:g}{' ' if self.unit else ''}{self.unit}"


def _whole_if_so(number: float) -> int | float:
    return int(number) if number.is_integer() else number


class SwitchField(CardField):
    row_template = "forms/switch_field.html"

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        self.says_no = is_required or "default" in spec
        widget = widgets.Switch({"role": "switch"})
        super().__init__(spec, name=name, is_required=is_required, widget=widget, help_text=str(spec.get("description", "")))

    def to_python(self, value: Any) -> Any:
        # Off is a statement where the card has a default to differ from; else nothing was said.
        return True if value is True else (False if self.says_no else None)


class LinesField(CardField):
    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        help_text = f"{spec.get('description', '')} One per line.".strip()
        super().__init__(spec, name=name, is_required=is_required, widget=widgets.Lines({"rows": TEXT_ROWS}), help_text=help_text)

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [str(line).strip() for line in lines if str(line).strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value


def field_of(card: Card, name: str) -> CardField:
    """The field for one property. Raises CardError for a shape that no widget can take."""
    spec = card.properties[name]
    is_required = name in card.required
    kind = spec.get("type")
    if "enum" in spec:
        return ChoiceField(spec, name=name, is_required=is_required)
    if kind == "boolean":
        return SwitchField(spec, name=name, is_required=is_required)
    if spec.get("x-widget") == "number":
        return NumberField(spec, name=name, is_required=is_required)
    if kind == "string":
        return TextField(spec, name=name, is_required=is_required, is_prompt=name == field_for(card, "prompt"))
    if kind == "array" and spec.get("items", {}).get("type") == "string":
        return LinesField(spec, name=name, is_required=is_required)
    raise CardError(f"{card.gateway}/{card.id}: no widget for /input/properties/{name}")


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
