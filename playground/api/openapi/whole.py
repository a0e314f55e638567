"""The document of everything that is served, made once per address under which the house is known."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from playground.api.openapi import actions, callbacks, catalogue, families, files, inputs, jobs
from playground.api.openapi.shapes import API_KEY, BEARER, JSON, MEANINGS, PARAMETERS, SCHEMAS, refusal

FAMILIES = (jobs, families, actions, catalogue, files)
_ABOUT = """KIE's and ModKie's contracts, served here: change the base URL and the key of a program that was written for them.

Answers are `{code, msg, data}`. Under `/api/` the HTTP status is 200 and `code` says what became of the request, unless
`Prefer: status-code` is sent; under `/modkie/` the statuses are real."""


@dataclass(frozen=True, slots=True)
class Served:
    """The document as it leaves: plain and packed, and how to recognise it."""

    plain: bytes
    packed: bytes
    etag: str


def served() -> Served:
    return _served(settings.SITE_NAME, settings.PUBLIC_URL)


@cache
def _served(site_name: str, public_url: str) -> Served:
    plain = json.dumps(document(site_name, public_url), ensure_ascii=False, separators=(",", ":")).encode()
    # The same bytes whenever they are packed: a time in them would make every process's copy another one.
    return Served(plain, gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:32])


def document(site_name: str, public_url: str) -> JSON:
    tags = dict.fromkeys(operation["tags"][0] for path in _paths().values() for operation in path.values())
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": f"{site_name} API", "version": "1", "description": _ABOUT},
        "servers": [{"url": public_url}],
        "tags": [{"name": tag} for tag in (*tags, "Callbacks")],
        "security": [{BEARER: []}, {API_KEY: []}],
        "paths": _paths(),
        "webhooks": callbacks.webhooks(),
        "components": {
            "securitySchemes": {
                BEARER: {"type": "http", "scheme": "bearer", "description": "An API key: `sk-test-…` or `sk-live-…`."},
                API_KEY: {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "The same key in a header of its own."},
            },
            "parameters": PARAMETERS,
            "responses": {f"Error{code}": refusal(code) for code in MEANINGS},
            "schemas": {**SCHEMAS, **inputs.schemas(), **_schemas(), **callbacks.SCHEMAS},
        },
    }


def _paths() -> JSON:
    return {path: item for family in FAMILIES for path, item in family.paths().items()}


def _schemas() -> JSON:
    return {name: schema for family in FAMILIES for name, schema in family.SCHEMAS.items()}
