"""`/api/v1/models`: the catalogue, prices and success of each model; and this document itself."""

from __future__ import annotations

from playground.api.openapi.shapes import (
    ANYTHING,
    FLAG,
    INTEGER,
    JSON,
    NUMBER,
    TEXT,
    choice,
    listing,
    nullable,
    operation,
    query,
    record,
    ref,
    success,
    text,
)

TAG = "Models"
_MODEL: JSON = {"model": TEXT, "gateway": TEXT}
_LISTED: JSON = {
    "model": text("The id that createTask takes."),
    "slug": TEXT,
    "title": TEXT,
    "provider": TEXT,
    "taskType": listing(TEXT),
    "description": nullable(TEXT),
    "pricingDesc": TEXT,
    "gateway": TEXT,
    "aliases": listing(TEXT),
    "status": TEXT,
    "url": {"type": "string", "format": "uri"},
}
_PRICE: JSON = {
    "pricingDesc": TEXT,
    "unit": choice("job", "second"),
    "rows": listing(record({"when": {"type": "object"}, "credits": NUMBER, "usd": NUMBER})),
    "seconds": nullable({"type": "object"}),
    "plusInputSeconds": nullable(TEXT),
    "extras": listing({"type": "object"}),
    "usdPerCredit": NUMBER,
    "ownPrice": nullable(record({}, {"markupPercent": NUMBER, "credits": NUMBER})),
    "source": nullable(TEXT),
    "asOf": nullable(TEXT),
    "confidence": nullable(TEXT),
    "note": nullable(TEXT),
    "history": nullable(listing({"type": "object"})),
    "undetermined": nullable(TEXT),
    "unpublished": FLAG,
}
_PERCENT: JSON = nullable({"type": "number", "minimum": 0, "maximum": 100})
_MOMENT: JSON = {"type": "string", "format": "date-time"}

SCHEMAS: JSON = {
    "Model": record(_LISTED),
    "ModelOfModKie": record({**_LISTED, "creditCost": nullable(NUMBER), "creditUnit": TEXT}),
    "ModelDetails": record(
        {
            **_LISTED,
            "vendor": TEXT,
            "family": TEXT,
            "goodAt": listing(TEXT),
            "useCases": listing(TEXT),
            "contract": TEXT,
            "typicalSeconds": INTEGER,
            "deadlineSeconds": INTEGER,
            "schema": {"type": "object", "description": "The input, as JSON Schema 2020-12."},
            "rules": listing({"type": "object"}),
            "checks": listing({"type": "object"}),
            "limits": {"type": "object"},
            "price": ref("PriceTable"),
            "example": {"type": "object"},
            "notes": listing(TEXT),
            "sources": listing(TEXT),
            "confidence": TEXT,
            "version": TEXT,
        }
    ),
    "PriceTable": record(_PRICE),
    "PriceOfModel": record({**_MODEL, **_PRICE}),
    "SuccessRate": record(
        {
            **_MODEL,
            "points": listing(record({"start": _MOMENT, "end": _MOMENT, "successRate": _PERCENT, "errorRate": _PERCENT, "isNormal": FLAG})),
        }
    ),
}


def paths() -> JSON:
    listed = record({"total": INTEGER, "models": listing(ref("Model"))})
    narrowed = [query("gateway", "Only this gateway's."), query("status", "Only `live` or `retired` ones.")]
    schema = record({**_MODEL, "openapi": {"type": "object", "description": "An OpenAPI 3.1 document of this model alone."}})
    return {
        "/api/v1/models": {"get": operation("models", "List the models", success(listed), tag=TAG, parameters=narrowed)},
        "/api/v1/models/{model}": {"get": _about("model", "Everything about a model", ref("ModelDetails"))},
        "/api/v1/models/{model}/schema": {"get": _about("modelSchema", "A model's input", schema)},
        "/api/v1/models/{model}/price": {"get": _about("modelPrice", "What a model costs this team", ref("PriceOfModel"))},
        "/api/v1/models/{model}/success-rate": {"get": _about("modelSuccessRate", "How often it succeeds here", ref("SuccessRate"))},
        "/api/openapi.json": {"get": _this_document()},
    }


def _about(name: str, summary: str, data: JSON) -> JSON:
    model: JSON = {
        "name": "model",
        "in": "path",
        "required": True,
        "description": "An id or alias. Its slashes may stand as they are.",
        "schema": ref("ModelId"),
    }
    gateway = query("gateway", "Tells apart an id that two gateways share.", schema=choice("kie", "modkie"))
    return operation(name, summary, success(data), tag=TAG, parameters=[model, gateway], codes=(404,))


def _this_document() -> JSON:
    answer: JSON = {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"} | ANYTHING}}}
    unchanged: JSON = {"description": "It is still the one whose ETag was sent in If-None-Match."}
    return {
        "operationId": "openapi",
        "tags": [TAG],
        "summary": "This document",
        "security": [],
        "responses": {"200": answer, "304": unchanged},
    }
