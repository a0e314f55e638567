"""How a card's fields look: one widget per `x-widget`, each with its template under templates/forms/widgets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

from django import forms

RATIO = re.compile(r"(\d{1,2}):(\d{1,2})")
# A glyph has about this many square pixels, so that a wide and a tall frame weigh the same to the eye.
_GLYPH_AREA, _GLYPH_HEIGHT, _GLYPH_WIDTH = 200, 16, 23


class PromptArea(forms.Textarea):
    """A text that grows, with a counter. No `maxlength`: what is too long stays and is marked, the server refuses it."""

    template_name = "forms/widgets/textarea.html"


class Lines(forms.Textarea):
    """A list of texts, one per line."""

    template_name = "forms/widgets/textarea.html"


class Line(forms.TextInput):
    template_name = "forms/widgets/text.html"


class Segmented(forms.RadioSelect):
    """A few short choices side by side; frame shapes are drawn above their names."""

    template_name = "forms/widgets/segmented.html"

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, dict(attrs or {}))
        options = [option for _, group, _ in context["widget"]["optgroups"] for option in group]
        shapes = [RATIO.fullmatch(str(option["label"])) for option in options]
        if options and all(shapes):
            for option, shape in zip(options, shapes, strict=True):
                assert shape is not None
                option["glyph"] = glyph(int(shape[1]), int(shape[2]))
        context["widget"]["options"] = options
        return context


class NativeSelect(forms.Select):
    template_name = "forms/widgets/select.html"


class NumberBox(forms.NumberInput):
    """A number with its unit; with both bounds also a slider, which is tied to it by script and never sent itself."""

    template_name = "forms/widgets/number.html"

    def __init__(self, attrs: Mapping[str, Any] | None = None, *, unit: str = "", label: str = "") -> None:
        super().__init__(dict(attrs or {}))
        self.unit = unit
        self.label = label

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, dict(attrs or {}))
        limits = context["widget"]["attrs"]
        has_slider = {"min", "max"} <= set(limits)
        context["widget"] |= {"unit": self.unit, "label": self.label, "has_slider": has_slider}
        if has_slider:
            context["widget"]["share"] = share_of(context["widget"]["value"], limits["min"], limits["max"])
        return context


class Switch(forms.CheckboxInput):
    template_name = "forms/widgets/switch.html"


def glyph(width: int, height: int) -> tuple[int, int]:
    """Pixels of the little frame for a ratio."""
    wide = sqrt(_GLYPH_AREA * width / max(1, height))
    high = _GLYPH_AREA / max(1.0, wide)
    shrink = min(1.0, _GLYPH_WIDTH / max(1.0, wide), _GLYPH_HEIGHT / max(1.0, high))
    return max(4, round(wide * shrink)), max(4, round(high * shrink))


def share_of(value: object, minimum: float, maximum: float) -> str:
    """Where a slider's thumb stands, as CSS wants it."""
    try:
        share = (float(str(value)) - minimum) / ((maximum - minimum) or 1)
    except ValueError:
        share = 0.0
    return f"{100 * min(1.0, max(0.0, share)):.1f}%"


def is_short(labels: Sequence[str]) -> bool:
    """Few enough and short enough to stand side by side."""
    return len(labels) <= 6 and sum(map(len, labels)) <= 32
