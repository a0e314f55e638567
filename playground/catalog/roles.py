"""Which field plays which part: providers name the same thing differently, and nothing is renamed on the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playground.catalog.card import Card

_NAMES = {
    "prompt": ("prompt", "text"),
    "duration": ("duration", "n_frames", "extend_times"),
    "ratio": ("aspect_ratio", "aspectRatio", "ratio"),
    "resolution": ("resolution", "quality", "output_resolution", "size", "mode"),
    "audio": ("generate_audio", "sound", "generateAudio", "audio", "generate_audio_switch"),
    "shots": ("multi_prompt", "shots"),
    "parent": ("task_id", "taskId", "extension_task_id"),
}
_NAMED_TIERS = {"std": 720, "pro": 1080, "standard": 720, "high": 1080, "hd": 720, "2k": 1440, "4k": 2160}
_TIER = re.compile(r"(\d{3,4})p?", re.IGNORECASE)


def field_for(card: Card, role: str) -> str | None:
    """The card's field that plays `role` (prompt, duration, ratio, resolution, audio, shots, parent), or None."""
    known = card.fields_by_role
    if role not in known:
        known[role] = next((name for name in _NAMES[role] if name in card.properties and _fits(role, card.properties[name])), None)
    return known[role]


def value_for(card: Card, role: str, payload: Mapping[str, Any]) -> Any:
    """The payload's value for a role, or what stands for it when nothing is sent (`assumed`)."""
    name = field_for(card, role)
    if name is None:
        return None
    return payload[name] if name in payload else assumed(card, name, payload)


def assumed(card: Card, name: str, payload: Mapping[str, Any]) -> Any:
    """What the model takes for a field that is not sent: what the price says, which knows more, else the default."""
    for axis in card.pricing.get("axes", ()):
        if axis.get("field") == name and (when := axis.get("default_when")):
            field, wanted = next((key, value) for key, value in when.items() if key != "value")
            if payload.get(field, card.defaults.get(field)) == wanted:
                return when["value"]
    if name in card.defaults:
        return card.defaults[name]
    rules = [*card.pricing.get("axes", ()), card.pricing.get("seconds", {})]
    return next((rule["default"] for rule in rules if rule.get("field") == name and rule.get("default") is not None), None)


def tier_lines(word: object) -> int | None:
    """Lines (the short side) that a word for a resolution stands for: "720p" and "std" 720, "2K" 1440, "4k" 2160."""
    text = str(word).strip().lower() if isinstance(word, str | int) and not isinstance(word, bool) else ""
    match = _TIER.fullmatch(text)
    return int(match[1]) if match else _NAMED_TIERS.get(text)


def _fits(role: str, field: Mapping[str, Any]) -> bool:
    """A name alone may mislead: `mode` is a mood at one model, `audio` a file at another, `task_id` a picture's task."""
    if role == "resolution":
        return any(tier_lines(choice) for choice in field.get("enum", ()))
    if role == "audio":
        return field.get("type") == "boolean"
    if role == "parent":
        return field.get("x-ref") == "task"
    return True
