"""Small cards for one rule at a time, in the form of the files."""

from __future__ import annotations

import json
from typing import Any

from playground.catalog.card import Card, parse_card

PROMPT = {"type": "string", "title": "Prompt", "minLength": 1, "maxLength": 100}


def make_card(
    properties: dict[str, Any] | None = None, *, required: list[str] | None = None, pricing: dict[str, Any] | None = None, **changes: Any
) -> Card:
    data: dict[str, Any] = {
        "gateway": "modkie",
        "id": "test/model",
        "vendor": "Test",
        "family": "test",
        "title": "Test Model",
        "summary": "A model of the tests.",
        "scenes": ["text-to-video"],
        "contract": "jobs",
        "status": "live",
        "typical_seconds": 60,
        "deadline_seconds": 3600,
        "input": {
            "type": "object",
            "properties": {"prompt": PROMPT} if properties is None else properties,
            "required": [] if required is None else required,
            "additionalProperties": False,
        },
        "pricing": {"unit": "job", "axes": [], "credits": 10} if pricing is None else pricing,
        "example": {"prompt": "A test"},
        "confidence": "sure",
    }
    data = json.loads(json.dumps(data | changes))
    for field in data["input"]["properties"].values():
        _end(field.get("items", field))
    return parse_card(json.dumps(data), where="test/model.json")


def _end(field: dict[str, Any]) -> None:
    """Links that a test is not about end somewhere."""
    if field.get("format") == "uri":
        field.setdefault("maxLength", 2000)
