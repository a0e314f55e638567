"""Which field plays which part: providers name the same thing differently, and nothing is renamed on the wire."""

from __future__ import annotations

from playground.catalog.card import Card

_NAMES = {
    "prompt": ("prompt", "text"),
    "duration": ("duration", "n_frames", "extend_times"),
    "ratio": ("aspect_ratio", "aspectRatio", "ratio"),
    "resolution": ("resolution", "quality", "output_resolution", "size", "mode"),
    "audio": ("generate_audio", "sound", "generateAudio", "audio"),
}


def field_for(card: Card, role: str) -> str | None:
    """The card's field that plays `role` (prompt, duration, ratio, resolution, audio), or None."""
    return next((name for name in _NAMES[role] if name in card.properties), None)


def value_for(card: Card, role: str, payload: dict[str, object]) -> object:
    """The payload's value for a role, or the card's default."""
    name = field_for(card, role)
    return payload.get(name, card.defaults.get(name)) if name else None
