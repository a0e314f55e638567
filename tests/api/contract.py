"""The document as a judge: whether an answer of the API is one that /api/openapi.json foretells.

It is stricter than what clients read: a field that the document does not name is a fault of the document.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match

from playground.api.openapi.whole import document

JSONObject = dict[str, Any]
PREFIXES = ("/api/", "/modkie/api/")


@cache
def whole() -> JSONObject:
    found: JSONObject = json.loads(json.dumps(document("Rushes", "https://rushes.example")))
    return found


def operations() -> dict[tuple[str, str], JSONObject]:
    return {(path, method.upper()): operation for path, item in whole()["paths"].items() for method, operation in item.items()}


class CheckedClient(Client):
    """Django's client, whose every answer of the API must stand in the document."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        if request["PATH_INFO"].startswith(PREFIXES):
            check(request["PATH_INFO"], request["REQUEST_METHOD"], response)
        return response


def check(path: str, method: str, response: Any) -> None:
    template = template_of(path)
    if response.status_code == 304 or method == "HEAD":
        return
    status = str(response.status_code)
    operation = operations().get((template, method), {})
    if template and not operation:
        # Another method than the address takes.
        schema_at = "#/components/responses/Error405" if status == "405" else "#/components/schemas/Refused"
    elif not template:
        schema_at = "#/components/schemas/Refused"
    else:
        assert status in operation["responses"], f"{method} {template} answers {status}, which the document does not say"
        schema_at = f"#/paths/{escaped(template)}/{method.lower()}/responses/{status}"
    validator = validator_at(schema_at)
    error = best_match(validator.iter_errors(json.loads(response.content)))
    assert error is None, f"{method} {template or path} {status}: {error.json_path}: {error.message[:500]}"


@cache
def template_of(path: str) -> str:
    """The document's address for this one, or "" where there is none."""
    by_length = sorted(whole()["paths"], key=lambda template: ("{" in template, -len(template)))
    return next((template for template in by_length if pattern_of(template).fullmatch(path)), "")


@cache
def pattern_of(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(template)), re.DOTALL)


def escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


@cache
def validator_at(pointer: str) -> Draft202012Validator:
    """The schema there, with its references, and with every object closed."""
    schema = at(pointer)
    if "$ref" in schema and "responses" in schema["$ref"]:
        schema = at(schema["$ref"])
    if "content" in schema:
        schema = next(iter(schema["content"].values()))["schema"]
    return Draft202012Validator(
        {**closed(schema), "components": {"schemas": closed(whole()["components"]["schemas"])}}, format_checker=FormatChecker()
    )


def at(pointer: str) -> JSONObject:
    found = whole()
    for part in pointer.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [closed(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(inner) for name, inner in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        found.setdefault("additionalProperties", False)
    return found
