"""A model card: the immutable reading of one JSON file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

JSONObject = Mapping[str, Any]


class CardError(Exception):
    """A card file that cannot be used; the message names the file and the place in it."""


@dataclass(frozen=True)
class Card:
    """One model on one gateway.

    `input` is a JSON Schema 2020-12 object schema with `x-` annotations (widget, unit, soft limits); `rules` are
    if/then pairs with a message; `pricing` has its numbers as Decimal. `version` changes whenever the file does.
    `output` says what no field says about the clip: `seconds` and `resolution` that are fixed, `audio` (true, false, or
    "input": the source's), `shape: first_frame` where a first frame beats the ratio field.
    """

    gateway: str
    id: str
    aliases: tuple[str, ...]
    vendor: str
    family: str
    title: str
    summary: str
    scenes: tuple[str, ...]
    contract: str
    status: str
    typical_seconds: int
    deadline_seconds: int
    input: JSONObject
    rules: tuple[JSONObject, ...]
    checks: tuple[JSONObject, ...]
    pricing: JSONObject
    example: JSONObject
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    confidence: str
    version: str
    output: JSONObject

    @property
    def key(self) -> tuple[str, str]:
        return self.gateway, self.id

    @property
    def is_live(self) -> bool:
        return self.status == "live"

    @property
    def properties(self) -> JSONObject:
        properties: JSONObject = self.input["properties"]
        return properties

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(self.input.get("required", ()))

    @cached_property
    def defaults(self) -> dict[str, Any]:
        return {name: field["default"] for name, field in self.properties.items() if "default" in field}

    def field_title(self, name: str) -> str:
        return str(self.properties.get(name, {}).get("title", name))


_TEXT = ("gateway", "id", "vendor", "family", "title", "summary", "contract", "status", "confidence")
_LISTS = ("aliases", "scenes", "rules", "checks", "notes", "sources")


def parse_card(text: str, *, where: str) -> Card:
    """Read a card file's text. Raises CardError naming `where` and what is wrong."""
    try:
        data = json.loads(text)
        pricing = json.loads(text, parse_float=Decimal)["pricing"]
        values: dict[str, Any] = {name: str(data[name]) for name in _TEXT}
        values |= {name: tuple(data.get(name, ())) for name in _LISTS}
        values |= {name: int(data[name]) for name in ("typical_seconds", "deadline_seconds")}
        values |= {"input": data["input"], "example": data["example"], "pricing": pricing, "output": data.get("output", {})}
    except json.JSONDecodeError as error:
        raise CardError(f"{where}: not JSON: {error}") from None
    except KeyError as error:
        raise CardError(f"{where}: /{error.args[0]} is missing") from None
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"))
    card = Card(**values, version=hashlib.sha256(canonical.encode()).hexdigest()[:12])
    _refuse_unbounded(card, where)
    return card


def _refuse_unbounded(card: Card, where: str) -> None:
    """Everything that a person can send has a ceiling; an open end is a way to fill the disk or the bill."""
    for name, field in card.properties.items():
        pointer = f"{where}: /input/properties/{name}"
        if "enum" in field or field.get("type") == "boolean":
            continue
        kind = field.get("type")
        if kind == "string" and "maxLength" not in field and field.get("format") != "uri":
            raise CardError(f"{pointer} needs a maxLength")
        if kind in ("integer", "number") and not {"minimum", "maximum"} <= set(field):
            raise CardError(f"{pointer} needs a minimum and a maximum")
        if kind == "array" and "maxItems" not in field:
            raise CardError(f"{pointer} needs a maxItems")
