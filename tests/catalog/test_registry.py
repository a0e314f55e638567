"""The cards that are there, and how one is found."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from playground.catalog import pricing, registry, schema
from playground.catalog.card import Card, CardError, parse_card
from playground.catalog.registry import UnknownModel
from tests.catalog.cards import make_card

CARDS = registry.all_cards()
each_card = pytest.mark.parametrize("card", CARDS, ids=[f"{card.gateway}/{card.id}" for card in CARDS])


@each_card
def test_a_card_s_schema_is_a_schema(card: Card) -> None:
    Draft202012Validator.check_schema(dict(card.input))
    assert card.input["additionalProperties"] is False


@each_card
def test_a_card_s_example_is_valid_and_priced(card: Card) -> None:
    assert schema.validate(card, card.example) == []
    if card.is_live:
        assert pricing.quote(card, card.example).hold_millicredits > 0


@each_card
def test_a_card_s_defaults_are_valid(card: Card) -> None:
    problems = schema.validate(card, card.defaults)

    assert [problem for problem in problems if problem.rule != "required"] == []


@each_card
def test_a_card_says_where_its_price_is_from_and_of_what_day(card: Card) -> None:
    assert card.pricing["source"]
    assert card.pricing["as_of"]
    assert card.sources


def test_the_two_first_models_are_what_the_provider_s_pages_say() -> None:
    veo, kling = registry.get("google/veo-3-1"), registry.get("kling/kling-3-0")

    assert (veo.gateway, kling.gateway) == ("modkie", "modkie")
    assert veo.properties["aspect_ratio"]["enum"] == ["16:9", "9:16", "4:3", "1:1", "3:4", "21:9"]
    assert veo.properties["duration"]["enum"] == [5, 8]
    assert list(veo.required) == list(kling.required) == ["prompt"]
    assert kling.properties["resolution"]["enum"] == ["480p", "720p"]
    assert (kling.properties["duration"]["minimum"], kling.properties["duration"]["maximum"]) == (1, 15)
    assert "minimum" in kling.properties["duration"]["x-assumed"]
    assert pricing.quote(veo, veo.example) == pricing.Quote(60_000, 60_000, "60 credits per job")
    assert pricing.quote(kling, kling.example).hold_millicredits == 35_000
    assert any("120" in note for note in veo.notes)
    assert any("80" in note for note in kling.notes)


@pytest.mark.parametrize("model_id", ["", "nothing", "google/veo-3-1/", "GOOGLE/VEO-3-1", "../secret", "\ud800"])
def test_an_unknown_id_is_an_error_that_keeps_the_id(model_id: str) -> None:
    with pytest.raises(UnknownModel) as unknown:
        registry.get(model_id)

    assert unknown.value.model_id == model_id


def test_a_gateway_that_has_not_got_the_model_is_no_match() -> None:
    with pytest.raises(UnknownModel, match="kie"):
        registry.get("google/veo-3-1", "kie")


def test_a_card_s_version_changes_with_anything_in_it() -> None:
    first, same, other = make_card(), make_card(), make_card(title="Another title")

    assert first.version == same.version != other.version


@pytest.mark.parametrize(
    ("field", "missing"),
    [
        ({"type": "string"}, "maxLength"),
        ({"type": "integer", "minimum": 1}, "maximum"),
        ({"type": "number", "maximum": 1}, "minimum"),
        ({"type": "array", "items": {"type": "string"}}, "maxItems"),
    ],
)
def test_a_field_without_an_end_is_refused(field: dict[str, object], missing: str) -> None:
    with pytest.raises(CardError, match=f"/input/properties/open needs .*{missing}"):
        make_card({"open": field})


@pytest.mark.parametrize("field", [{"enum": [1, 2]}, {"type": "boolean"}, {"type": "string", "format": "uri"}])
def test_some_fields_end_by_themselves(field: dict[str, object]) -> None:
    assert make_card({"closed": field}).properties["closed"] == field


@pytest.mark.parametrize("text", ["", "{", "{}", '{"gateway": "modkie", "pricing": {}}'])
def test_a_broken_file_is_named(text: str) -> None:
    with pytest.raises(CardError, match=r"cards/broken\.json"):
        parse_card(text, where="cards/broken.json")
