"""The catalogue for programs: every card with its schema, its rules and what it costs this team."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from playground.api.envelopes import UNKNOWN_MODEL
from playground.catalog import pricing, registry, schema
from playground.catalog.card import Card
from playground.credits.prices import set_price
from tests.api.client import Program
from tests.factories import VEO, Personas

pytestmark = pytest.mark.django_db
MODELS = "/api/v1/models"
SHARED = "bytedance/seedance-2-mini"


def data(program: Program, path: str, **query: str) -> Any:
    answer = program.get(f"{MODELS}{path}", query)
    assert answer["code"] == 200, answer
    return answer["data"]


def test_the_list_holds_every_card_in_the_measured_shape(program: Program) -> None:
    found = data(program, "")

    assert found["total"] == len(found["models"]) == len(registry.all_cards())
    first = found["models"][0]
    assert {"model": str, "slug": str, "title": str, "provider": str, "taskType": list, "pricingDesc": str}.items() <= {
        name: type(value) for name, value in first.items()
    }.items()
    assert {(model["gateway"], model["model"]) for model in found["models"]} == {card.key for card in registry.all_cards()}
    assert {model["status"] for model in found["models"]} == {"live", "retired"}


def test_the_list_can_be_narrowed(program: Program) -> None:
    found = data(program, "", gateway="modkie", status="live")

    assert {(model["gateway"], model["status"]) for model in found["models"]} == {("modkie", "live")}
    assert found["total"] == len(found["models"]) == 5


@pytest.mark.parametrize("ending", ["", "/schema", "/price"])
def test_every_card_answers_at_its_own_address(program: Program, ending: str) -> None:
    for card in registry.all_cards():
        found = data(program, f"/{card.id}{ending}", gateway=card.gateway)
        assert (found["gateway"], found["model"]) == card.key


def test_no_id_is_mistaken_for_another_address() -> None:
    names = {name for card in registry.all_cards() for name in (card.id, *card.aliases)}

    assert [name for name in names if name.endswith(("/schema", "/price"))] == []


def test_an_id_that_two_gateways_share_means_kie_s_unless_told_otherwise(program: Program) -> None:
    assert [data(program, f"/{SHARED}")["gateway"], data(program, f"/{SHARED}", gateway="modkie")["gateway"]] == ["kie", "modkie"]


def test_an_alias_leads_to_its_card(program: Program) -> None:
    card = next(card for card in registry.all_cards() if card.aliases)

    assert data(program, f"/{card.aliases[0]}")["model"] == card.id


@pytest.mark.parametrize("path", ["/nothing", "/google", "/google/veo-3-1/", "/nothing/schema", "/nothing/price", "/%2e%2e/x", "/a%00b"])
def test_an_unknown_model_is_404_in_kie_s_words(program: Program, path: str) -> None:
    answer = program.get(f"{MODELS}{path}")
    assert (answer["code"], answer["msg"]) == (404, UNKNOWN_MODEL)
    assert {error["rule"] for error in (answer["data"] or {"errors": []})["errors"]} <= {"unknown_model"}


def test_a_key_is_needed(program: Program) -> None:
    assert {Program("sk-test-wrong").get(f"{MODELS}{path}")["code"] for path in ("", "/x", "/x/schema", "/x/price")} == {401}


def test_the_detail_tells_what_a_form_would(program: Program) -> None:
    card = registry.get("kling-3.0/video")
    found = data(program, "/kling-3.0/video")

    assert found["schema"]["properties"].keys() == card.properties.keys()
    assert (len(found["rules"]), len(found["checks"])) == (len(card.rules), len(card.checks))
    assert (found["example"], found["sources"], found["confidence"]) == (card.example, list(card.sources), card.confidence)
    assert (found["goodAt"], found["useCases"]) == (list(card.good_at), list(card.use_cases))
    assert found["goodAt"]
    assert found["limits"]["image_urls"]["max-mb"] == card.properties["image_urls"]["x-max-mb"]
    assert {row["when"]["mode"] for row in found["price"]["rows"]} == {"std", "pro", "4K"}


def test_a_price_table_has_the_prices_that_quotes_are_made_of(program: Program) -> None:
    found = data(program, "/kling-3.0/video/price")

    assert found["pricingDesc"] == "14–67 credits per second, by mode and sound"
    assert {"when": {"mode": "std", "sound": "true"}, "credits": 20, "usd": 0.1} in found["rows"]
    assert (found["unit"], found["unpublished"], found["ownPrice"]) == ("second", False, None)


def test_an_unpublished_price_is_said_to_be_one(program: Program) -> None:
    found = data(program, f"/{SHARED}/price", gateway="modkie")

    assert (found["rows"], found["unpublished"], found["pricingDesc"]) == ([], True, "No price published")


@pytest.mark.parametrize(
    ("own", "credits", "words"),
    [
        ({"credits": Decimal("12.5")}, 12.5, "12.5 credits per job (own price)"),
        ({"markup_percent": Decimal(25)}, 75, "75 credits per job (own price)"),
    ],
)
def test_an_own_price_stands_in_table_and_list_of_its_team_alone(
    program: Program, stranger: Program, personas: Personas, own: dict[str, Any], credits: float, words: str
) -> None:
    set_price(team=personas.alice.team, card=registry.get(VEO), actor=personas.alice.user, **own)

    found = data(program, f"/{VEO}/price")
    assert [row["credits"] for row in found["rows"]] == [credits]
    assert found["pricingDesc"] == words
    assert [model["pricingDesc"] for model in data(program, "")["models"] if model["model"] == VEO] == [words]
    assert data(stranger, f"/{VEO}/price")["pricingDesc"] == "60 credits per job"


def openapi(program: Program, card: Card) -> Any:
    return data(program, f"/{card.id}/schema", gateway=card.gateway)["openapi"]


def resolved(document: Any) -> Any:
    """The body's schema as a validator reads it: references lead into the document."""
    return document["components"]["schemas"]["Task"] | {"components": document["components"]}


def test_the_openapi_documents_are_what_generators_expect(program: Program) -> None:
    for card in registry.all_cards():
        document = openapi(program, card)
        assert Draft202012Validator(OPENAPI_31).is_valid(document), list(Draft202012Validator(OPENAPI_31).iter_errors(document))
        for part in document["components"]["schemas"].values():
            Draft202012Validator.check_schema(part)
        assert references(document) <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


def test_the_openapi_documents_accept_the_examples_and_refuse_what_the_api_refuses(program: Program) -> None:
    for card in registry.live_cards():
        validator = Draft202012Validator(resolved(openapi(program, card)), format_checker=Draft202012Validator.FORMAT_CHECKER)
        body = {"model": card.id, "gateway": card.gateway, "input": dict(card.example)}
        assert validator.is_valid(body), card.key
        assert not validator.is_valid(body | {"input": {**card.example, "no_such_field": 1}})
        assert not validator.is_valid({"model": card.id})


def test_rules_are_part_of_the_openapi_document(program: Program) -> None:
    """A body that breaks nothing but a rule is refused by the document, too."""
    card = registry.get("hailuo/2-3-image-to-video-pro")
    broken = {"duration": "10", "resolution": "1080P"}
    (problem, *_) = schema.validate(card, {**card.example, **broken})
    validator = Draft202012Validator(resolved(openapi(program, card)))

    assert problem.rule.startswith("rule-")
    assert not validator.is_valid({"model": card.id, "input": {**card.example, **broken}})


def test_price_rows_are_the_calculator_s_own(program: Program) -> None:
    """Every card with a flat price per job: the row is what its example costs."""
    for card in registry.live_cards():
        if card.pricing["unit"] == "job" and not isinstance(card.pricing["credits"], dict | None) and not card.pricing.get("extras"):
            (row,) = data(program, f"/{card.id}/price", gateway=card.gateway)["rows"]
            assert Decimal(str(row["credits"])) * 1000 == pricing.quote(card, card.example).max_millicredits


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(value) for value in node.values()))
    return set().union(*(references(value) for value in node)) if isinstance(node, list) else set()


# The parts of the OpenAPI 3.1 structure that our documents use, as strict as the specification.
OPENAPI_31: dict[str, Any] = {
    "type": "object",
    "required": ["openapi", "info", "paths"],
    "additionalProperties": False,
    "properties": {
        "openapi": {"type": "string", "pattern": r"^3\.1\.\d+$"},
        "jsonSchemaDialect": {"type": "string", "format": "uri"},
        "info": {
            "type": "object",
            "required": ["title", "version"],
            "additionalProperties": False,
            "properties": {name: {"type": "string"} for name in ("title", "summary", "description", "version")},
        },
        "servers": {"type": "array", "items": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}}},
        "security": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}},
        "paths": {
            "type": "object",
            "minProperties": 1,
            "patternProperties": {
                "^/": {"type": "object", "additionalProperties": False, "properties": {"post": {"$ref": "#/$defs/operation"}}}
            },
            "additionalProperties": False,
        },
        "components": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "schemas": {"type": "object", "propertyNames": {"pattern": "^[a-zA-Z0-9._-]+$"}},
                "securitySchemes": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "required": ["type", "scheme"], "properties": {"type": {"const": "http"}}},
                },
            },
        },
    },
    "$defs": {
        "content": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"schema": {"type": "object"}, "example": {}},
            },
        },
        "operation": {
            "type": "object",
            "required": ["responses"],
            "additionalProperties": False,
            "properties": {
                "operationId": {"type": "string"},
                "summary": {"type": "string"},
                "requestBody": {
                    "type": "object",
                    "required": ["content"],
                    "additionalProperties": False,
                    "properties": {"required": {"type": "boolean"}, "content": {"$ref": "#/$defs/content"}},
                },
                "responses": {
                    "type": "object",
                    "minProperties": 1,
                    "patternProperties": {
                        "^[1-5][0-9X]{2}$": {
                            "type": "object",
                            "required": ["description"],
                            "additionalProperties": False,
                            "properties": {"description": {"type": "string"}, "content": {"$ref": "#/$defs/content"}},
                        }
                    },
                    "additionalProperties": False,
                },
            },
        },
    },
}
