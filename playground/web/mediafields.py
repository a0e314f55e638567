"""Input pictures, clips, sounds and documents: one address or several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms import BaseForm, Widget
from django.forms.boundfield import BoundField

from playground.web.boundfields import CardBoundField
from playground.web.formfields import CardField, about
from playground.web.uploadwidgets import UploadInput

MEDIA_WIDGETS = frozenset({"image", "images", "video", "videos", "audio", "audios", "files"})


class MediaBoundField(CardBoundField):
    @property
    def most(self) -> int:
        """How many files it takes now."""
        own: int = self.field.spec.get("maxItems", 1)
        return own if self.state.max_items is None else min(own, self.state.max_items)

    def as_widget(self, widget: Widget | None = None, attrs: dict[str, Any] | None = None, only_initial: bool = False) -> Any:
        zone: Any = widget or self.field.widget
        zone.place = getattr(self.form, "place", None)
        if zone.many and self.most != self.field.spec.get("maxItems"):
            zone.spec = {**self.field.spec, "maxItems": self.most}
        return super().as_widget(zone, attrs, only_initial)


class MediaField(CardField):
    """The value is a URL, or a list of URLs where the card takes several."""

    row_template = "forms/media_field.html"

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        self.is_many = spec.get("type") == "array"
        super().__init__(
            spec,
            name=name,
            is_required=is_required,
            widget=UploadInput(spec, many=self.is_many),
            help_text=about(spec),
        )

    def to_python(self, value: Any) -> Any:
        values = value if isinstance(value, list) else [value]
        urls = [line.strip() for text in values for line in str(text or "").splitlines() if line.strip()]
        return urls if self.is_many else (urls[0] if urls else None)

    def prepare_value(self, value: Any) -> Any:
        return value

    def get_bound_field(self, form: BaseForm, field_name: str) -> BoundField:
        return MediaBoundField(form, self, field_name)

    def posted(self, name: str, value: Any) -> list[tuple[str, str]]:
        urls = value if isinstance(value, list) else [value]
        return [(name, str(url)) for url in urls if url]

    @property
    def item_limits(self) -> tuple[int | None, int | None]:
        return self.spec.get("minItems"), self.spec.get("maxItems")
