"""Models: createTask for one as a document of its own, and the input of each as named schemas for the whole document."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from playground.api.prices import plain
from playground.catalog.card import Card


def document(card: Card) -> dict[str, Any]:
    """The card's schema with its rules as if/then. Named checks, which JSON Schema cannot say, stand in `x-checks`."""
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": f"{card.title} at {settings.SITE_NAME}", "description": card.summary, "version": card.version},
        "servers": [{"url": settings.PUBLIC_URL}],
        "security": [{"key": []}],
        "paths": {
            "/api/v1/jobs/createTask": {"post": _operation(card, "createTask", "Make a job", "Created")},
            "/api/v1/jobs/validateTask": {"post": _operation(card, "validateTask", "Check and price a job without making it", "Verdict")},
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key of this house."}},
            "schemas": {"Task": _task(card), "Input": input_schema(card), "Created": _CREATED, "Verdict": _VERDICT, "Refused": _REFUSED},
        },
    }


def input_schema(card: Card) -> dict[str, Any]:
    """`input` as one JSON Schema 2020-12: the fields, and each conditional rule with its message."""
    schema: dict[str, Any] = plain(dict(card.input))
    rules = [{"if": rule["if"], "then": rule["then"], "$comment": rule["message"]} for rule in card.rules]
    if rules:
        schema["allOf"] = [*schema.get("allOf", []), *plain(rules)]
    if card.checks:
        schema["x-checks"] = plain(card.checks)
    return schema


def _operation(card: Card, name: str, summary: str, answer: str) -> dict[str, Any]:
    body = {"schema": {"$ref": "#/components/schemas/Task"}, "example": {"model": card.id, "input": plain(dict(card.example))}}
    answers = {"anyOf": [{"$ref": f"#/components/schemas/{answer}"}, {"$ref": "#/components/schemas/Refused"}]}
    return {
        "operationId": name,
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "200": {
                "description": "The code stands in the body: 200, or 400, 401, 402, 413, 422, 429 with what is wrong.",
                "content": {"application/json": {"schema": answers}},
            }
        },
    }


def _task(card: Card) -> dict[str, Any]:
    # An id that two gateways share means KIE's unless the gateway is said.
    gateway: dict[str, Any] = {"type": "string", "enum": [card.gateway], "description": "Tells apart an id that two gateways share."}
    return {
        "type": "object",
        "required": ["model", "input"],
        "properties": {
            "model": {"type": "string", "enum": [card.id, *card.aliases]},
            "gateway": gateway,
            "callBackUrl": {"type": "string", "format": "uri", "maxLength": 2000, "description": "Called when the job ends."},
            "input": {"$ref": "#/components/schemas/Input"},
        },
    }


def _envelope(code: dict[str, Any], data: dict[str, Any], *required: str) -> dict[str, Any]:
    properties = {"code": code, "msg": {"type": "string"}, "data": data}
    return {"type": "object", "required": ["code", "msg", *required], "properties": properties}


_OK = {"type": "integer", "const": 200}
_AMOUNT = {
    "anyOf": [
        {"type": "number"},
        {"type": "object", "required": ["min", "max"], "properties": {"min": {"type": "number"}, "max": {"type": "number"}}},
    ]
}
_ERRORS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["pointer", "rule", "message"],
        "properties": {"pointer": {"type": "string"}, "rule": {"type": "string"}, "message": {"type": "string"}},
    },
}
_HINTS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["code", "level", "message"],
        "properties": {"code": {"type": "string"}, "level": {"type": "string", "enum": ["warn", "bad"]}, "message": {"type": "string"}},
    },
}
_QUOTE = {
    "type": ["object", "null"],
    "required": ["credits", "usd", "formula"],
    "properties": {"credits": _AMOUNT, "usd": _AMOUNT, "formula": {"type": "string"}},
}
_IDS = {"taskId": {"type": "string"}, "recordId": {"type": "string"}}
_CREATED = _envelope(_OK, {"type": "object", "required": ["taskId", "recordId"], "properties": _IDS}, "data")
_VERDICT = _envelope(
    _OK,
    {
        "type": "object",
        "required": ["valid", "errors", "hints", "quote"],
        "properties": {"valid": {"type": "boolean"}, "errors": _ERRORS, "hints": _HINTS, "quote": _QUOTE},
    },
    "data",
)
_REFUSED = _envelope({"type": "integer", "not": {"const": 200}}, {"type": ["object", "null"], "properties": {"errors": _ERRORS}})
