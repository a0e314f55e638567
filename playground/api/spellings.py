"""Fields as clients spell them become fields as the card spells them, before anything is checked or priced.

The providers' own pages differ: `aspectRatio` here and `aspect_ratio` there, a duration as `"5"` where the schema has a
number. Both are taken, one is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playground.api.envelopes import Mistake, invalid
from playground.catalog.card import Card
from playground.catalog.schema import pointer_to
from playground.catalog.values import is_same, without_empty

_PAIRS = (("aspect_ratio", "aspectRatio"), ("seeds", "seed"), ("watermark", "waterMark"))
_OTHER = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
# KIE's older pages of Kling 3.0 give an element's clip a field of its own; the newer ones put it where the pictures go.
_OTHER["element_input_video_urls"] = "element_input_urls"
_NUMBER = re.compile(r"-?\d{1,9}", re.ASCII)


def as_the_card_spells(card: Card, payload: Mapping[str, Any], at: str = "/input") -> dict[str, Any]:
    """The payload under the card's names, in its order. Raises ApiError 422 where two spellings say different things."""
    return _spelled(card.properties, payload, at)


def _spelled(properties: Mapping[str, Any], fields: Mapping[str, Any], at: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in fields.items():
        meant = _OTHER.get(name, name)
        known = meant if name not in properties and meant in properties else name
        value = _value(properties.get(known, {}), value, at + pointer_to(name))
        if known in found and not is_same(found[known], value):
            if not _is_filled_in(value):
                continue
            if _is_filled_in(found[known]):
                words = f"{name} and {known} are the same field, and say different things."
                raise invalid([Mistake(at + pointer_to(name), "conflict", words)])
        found[known] = value
    return found


def _value(spec: Mapping[str, Any], value: Any, at: str) -> Any:
    if isinstance(value, str) and spec.get("type") == "integer" and _NUMBER.fullmatch(value):
        return int(value)
    parts = spec.get("items", {}).get("properties")
    if parts and isinstance(value, list):
        return [_spelled(parts, part, at + pointer_to(row)) if isinstance(part, dict) else part for row, part in enumerate(value)]
    return value


def _is_filled_in(value: Any) -> bool:
    # Clients send all of their fields.
    return bool(without_empty({"": value}))
