"""A model card: the immutable reading of one JSON file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from playground.catalog.bounds import unbounded
from playground.core.speech import said

JSONObject = Mapping[str, Any]


class CardError(Exception):
    """A card file that cannot be used; the message names the file and the place in it."""


@dataclass(frozen=True)
class Card:
    """One model on one gateway.

    `input` is a JSON Schema 2020-12 object schema with `x-` annotations (widget, unit, soft limits); `rules` are
    if/then pairs with a message; `pricing` has its numbers as Decimal. `version` changes whenever the file's content does.
    `good_at` are short phrases and `use_cases` lines for people who choose. `endpoint` and `detail_endpoint` are the
    gateway's own ("POST /api/v1/…"), empty where the contract says them for all its models.
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
    good_at: tuple[str, ...]
    use_cases: tuple[str, ...]
    scenes: tuple[str, ...]
    contract: str
    endpoint: str
    detail_endpoint: str
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

    @cached_property
    def fields_by_role(self) -> dict[str, str | None]:
        """What `roles.field_for` has found so far."""
        return {}

    def field_title(self, name: str) -> str:
        """A field's label, in the reader's language."""
        return said(str(self.properties.get(name, {}).get("title", name)))

    def field_name(self, name: str) -> str:
        """What a field is called within a sentence."""
        return said(str(self.properties.get(name, {}).get("title", name)).lower())


_TEXTS = ("gateway", "id", "vendor", "family", "title", "summary", "contract", "status", "confidence")
_LISTS = ("aliases", "good_at", "use_cases", "scenes", "rules", "checks", "notes", "sources")


def parse_card(text: str, *, where: str) -> Card:
    """Read a card file's text. Raises CardError naming `where` and what is wrong.

    Only what would break or endanger a reader is looked at, for all cards are read at every start; `card_check` looks
    at everything.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise CardError(f"{where}: not JSON: {error}") from None
    try:
        return read_card(data, where=where)
    except KeyError as error:
        raise CardError(f"{where}: /{error.args[0]} is missing") from None
    except (AttributeError, TypeError, ValueError):
        raise CardError(f"{where}: a part is of the wrong type; `manage.py cards check` says which") from None


def read_card(data: Any, *, where: str) -> Card:
    """The card of a file's content. Raises CardError for an open end, KeyError for what is missing."""
    values: dict[str, Any] = {name: str(data[name]) for name in _TEXTS}
    values |= {name: str(data.get(name, "")) for name in ("endpoint", "detail_endpoint")}
    values |= {name: tuple(data.get(name, ())) for name in _LISTS}
    values |= {name: int(data[name]) for name in ("typical_seconds", "deadline_seconds")}
    values |= {"input": data["input"], "example": data["example"], "output": data.get("output", {})}
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"))
    version = hashlib.sha256(canonical.encode()).hexdigest()[:12]
    for name, field in data["input"]["properties"].items():
        for pointer, missing in unbounded(field, f"/input/properties/{name}"):
            raise CardError(f"{where}: {pointer} needs a {' and a '.join(missing)}")
    return Card(**values, pricing=_exact(data["pricing"]), version=version)


def _exact(value: Any) -> Any:
    """Prices as they are written: the shortest text of a float is what stood in the file."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {name: _exact(part) for name, part in value.items()}
    return [_exact(part) for part in value] if isinstance(value, list) else value
