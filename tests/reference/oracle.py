"""The reference implementation made fast enough for thousands of questions, and told what a card assumes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from playground.catalog import registry
from playground.catalog.card import Card
from tests.reference import reference as untyped

Model = Mapping[str, Any]
Seconds = Callable[[str], float]
UNPRICED = "unpriced"
# It has no types, and is to stay as it is.
reference: Any = untyped


def five_seconds(url: str) -> float:
    """What the reference takes every file for."""
    return 5.0


@cache
def models() -> list[Model]:
    return list(json.loads((Path(__file__).parent / "models.json").read_text("utf-8")))


def card_of(model: Model) -> Card:
    return registry.get(model["id"], model["gateway"])


def name_of(model: Model) -> str:
    return f"{model['gateway']}/{model['id']}"


def pairs_of_specs(ours: Mapping[str, Any], theirs: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every schema of a card beside the reference's, fields of entries included; {} where one has it not."""
    yield path, ours, theirs
    if "items" in ours or "items" in theirs:
        yield from pairs_of_specs(ours.get("items", {}), theirs.get("items", {}), f"{path}[]")
    mine, other = ours.get("properties", {}), theirs.get("properties", {})
    for name in {**mine, **other}:
        yield from pairs_of_specs(mine.get(name, {}), other.get(name, {}), f"{path}.{name}")


@dataclass(frozen=True)
class Oracle:
    """The reference's word on one model, with the bounds that the card adds where the provider prints none."""

    model: Model
    validator: Draft202012Validator

    def is_valid(self, payload: Mapping[str, Any], seconds: Seconds = five_seconds) -> bool:
        if not self.validator.is_valid(payload):
            return False
        return all(reference.run_check(check, _named(check, payload), seconds) for check in self.checks)

    @property
    def checks(self) -> list[Any]:
        """Those that the card takes for more than advice."""
        ours = card_of(self.model).checks
        return [theirs for theirs, mine in zip(self.model["checks"], ours, strict=True) if not mine.get("advice")]

    def price(self, payload: Mapping[str, Any], parent: Mapping[str, str] | None = None, seconds: Seconds = five_seconds) -> Any:
        """Credits as the reference rounds them, None where they are known only afterwards, or UNPRICED."""
        if self.model["pricing"]["credits"] is None:
            return UNPRICED
        try:
            return reference.price_of(self.model, payload, seconds, dict(parent or {}))
        except KeyError:
            return UNPRICED


def _named(check: Mapping[str, Any], payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without entries that have no name: where a name is optional the reference stumbles over its absence."""
    if check["check"] not in ("names_used_in_prompt", "unique") or check["list"] not in payload:
        return payload
    return {**payload, check["list"]: [entry for entry in payload[check["list"]] if check["item"] in entry]}


@cache
def oracles() -> list[Oracle]:
    return [_oracle(model) for model in models()]


def _oracle(model: Model) -> Oracle:
    overlaid = copy.deepcopy(dict(model))
    for _, ours, theirs in pairs_of_specs(card_of(model).input, overlaid["input"]):
        for keyword in ours.get("x-assumed", ()):
            theirs[keyword] = ours[keyword]
    validator = Draft202012Validator(reference.full_schema(overlaid), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return Oracle(overlaid, validator)
