"""One field of a form as its template sees it: its input, and everything that is said about it."""

from __future__ import annotations

from typing import Any

from django.forms import Widget
from django.forms.boundfield import BoundField

from playground.web.fieldstate import KEPT, FieldState
from playground.web.widgets import Segmented, Switch


class CardBoundField(BoundField):
    """Adds the counter, the rules and the prices to what describes the input. `is_swapped` marks it as out of band."""

    # A CardField, which is made of what stands here.
    field: Any
    is_swapped = False

    def get_context(self) -> dict[str, Any]:
        return {"field": self, "own": self.field, "state": self.state, "oob": self.is_swapped}

    @property
    def state(self) -> FieldState:
        states: dict[str, FieldState] = getattr(self.form, "states", {})
        return states.get(self.name) or FieldState(is_required=self.field.is_required)

    @property
    def wrapper_id(self) -> str:
        return f"field-{self.html_name}"

    @property
    def anchor(self) -> str:
        """The id that a link to this field leads to: its input, or the whole where there are several."""
        has_parts = self.use_fieldset or self.field.widget.id_for_label(self.auto_id) != self.auto_id
        return self.wrapper_id if has_parts else self.auto_id

    @property
    def is_needed(self) -> bool:
        """Required, by the card or by a rule as things stand."""
        return not self.state.forbidden and (self.state.is_required or bool(self.state.required))

    @property
    def said(self) -> str:
        """Name and digest of what is said here; it comes back, so that only what has changed is drawn anew."""
        return f"{self.name}:{self.state.digest()}" if hasattr(self.form, "typed") else ""

    @property
    def said_in_part(self) -> str:
        """What stands in place of the digest while the input itself is behind what is said around it."""
        return f"{self.name}:{'e' if self.state.errors else '-'}"

    @property
    def _described(self) -> list[str]:
        """The ids of what stands beside the input."""
        state, field = self.state, self.field
        parts = {
            "oneof": state.one_of and not state.forbidden,
            "why": state.reasons,
            "note": state.note,
            "count": field.counted_to or state.tally,
            "error": state.errors,
        }
        return [*(["ph"] if field.is_prompt else []), *[f"{self.auto_id}_{part}" for part, is_there in parts.items() if is_there]]

    @property
    def aria_describedby(self) -> str:
        own = [f"{self.auto_id}_helptext"] if self.help_text else []
        return " ".join([*own, *self._described])

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        if self.aria_describedby and not self.use_fieldset:
            attrs["aria-describedby"] = self.aria_describedby
        if self.state.forbidden:
            attrs["disabled"] = True
        narrower = {"min": self.state.minimum, "max": self.state.maximum}
        attrs |= {name: f"{bound:g}" for name, bound in narrower.items() if bound is not None}
        if self.field.counted_to:
            attrs["data-counter"] = f"{self.auto_id}_count"
        return attrs

    def as_widget(self, widget: Widget | None = None, attrs: dict[str, Any] | None = None, only_initial: bool = False) -> Any:
        own: Any = widget or self.field.widget
        if hasattr(own, "states"):
            own.states = self.state.choice_states
        if isinstance(own, Switch) and self.state.impossible:
            own.forced = "true" not in self.state.impossible
        return super().as_widget(own, attrs, only_initial)

    def value(self) -> Any:
        """What is shown: what was typed, or what the form made of it."""
        settled: dict[str, Any] = getattr(self.form, "settled_values", {})
        if self.name in settled:
            return self.field.prepare_value(settled[self.name])
        return super().value()

    @property
    def segment_prices(self) -> list[tuple[str, str]]:
        """The prices under a row of choices, by the id of their place."""
        widget: Any = self.field.widget
        if not isinstance(widget, Segmented):
            return []
        prices = self.state.prices
        return [(f"{self.auto_id}_{place}_price", prices.get(str(value), "")) for place, (value, _) in enumerate(widget.choices)]

    @property
    def length(self) -> int:
        return len(str(self.value() or "").replace("\r\n", "\n"))

    @property
    def fullness(self) -> str:
        """The counter's colour: warned from nine tenths on."""
        limit = self.field.counted_to or 0
        return "bad" if self.length > limit else "warn" if self.length >= 0.9 * limit else ""

    @property
    def kept_inputs(self) -> list[tuple[str, str]]:
        """What a field that may not be sent holds, so that it comes back when it may."""
        if not self.state.forbidden:
            return []
        typed = getattr(self.form, "typed", {}).get(self.name)
        return [(f"{KEPT}{name}", text) for name, text in self.field.posted(self.html_name, typed)]
