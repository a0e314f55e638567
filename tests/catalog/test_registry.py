"""The cards that are there, how one is read and how one is found."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from playground.catalog import pricing, registry
from playground.catalog.card import Card, CardError, parse_card
from playground.catalog.registry import UnknownModel
from tests.catalog.cards import make_card

CARDS = registry.all_cards()


def nearest(model_id: str, gateway: str | None = None) -> tuple[str, ...]:
    with pytest.raises(UnknownModel) as unknown:
        registry.get(model_id, gateway)
    return unknown.value.nearest


# --- which there are ------------------------------------------------------------------------------------------------
def test_there_are_101_cards_and_8_of_them_are_retired() -> None:
    retired = [card.id for card in CARDS if not card.is_live]

    assert (len(CARDS), len(registry.live_cards())) == (101, 93)
    assert len(retired) == 8
    assert all(model_id.startswith("sora-") for model_id in retired)


def test_cards_come_in_the_order_of_gateways_and_files() -> None:
    assert [card.gateway for card in CARDS] == ["kie"] * 96 + ["modkie"] * 5
    assert len({card.key for card in CARDS}) == len(CARDS)


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


# --- how one is found -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("card", CARDS, ids=[f"{card.gateway}/{card.id}" for card in CARDS])
def test_every_card_is_found_by_its_id_and_by_its_aliases(card: Card) -> None:
    assert [registry.get(name, card.gateway) for name in (card.id, *card.aliases)] == [card] * (1 + len(card.aliases))


@pytest.mark.parametrize("model_id", ["bytedance/seedance-2-mini", "wan/2-7-image-to-video"])
def test_an_id_that_both_gateways_have_means_kie_s_unless_it_is_said_otherwise(model_id: str) -> None:
    assert registry.get(model_id).gateway == "kie"
    assert registry.get(model_id, "kie").gateway == "kie"
    assert registry.get(model_id, "modkie").gateway == "modkie"


def test_an_id_that_only_one_gateway_has_needs_no_gateway() -> None:
    assert registry.get("google/veo-3-1").gateway == "modkie"
    assert registry.get("kling-3.0/video").gateway == "kie"


def test_an_older_id_leads_to_the_model_s_present_card() -> None:
    assert registry.get("kling/v1-avatar-standard").id == "kling/ai-avatar-standard"


def test_a_retired_model_stays_readable_and_is_not_among_the_live_ones() -> None:
    sora = registry.get("sora-2-text-to-video")

    assert sora.status == "retired"
    assert sora not in registry.live_cards()


@pytest.mark.parametrize("model_id", ["", "nothing", "google/veo-3-1/", "GOOGLE/VEO-3-1", "../secret", "\ud800", "x" * 100_000])
def test_an_unknown_id_is_an_error_that_keeps_the_id(model_id: str) -> None:
    with pytest.raises(UnknownModel) as unknown:
        registry.get(model_id)

    assert unknown.value.model_id == model_id
    assert len(unknown.value.nearest) <= 3


def test_a_gateway_that_has_not_got_the_model_is_no_match() -> None:
    with pytest.raises(UnknownModel, match="kie"):
        registry.get("google/veo-3-1", "kie")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("kling-3.0/vid", "kling-3.0/video"),
        ("GOOGLE/VEO-3-1", "google/veo-3-1"),
        ("seedance-2", "bytedance/seedance-2"),
        ("wan/2.7-text-to-video", "wan/2-7-text-to-video"),
        ("hailuo/2-3", "hailuo/2-3-image-to-video-pro"),
        ("kling/v1-avatar-standrad", "kling/ai-avatar-standard"),
    ],
)
def test_a_slip_is_answered_with_the_ids_that_come_nearest(asked: str, meant: str) -> None:
    assert meant in nearest(asked)


def test_nothing_near_is_nothing() -> None:
    assert nearest("zzzzzz") == nearest("") == nearest("x" * 100_000) == ()


def test_a_wrong_gateway_is_answered_with_the_same_id() -> None:
    assert nearest("google/veo-3-1", "kie") == ("google/veo-3-1",)


def test_retired_models_are_not_suggested() -> None:
    assert not any(name.startswith("sora") for name in nearest("sora-2-text-to-vide"))


# --- how a file is read ---------------------------------------------------------------------------------------------
def test_a_card_s_version_changes_with_anything_in_it() -> None:
    first, same, other = make_card(), make_card(), make_card(title="Another title")

    assert first.version == same.version != other.version


def test_what_a_card_need_not_say_is_empty() -> None:
    card = make_card()

    assert (card.good_at, card.use_cases, card.endpoint, card.detail_endpoint, card.aliases) == ((), (), "", "", ())


def test_what_a_card_says_about_itself_is_read() -> None:
    card = registry.get("veo3_fast")

    assert card.endpoint == "POST /api/v1/veo/generate"
    assert card.detail_endpoint == "GET /api/v1/veo/record-info"
    assert len(card.good_at) == 3
    assert len(card.use_cases) in (2, 3)


def test_prices_are_exact_and_everything_else_is_as_json_has_it() -> None:
    fields: dict[str, Any] = {"strength": {"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.1}}
    price = {
        "unit": "job",
        "axes": [{"field": "x", "default": 0.5}],
        "credits": {"0.5": 104.5, "1": 0.1},
        "extras": [{"credits_each": 2.4}],
    }
    card = make_card(fields, pricing=price)

    assert card.pricing["credits"] == {"0.5": Decimal("104.5"), "1": Decimal("0.1")}
    assert card.pricing["extras"][0]["credits_each"] == Decimal("2.4")
    assert isinstance(card.properties["strength"]["multipleOf"], float)


LINK = {"type": "string", "format": "uri"}


@pytest.mark.parametrize(
    ("field", "place", "missing"),
    [
        ({"type": "string"}, "", "maxLength"),
        (LINK, "", "maxLength"),
        ({"type": "string", "x-number-string": True, "pattern": "^[0-9]+$"}, "", "maxLength"),
        ({"type": "integer", "minimum": 1}, "", "maximum"),
        ({"type": "number", "maximum": 1}, "", "minimum"),
        ({"type": "integer"}, "", "minimum and a maximum"),
        ({"type": "array", "items": {"type": "string", "maxLength": 9}}, "", "maxItems"),
        ({"type": "array", "maxItems": 2, "items": LINK}, "/items", "maxLength"),
        ({"type": "array", "maxItems": 2, "items": {"type": "object", "properties": {"a": LINK}}}, "/items/properties/a", "maxLength"),
        (
            {"type": "array", "maxItems": 2, "items": {"properties": {"a": {"type": "array", "maxItems": 2, "items": LINK}}}},
            "/items/properties/a/items",
            "maxLength",
        ),
    ],
)
def test_a_field_without_an_end_is_refused_however_deep_it_is(field: dict[str, object], place: str, missing: str) -> None:
    with pytest.raises(CardError, match=rf"x\.json: /input/properties/open{place} needs a .*{missing}$"):
        parse_card(text_of({"open": field}), where="x.json")


@pytest.mark.parametrize(
    "field", [{"enum": [1, 2]}, {"type": "string", "enum": ["a"]}, {"type": "boolean"}, {"type": "string", "const": "a"}]
)
def test_some_fields_end_by_themselves(field: dict[str, object]) -> None:
    assert parse_card(text_of({"closed": field}), where="x.json").properties["closed"] == field


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[]", "null", '"card"', '{"gateway": "modkie", "pricing": {}}'],
)
def test_a_broken_file_is_named(text: str) -> None:
    with pytest.raises(CardError, match=r"cards/broken\.json"):
        parse_card(text, where="cards/broken.json")


@pytest.mark.parametrize("change", [{"input": []}, {"input": {"properties": 3}}, {"rules": 5}, {"typical_seconds": "soon"}, {"aliases": 1}])
def test_a_part_of_the_wrong_type_is_no_traceback(change: dict[str, object]) -> None:
    with pytest.raises(CardError, match=r"x\.json"):
        parse_card(text_of({}, **change), where="x.json")


def text_of(fields: dict[str, Any], **changes: object) -> str:
    """The smallest card with these fields."""
    texts = ("gateway", "id", "vendor", "family", "title", "summary", "contract", "status", "confidence")
    data = dict.fromkeys(texts, "x") | {"typical_seconds": 1, "deadline_seconds": 2, "example": {}, "pricing": {}}
    return json.dumps(data | {"input": {"properties": fields}} | changes)
