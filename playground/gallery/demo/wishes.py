"""From a line of the story to the payload that a card takes, and to the clip that is drawn for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playground.catalog import registry
from playground.catalog.card import Card
from playground.catalog.roles import field_for
from playground.gallery.demo.lines import Line
from playground.providers.sandbox import ClipSpec, plan_clip

# Half as many pictures a second as the sandbox draws else: the lengths are those that were asked for, in half the time.
FRAMES_PER_SECOND = 12
DETAIL = 0.25


def card_of(line: Line) -> Card:
    gateway, model_id = line.model
    return registry.get(model_id, gateway)


def payload_of(line: Line, **changes: Any) -> dict[str, Any]:
    """What the form would send: the example, with this prompt, shape and length where the card knows them."""
    card = card_of(line)
    payload = card.defaults | dict(card.example) | {"prompt": line.prompt}
    for role, wanted in (("ratio", line.ratio), ("duration", line.seconds)):
        if name := field_for(card, role):
            payload[name] = _nearest(card.properties[name], wanted, payload.get(name))
    return payload | changes


def _nearest(field: Any, wanted: str | int, usual: Any) -> Any:
    choices = field.get("enum")
    if choices is None:
        return max(field.get("minimum", wanted), min(field.get("maximum", wanted), wanted)) if isinstance(wanted, int) else usual
    if isinstance(wanted, int):
        return min(choices, key=lambda choice: abs(int(choice) - wanted))
    return wanted if wanted in choices else usual


def clip_of(line: Line, payload: dict[str, Any], seed: int, max_seconds: float) -> ClipSpec:
    spec = plan_clip(card_of(line), payload, seed, max_seconds=max_seconds, detail=DETAIL).spec
    return replace(spec, fps=FRAMES_PER_SECOND)
