"""Which model a request means, and what an ad is unless it says otherwise. The defaults are ours, and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from playground.api.actions.schemas import GATEWAYS, SCENES
from playground.api.envelopes import Mistake, invalid
from playground.catalog import registry
from playground.catalog.card import Card
from playground.catalog.common import values_of
from playground.catalog.roles import field_for
from playground.catalog.values import shortened

AD = "ad-video"


def scene_of(body: Mapping[str, Any]) -> str:
    return str(body.get("scene", SCENES[0]))


def card_for(body: Mapping[str, Any]) -> Card:
    """Of the named model, else of the scene's default. Raises ApiError 422."""
    provider = body.get("provider")
    if "model" not in body:
        return _default(scene_of(body), provider)
    model = str(body["model"])
    prefix, _, rest = model.partition("/")
    if prefix not in GATEWAYS or not rest:
        return _named(model, provider)
    if provider not in (None, prefix):
        raise invalid([Mistake("/provider", "conflict", f"provider says {provider}, and model {prefix}.")])
    return _named(rest, prefix)


def _named(model: str, provider: str | None) -> Card:
    try:
        return registry.get(model, provider)
    except registry.UnknownModel as error:
        words = f"{shortened(model, 100)} is no model{f' of {provider}' if provider else ''}."
        if error.nearest:
            words += f" Nearest: {', '.join(error.nearest)}."
        raise invalid([Mistake("/model", "unknown_model", words)]) from None


def _default(scene: str, provider: str | None) -> Card:
    gateway, _, model = settings.SCENE_MODELS[scene].partition("/")
    try:
        return registry.get(model, provider or gateway)
    except registry.UnknownModel:
        words = f"{provider or gateway} has no default model for {scene}. Name a model."
        raise invalid([Mistake("/model", "required", words)]) from None


def preset_for(card: Card, scene: str) -> dict[str, Any]:
    """What an ad-video is set to as far as the model has it, under the model's own names and values."""
    found: dict[str, Any] = {}
    for role, word in settings.AD_VIDEO_PRESET.items() if scene == AD else ():
        name, values = field_for(card, role), values_of(card, role)
        if name is not None and word in values:
            found[name] = values[word]
    return found
