"""The words in which the document is written: objects, envelopes, operations. Pure functions of plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

JSON = dict[str, Any]
Family = Mapping[str, Any]

TEXT: JSON = {"type": "string"}
FLAG: JSON = {"type": "boolean"}
INTEGER: JSON = {"type": "integer"}
NUMBER: JSON = {"type": "number"}
ANYTHING: JSON = {}
TASK_ID: JSON = {"type": "string", "description": "32 hexadecimal digits; with hyphens it is read just the same."}
MILLISECONDS: JSON = {"type": "integer", "description": "Milliseconds since 1970."}
CREDITS: JSON = {"type": "number", "minimum": 0, "description": "In credits."}
CALLBACK_URL: JSON = {"type": "string", "maxLength": 2000, "description": "Called when the task ends. See `webhooks`."}

BEARER, API_KEY = "bearer", "apiKey"
# What any request with a key may be answered, beside its own answer.
ALWAYS = (400, 401, 403, 429, 500)
MAKES = (402, 404, 413, 422, 433)


def ref(name: str) -> JSON:
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str, **more: Any) -> JSON:
    return {"type": "string", "description": description, **more}


def choice(*words: str, **more: Any) -> JSON:
    return {"type": "string", "enum": list(words), **more}


def nullable(schema: JSON) -> JSON:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def listing(items: JSON, **more: Any) -> JSON:
    return {"type": "array", "items": items, **more}


def record(required: Mapping[str, JSON], optional: Mapping[str, JSON] | None = None, **more: Any) -> JSON:
    """An object whose fields are all there, but for the optional ones."""
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}, **more}


def success(data: JSON) -> JSON:
    return record({"code": {"type": "integer", "const": 200}, "msg": TEXT, "data": data})


def query(name: str, description: str, *, required: bool = False, schema: JSON | None = None) -> JSON:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema or TEXT}


def parameter(name: str) -> JSON:
    """One of those that several operations share."""
    return {"$ref": f"#/components/parameters/{name}"}


def json_body(schema: JSON, *, examples: Mapping[str, Any] | None = None) -> JSON:
    content: JSON = {"schema": schema}
    if examples:
        content["examples"] = {name: {"value": value} for name, value in examples.items()}
    return {"required": True, "content": {"application/json": content}}


def operation(
    name: str,
    summary: str,
    answer: JSON,
    *,
    tag: str,
    description: str = "",
    parameters: Sequence[JSON] = (),
    body: JSON | None = None,
    codes: Sequence[int] = (),
    real_statuses: bool = False,
    example: Any = None,
) -> JSON:
    """`answer` is the whole body of a success. KIE's addresses say errors with HTTP 200 too, unless real statuses are asked for."""
    said: JSON = {"schema": answer if real_statuses else {"anyOf": [answer, ref("Refused")]}}
    if example is not None:
        said["example"] = example
    words = "Done." if real_statuses else "Done, or refused: `code` in the body says which."
    responses: JSON = {"200": {"description": words, "content": {"application/json": said}}}
    responses |= {str(code): {"$ref": f"#/components/responses/Error{code}"} for code in sorted({*ALWAYS, *codes})}
    found: JSON = {"operationId": name, "tags": [tag], "summary": summary}
    if description:
        found["description"] = description
    shown = [*parameters, *([] if real_statuses else [parameter("Prefer")])]
    if shown:
        found["parameters"] = shown
    if body is not None:
        found["requestBody"] = body
    return {**found, "responses": responses}


def refusal(code: int) -> JSON:
    """components.responses.Error<code>: the envelope, its code the HTTP status."""
    found: JSON = {
        "description": f"{HTTPStatus(code).phrase if code in set(HTTPStatus) else 'Refused'}. {MEANINGS[code]}",
        "content": {"application/json": {"schema": {"allOf": [ref("Refused"), {"properties": {"code": {"const": code}}}]}}},
    }
    headers = {401: ("WWW-Authenticate", TEXT), 405: ("Allow", TEXT), 429: ("Retry-After", INTEGER)}
    if code in headers:
        name, schema = headers[code]
        found["headers"] = {name: {"schema": schema}}
    return found


MEANINGS = {
    400: "The request cannot be read, or lacks what it needs.",
    401: "The key is missing or wrong. `data` is absent.",
    402: "The credits do not reach, or a budget has no room.",
    403: "The key may not do this: its scope, or the address it is used from.",
    404: "There is no such address or model.",
    405: "The address takes another method.",
    413: "The body is too large.",
    422: "Something in the request is not allowed; `data.errors` names each field and rule.",
    429: "Too many requests; Retry-After says in how many seconds to come again.",
    433: "The key's own cap is reached; ModKie's addresses say 402.",
    500: "Something failed on this server, or a larger version of a clip could not be made.",
    507: "The server's disk is full.",
}

SCHEMAS: JSON = {
    "Mistakes": listing(record({"pointer": text("JSON pointer into the body."), "rule": TEXT, "message": TEXT})),
    "Refused": record(
        {"code": {"type": "integer", "enum": sorted(MEANINGS)}, "msg": TEXT},
        {
            "data": {
                "anyOf": [
                    {"type": "null"},
                    record({"errors": ref("Mistakes")}),
                    record({"scope": TEXT, "needed": TEXT}),
                    record({"neededCredits": NUMBER, "leftCredits": NUMBER, "period": TEXT, "begins": nullable(TEXT)}),
                    record({"taskId": TASK_ID}, {"resultUrls": nullable(listing(TEXT)), "imageUrls": nullable(listing(TEXT))}),
                ]
            }
        },
        description="Any refusal. At KIE's addresses the HTTP status is 200 unless `Prefer: status-code` is sent.",
    ),
}

PARAMETERS: JSON = {
    "TaskId": query("taskId", "The task's id.", required=True),
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "description": "`status-code` asks for errors with their HTTP status; without it every answer has HTTP 200.",
        "schema": TEXT,
        "example": "status-code",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "The same key and body again is answered with the first task; with another body it is refused.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
}
