"""The cards say what the providers' pages say: every fact of the reference is in them, and all they add is marked as assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from playground.catalog import registry
from tests.reference.oracle import Model, card_of, models, name_of, pairs_of_specs

# Words for people, which are ours, and what follows from structure.
OURS = {"title", "description", "x-unit", "x-assumed", "x-soft-max-length", "x-parents", "x-parent-days", "items", "properties"}
# The provider's pattern takes 0, which would be a clip for nothing, and 9999 s, which no account could hold.
NARROWER = {("kie/kling-3.0-omni/transformation", ".duration", "pattern")}
PRICE_PARTS = ("unit", "axes", "credits", "seconds", "plus_input_seconds", "extras", "unpublished")
each_model = pytest.mark.parametrize("model", models(), ids=name_of)


def plain(value: Any) -> Any:
    """Numbers as JSON has them: a card's prices are Decimals."""
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value if value is None or isinstance(value, str | bool) else float(value)


def test_the_same_models_are_there() -> None:
    assert {card.key for card in registry.all_cards()} == {(model["gateway"], model["id"]) for model in models()}


@each_model
def test_a_card_has_the_reference_s_schema_and_marks_what_it_adds(model: Model) -> None:
    for path, ours, theirs in pairs_of_specs(card_of(model).input, model["input"]):
        narrower = {keyword for name, where, keyword in NARROWER if (name, where) == (name_of(model), path)}
        facts = {keyword: value for keyword, value in theirs.items() if keyword not in OURS | narrower}
        assert {keyword: ours.get(keyword) for keyword in facts} == facts, path
        added = set(ours) - set(facts) - OURS
        assert added <= set(ours.get("x-assumed", ())), path


@each_model
def test_a_card_has_the_reference_s_rules_and_checks(model: Model) -> None:
    card = card_of(model)

    assert [{"if": rule["if"], "then": rule["then"]} for rule in card.rules] == model["rules"]
    assert [{key: value for key, value in check.items() if key != "advice"} for check in card.checks] == model["checks"]


def test_a_check_is_mere_advice_only_where_the_provider_prints_a_request_that_breaks_it() -> None:
    advice = {(card.key, check["check"]) for card in registry.all_cards() for check in card.checks if check.get("advice")}

    # docs.kie.ai, Kling 3.0: the curl call gives two elements and names one in its prompt.
    assert advice == {(("kie", "kling-3.0/video"), "names_used_in_prompt")}


def price_facts(pricing: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The price table. A surcharge counts only fields that the model has, and is none if these never go beyond what is free."""
    facts = {part: plain(pricing.get(part)) for part in PRICE_PARTS}
    for extra in facts["extras"] or ():
        extra["count_of"] = [name for name in extra["count_of"] if name in fields]
    reachable = [extra for extra in facts["extras"] or () if most_of(extra["count_of"], fields) > extra["free"]]
    return facts | {"extras": reachable}


def seen_along(pricing: Mapping[str, Any], axes: list[Any]) -> Mapping[str, Any]:
    """The table without an axis that only we can read, the earlier take's: as it is where that take is not known."""
    rows = pricing["credits"]
    if len(axes) == len(pricing["axes"]):
        return pricing
    unknown = {row: row.split("|") for row in rows if all(part == axis["default"] for axis, part in hidden(pricing, axes, row))}
    kept = [position for position, axis in enumerate(pricing["axes"]) if axis in axes]
    return {**pricing, "axes": axes, "credits": {"|".join(parts[place] for place in kept): rows[row] for row, parts in unknown.items()}}


def hidden(pricing: Mapping[str, Any], axes: list[Any], row: str) -> list[tuple[Any, str]]:
    return [(axis, part) for axis, part in zip(pricing["axes"], row.split("|"), strict=True) if axis not in axes]


def most_of(names: list[str], fields: Mapping[str, Any]) -> int:
    return sum(int(fields[name].get("maxItems", 1)) for name in names)


@each_model
def test_a_card_has_the_reference_s_price_table(model: Model) -> None:
    card = card_of(model)
    axes = [axis for axis in card.pricing["axes"] if axis in model["pricing"]["axes"] or "from_task" not in axis]

    assert price_facts(seen_along(card.pricing, axes), card.properties) == price_facts(model["pricing"], card.properties)


@each_model
def test_a_card_speaks_the_reference_s_contract(model: Model) -> None:
    card = card_of(model)

    assert (card.contract, card.status) == (model["contract"], model["status"])
