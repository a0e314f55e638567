"""Each model's input as a named schema, and the bodies of the addresses that make tasks out of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from playground.api.openapi.cards import input_schema
from playground.api.openapi.shapes import CALLBACK_URL, JSON, ref, text
from playground.api.prices import plain
from playground.catalog import registry
from playground.catalog.card import Card

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9.-]+")
SPELLINGS = "`aspectRatio`, `seed` and `waterMark` are read as `aspect_ratio`, `seeds` and `watermark`, and the other way round."
OLDER = "An element's `element_input_video_urls` is read as `element_input_urls`."


def name_of(card: Card, kind: str = "Input") -> str:
    """`Input.kie.kling-3.0_video`."""
    return f"{kind}.{card.gateway}.{_NOT_IN_A_NAME.sub('_', card.id)}"


def cards_for_tasks() -> Sequence[Card]:
    return registry.live_cards()


def schemas() -> JSON:
    found: JSON = {}
    for card in cards_for_tasks():
        found[name_of(card)] = {"title": card.title, "description": card.summary, **input_schema(card)}
        found[name_of(card, "Task")] = _task(card)
    return found | {"ModelId": {"type": "string", "enum": model_ids(), "description": "An id or an alias."}}


def model_ids() -> list[str]:
    return sorted({model_id for card in registry.all_cards() for model_id in (card.id, *card.aliases)})


def _task(card: Card) -> JSON:
    return {
        "type": "object",
        "title": card.title,
        "required": ["model", "input"],
        "properties": {
            "model": {"type": "string", "enum": [card.id, *card.aliases]},
            "gateway": text("Tells apart an id that two gateways share.", enum=[card.gateway]),
            "callBackUrl": CALLBACK_URL,
            "input": ref(name_of(card)),
        },
        "examples": [example_of(card)],
    }


def example_of(card: Card) -> JSON:
    shared = registry.get(card.id).key != card.key
    return {"model": card.id, **({"gateway": card.gateway} if shared else {}), "input": plain(dict(card.example))}


def task_body(first: str = registry.DEFAULT_GATEWAY) -> JSON:
    """Any model's task, told apart by `model`; an id that two gateways share means the first one's."""
    cards = sorted(cards_for_tasks(), key=lambda card: card.gateway == first)
    mapping = {model_id: f"#/components/schemas/{name_of(card, 'Task')}" for card in cards for model_id in (card.id, *card.aliases)}
    tasks = [ref(name_of(card, "Task")) for card in cards_for_tasks()]
    return {
        "anyOf": tasks,
        "discriminator": {"propertyName": "model", "mapping": dict(sorted(mapping.items()))},
        "description": f"{SPELLINGS} {OLDER}",
    }


def flat_body(card: Card, *, model: bool = False) -> JSON:
    """The payload itself as the body, as the families with a path per model have it."""
    schema: dict[str, Any] = input_schema(card)
    fields: JSON = {**schema["properties"], "callBackUrl": CALLBACK_URL}
    if not model:
        fields.pop("model", None)
    return {**schema, "title": card.title, "description": f"{card.summary} {SPELLINGS}", "properties": fields}
