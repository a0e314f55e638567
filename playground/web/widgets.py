"""How a card's fields look: one widget per `x-widget`, each with its template under templates/forms/widgets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from django import forms
from django.http import QueryDict

RATIO = re.compile(r"(\d{1,2}):(\d{1,2})")
# Frame shapes that some models name instead of counting.
_NAMED_SHAPES = {"landscape": (16, 9), "portrait": (9, 16), "square": (1, 1)}
_FREE_SHAPES = frozenset({"auto", "adaptive"})
# A glyph has about this many square pixels, so that a wide and a tall frame weigh the same to the eye.
_GLYPH_AREA, _GLYPH_HEIGHT, _GLYPH_WIDTH = 200, 16, 23
# More steps than this and a slider cannot be set exactly any more; seeds are typed.
_SLIDER_STEPS = 600


@dataclass(frozen=True, slots=True)
class ChoiceState:
    """What a form says about one choice now: what it would cost, and whether a rule makes it impossible."""

    price: str = ""
    is_impossible: bool = False


class PromptArea(forms.Textarea):
    """A text that grows, with a counter. No `maxlength`: what is too long stays and is marked, the server refuses it."""

    template_name = "forms/widgets/textarea.html"


class Lines(forms.Textarea):
    """A list of texts, one per line."""

    template_name = "forms/widgets/textarea.html"

    def format_value(self, value: Any) -> str:
        return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The lines of every posted value, so that a page may also post the name once per entry."""
        values = data.getlist(name) if isinstance(data, QueryDict) else [data.get(name, "")]
        return "\n".join(map(str, values))


class Line(forms.TextInput):
    template_name = "forms/widgets/text.html"


class Fixed(forms.HiddenInput):
    """The only choice there is: nothing to see, and still sent."""

    template_name = "forms/widgets/fixed.html"


class _Choices:
    """Choices that know their price and whether they are possible now; whoever renders the form fills `states`."""

    states: Mapping[str, ChoiceState]

    def with_states(self, options: Sequence[dict[str, Any]]) -> None:
        for option in options:
            state = self.states.get(str(option["value"]), _POSSIBLE)
            option |= {"price": state.price, "is_impossible": state.is_impossible}


_POSSIBLE = ChoiceState()


class Segmented(_Choices, forms.RadioSelect):
    """A few short choices side by side; frame shapes are drawn above their names."""

    template_name = "forms/widgets/segmented.html"

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(attrs, choices)
        self.states = {}

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, dict(attrs or {}))
        options = [option for _, group, _ in context["widget"]["optgroups"] for option in group]
        shapes = [shape_of(str(option["value"])) for option in options]
        if options and all(shapes) and any(shapes_with_frame := [shape != (0, 0) for shape in shapes]):
            for option, shape, has_frame in zip(options, shapes, shapes_with_frame, strict=True):
                assert shape is not None
                option["glyph"] = glyph(*shape) if has_frame else glyph(1, 1)
                option["is_free"] = not has_frame
        self.with_states(options)
        context["widget"]["options"] = options
        return context


class NativeSelect(_Choices, forms.Select):
    template_name = "forms/widgets/select.html"

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(attrs, choices)
        self.states = {}

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, dict(attrs or {}))
        options = [option for _, group, _ in context["widget"]["optgroups"] for option in group]
        self.with_states(options)
        context["widget"]["options"] = options
        return context


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
        has_slider = has_room_for_slider(limits.get("min"), limits.get("max"), limits.get("step"))
        context["widget"] |= {"unit": self.unit, "label": self.label, "has_slider": has_slider}
        if has_slider:
            context["widget"]["share"] = share_of(context["widget"]["value"], limits["min"], limits["max"])
        return context


class Switch(forms.CheckboxInput):
    """On or off. `forced` is the only position that a rule leaves; a disabled box is not posted, so it is sent beside it."""

    template_name = "forms/widgets/switch.html"
    forced: bool | None = None

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, dict(attrs or {}))
        if self.forced is not None:
            context["widget"]["attrs"]["disabled"] = True
        context["widget"]["is_forced_on"] = self.forced is True
        return context


def has_room_for_slider(minimum: float | None, maximum: float | None, step: object) -> bool:
    """Bounded on both sides, and coarse enough to be hit with a pointer."""
    if minimum is None or maximum is None or maximum <= minimum:
        return False
    width = step if isinstance(step, int | float) and step else (maximum - minimum) / 100
    return (maximum - minimum) / width <= _SLIDER_STEPS


def shape_of(label: str) -> tuple[int, int] | None:
    """Width and height of a frame shape's name, (0, 0) for one that follows its input, None for other words."""
    if found := RATIO.fullmatch(label):
        return int(found[1]), int(found[2])
    if label.lower() in _FREE_SHAPES:
        return 0, 0
    return _NAMED_SHAPES.get(label.lower())


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
