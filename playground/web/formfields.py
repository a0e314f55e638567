"""The kinds of fields that a card's form has: how posted text becomes the typed value that is sent.

No field refuses anything: what cannot be read stays as it was typed, so that the one validator (`catalog.schema`) can
say what is wrong in the same words as the API does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, gettext_noop

from playground.catalog.values import spelled
from playground.web import widgets
from playground.web.boundfields import CardBoundField
from playground.web.cardwords import readable, said_later

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
PROMPT_ROWS, TEXT_ROWS = 6, 3


def about(spec: Mapping[str, Any]) -> Any:
    """A field's description, once it is shown; "" for none."""
    return said_later(str(spec.get("description", "")))


class CardField(forms.Field):
    """A field of a card. `spec` is its schema; Django's own `required` stays off, the validator knows better."""

    row_template = "forms/field.html"
    is_prompt = False
    is_hidden = False
    has_tally = False
    counted_to: int | None = None

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool, widget: forms.Widget, help_text: str = "") -> None:
        label, initial = said_later(str(spec.get("title", name))), spec.get("default")
        super().__init__(required=False, label=label, widget=widget, initial=initial, help_text=help_text, template_name=self.row_template)
        self.spec = spec
        self.is_required = is_required
        self.is_advanced = bool(spec.get("x-advanced"))

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        return CardBoundField(form, self, field_name)

    @property
    def about(self) -> Any:
        """The card's line about the field, whether or not it stands below it."""
        return about(self.spec)

    @property
    def is_half(self) -> bool:
        """Two of these stand side by side."""
        return False

    @property
    def bounds(self) -> str:
        """`1 – 15 s`, at the label's end."""
        return ""

    def posted(self, name: str, value: Any) -> list[tuple[str, str]]:
        """What a browser would post for a value, as name and text."""
        return [] if value in (None, "") else [(name, str(self.prepare_value(value)))]


class TextField(CardField):
    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool, is_prompt: bool = False) -> None:
        is_long = spec.get("x-widget") == "textarea"
        self.counted_to = (spec.get("x-soft-max-length") or spec.get("maxLength")) if is_long else None
        self.is_prompt = is_prompt
        super().__init__(
            spec,
            name=name,
            is_required=is_required,
            widget=self._area(spec) if is_long else widgets.Line({"autocomplete": "off", "spellcheck": "false"}),
            help_text="" if is_long else about(spec),
        )

    def _area(self, spec: Mapping[str, Any]) -> forms.Widget:
        attrs: dict[str, Any] = {"rows": PROMPT_ROWS if self.is_prompt else TEXT_ROWS, "placeholder": about(spec)}
        if self.is_prompt:
            attrs["data-prompt"] = True
        if self.counted_to:
            attrs["data-max"] = self.counted_to
        return widgets.PromptArea(attrs)

    def to_python(self, value: Any) -> Any:
        # Browsers send CRLF for a line break, whatever was typed; white space alone says nothing.
        text = str(value or "").replace("\r\n", "\n")
        return text if text.strip() else ""


class FixedField(CardField):
    """A choice of one: hidden, and sent."""

    is_hidden = True

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        super().__init__(spec, name=name, is_required=is_required, widget=widgets.Fixed())
        self.initial = spec["enum"][0]

    def to_python(self, value: Any) -> Any:
        return self.initial if value in (None, "") or str(value) == str(self.initial) else value


class ChoiceField(CardField):
    """One of several. `named` are the choices with their words, as written, where the schema has no enum."""

    is_open_switch = False

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool, named: Mapping[Any, str] | None = None) -> None:
        unit = f" {spec['x-unit']}" if "x-unit" in spec else ""
        self.values = {spelled(value): value for value in named or spec["enum"]}
        written = {text: (named or {}).get(value) or f"{readable(text)}{unit}" for text, value in self.values.items()}
        self.labels = {text: said_later(words) for text, words in written.items()}
        # How it looks does not depend on the language.
        labels = list(written.values())
        # Radio buttons cannot be taken back, so a choice that may stay open needs a list with an empty line.
        may_stay_open = not is_required and "default" not in spec
        self.is_segmented = widgets.is_short(labels) and (self.is_open_switch or not may_stay_open)
        self.total_characters = sum(map(len, labels))
        needs_empty = may_stay_open or (is_required and "default" not in spec and not self.is_segmented)
        empty: list[tuple[str, Any]] = [("", gettext_lazy("Not set"))] if needs_empty else []
        widget_class = widgets.Segmented if self.is_segmented else widgets.NativeSelect
        super().__init__(spec, name=name, is_required=is_required, widget=widget_class(choices=[*empty, *self.labels.items()]))

    def to_python(self, value: Any) -> Any:
        return self.values.get(spelled(value), value) if value not in (None, "") else None

    def prepare_value(self, value: Any) -> Any:
        return spelled(value) if isinstance(value, bool) else value

    @property
    def is_half(self) -> bool:
        return self.is_segmented and len(self.values) <= 3 and self.total_characters <= 14


class OpenSwitchField(ChoiceField):
    """A switch without a default: not set, the provider decides; on and off are both statements."""

    is_open_switch = True

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        super().__init__(spec, name=name, is_required=is_required, named={True: gettext_noop("On"), False: gettext_noop("Off")})

    @property
    def is_half(self) -> bool:
        return False


class NumberField(CardField):
    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        self.is_text = bool(spec.get("x-number-string"))
        self.minimum = spec.get("minimum", spec.get("x-minimum"))
        self.maximum = spec.get("maximum", spec.get("x-maximum"))
        self.unit = str(spec.get("x-unit", ""))
        is_whole = spec.get("type") == "integer" or self.is_text
        step = spec.get("multipleOf", 1 if is_whole else "any")
        attrs = {"step": step, "inputmode": "numeric" if is_whole else "decimal"}
        attrs |= {word: limit for word, limit in (("min", self.minimum), ("max", self.maximum)) if limit is not None}
        self.has_slider = widgets.has_room_for_slider(self.minimum, self.maximum, step)
        widget = widgets.NumberBox(attrs, unit=self.unit, label=said_later(str(spec.get("title", name))))
        help_text = "" if self.has_slider else about(spec)
        super().__init__(spec, name=name, is_required=is_required, widget=widget, help_text=help_text)

    def to_python(self, value: Any) -> Any:
        text = str(value if value is not None else "").strip()
        if not text or self.is_text or not _NUMBER.fullmatch(text):
            return text or None
        return int(text) if "." not in text else _whole_if_so(float(text))

    @property
    def is_half(self) -> bool:
        return self.has_slider

    @property
    def bounds(self) -> str:
        if self.minimum is None or self.maximum is None:
            return ""
        return f"{_plain(self.minimum)} – {_plain(self.maximum)}{' ' if self.unit else ''}{self.unit}"


def _plain(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"


def _whole_if_so(number: float) -> int | float:
    return int(number) if number.is_integer() else number


class SwitchField(CardField):
    row_template = "forms/switch_field.html"

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        widget = widgets.Switch({"role": "switch"})
        super().__init__(spec, name=name, is_required=is_required, widget=widget, help_text=about(spec))

    def to_python(self, value: Any) -> Any:
        return value is True

    def posted(self, name: str, value: Any) -> list[tuple[str, str]]:
        return [(name, "on")] if value is True else []


class LinesField(CardField):
    """A list of short texts: ids, or addresses."""

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        is_one = spec.get("maxItems") == 1
        one_each = gettext_lazy("One per line.")
        both: Any = format_lazy("{about} {one_each}", about=about(spec), one_each=one_each) if about(spec) else one_each
        help_text = about(spec) if is_one else both
        attrs = {"rows": 1 if is_one else TEXT_ROWS, "spellcheck": "false", "autocomplete": "off"}
        if spec.get("items", {}).get("format") == "uri":
            attrs |= {"inputmode": "url", "placeholder": "https://…"}
        super().__init__(spec, name=name, is_required=is_required, widget=widgets.Lines(attrs), help_text=help_text)

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [str(line).strip() for line in lines if str(line).strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def posted(self, name: str, value: Any) -> list[tuple[str, str]]:
        return [(name, str(self.prepare_value(value)))] if value else []

    @property
    def item_limits(self) -> tuple[int | None, int | None]:
        return self.spec.get("minItems"), self.spec.get("maxItems")
