"""What the actions take and answer, as JSON Schema 2020-12."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
GATEWAYS = ("kie", "modkie")
SCENES = ("text-to-video", "image-to-video", "video-to-video", "ad-video")
STATUSES = ("pending", "processing", "success", "fail")
DEFAULT_TIMEOUT_MS, SHORTEST_TIMEOUT_MS, LONGEST_TIMEOUT_MS = 600_000, 1000, 1_800_000
MOST_FILES, LONGEST_URL = 50, 2000


def _text(description: str, most: int, **more: Any) -> Schema:
    return {"type": "string", "maxLength": most, "description": description, **more}


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _answer(properties: Schema, *optional: str) -> Schema:
    """Open, so that a field can be added without breaking a client that checks."""
    return {"type": "object", "properties": properties, "required": [name for name in properties if name not in optional]}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _listed(entry: Schema) -> Schema:
    return {"type": "array", "items": entry}


def _files(what: str) -> Schema:
    words = f"Addresses of {what}, separated by commas, or as a list. Uploads of this host and addresses of the web."
    entry = {"type": "string", "minLength": 1, "maxLength": LONGEST_URL}
    several = {"type": "array", "items": entry, "maxItems": MOST_FILES}
    return {"anyOf": [{"type": "string", "maxLength": MOST_FILES * LONGEST_URL}, several], "description": words}


_NUMBER: Schema = {"type": "number"}
_WHOLE: Schema = {"type": "integer"}
_WORD: Schema = {"type": "string"}
_FREE: Schema = {"type": "object"}
_AMOUNT: Schema = {"anyOf": [_NUMBER, _answer({"min": _NUMBER, "max": _NUMBER})]}
_TASK_ID = _text("A task's id, with or without hyphens.", 100)
_PROVIDER = _text("The gateway. Without it KIE's, unless only another one has the model.", 20, enum=list(GATEWAYS))
_MODEL = _text("A model's id or alias; `kie/<id>` names the gateway with it.", 200)
_WORKSPACE: Schema = {
    "anyOf": [{"type": "string", "maxLength": 100}, {"type": "integer"}],
    "description": "The key's own team, by id or slug.",
}

_GENERATE: Schema = {
    "prompt": _text("What the video shows.", 50_000),
    "scene": _text("Chooses the model where none is named.", 20, enum=list(SCENES), default=SCENES[0]),
    "provider": _PROVIDER,
    "model": _text(f"{_MODEL['description']} Without it the scene's default.", 200),
    "imageInput": _files("pictures"),
    "videoInput": _files("clips"),
    "options": {"type": "object", "maxProperties": 100, "description": "The model's other fields, as models.schema names them."},
    "workspaceId": _WORKSPACE,
}
_TIMEOUT: Schema = {
    "type": "integer",
    "minimum": SHORTEST_TIMEOUT_MS,
    "maximum": LONGEST_TIMEOUT_MS,
    "default": DEFAULT_TIMEOUT_MS,
    "description": "How many milliseconds to wait. The task goes on after that.",
}

GENERATE = _object(
    _GENERATE | {"timeoutMs": _TIMEOUT | {"description": "Not used: this action does not wait. Taken so that one body fits both."}}
)
GENERATE_AND_WAIT = _object(_GENERATE | {"timeoutMs": _TIMEOUT})
QUOTE = GENERATE
ONE_TASK = _object({"taskId": _TASK_ID, "workspaceId": _WORKSPACE}, "taskId")
BALANCE = _object({"workspaceId": _WORKSPACE})
MODELS = _object(
    {
        "provider": _PROVIDER,
        "scene": _text("Only models that do this, as their `taskType` says it.", 40),
        "status": _text("Only these.", 20, enum=["live", "retired"]),
        "workspaceId": _WORKSPACE,
    }
)
ONE_MODEL = _object({"model": _MODEL, "provider": _PROVIDER, "workspaceId": _WORKSPACE}, "model")

TASK = _answer(
    {
        "taskId": _WORD,
        "status": {"type": "string", "enum": list(STATUSES)},
        "videoUrl": _maybe(_WORD | {"description": "The first of `videoUrls`. Links are good for a day and made anew by each query."}),
        "videoUrls": _listed(_WORD),
        "scene": _WORD,
        "provider": _WORD,
        "model": _WORD,
        "progress": _maybe({"type": "integer", "minimum": 0, "maximum": 100}),
        "credits": _answer({"held": _NUMBER, "charged": _NUMBER, "returned": _NUMBER}),
        "error": _maybe(_answer({"reason": _WORD, "code": _WORD, "message": _WORD})),
        "createTime": _WHOLE | {"description": "Milliseconds since 1970, as all times here."},
        "completeTime": _maybe(_WHOLE),
        "expectedSeconds": _WHOLE | {"description": "How long such a task usually takes."},
        "sandbox": {"type": "boolean", "description": "Made by a test key: a stand-in, drawn by this server."},
    }
)
WAITED = {
    **TASK,
    "properties": TASK["properties"] | {"timedOut": {"type": "boolean", "description": "True: the task goes on; ask ai.video.query."}},
    "required": [*TASK["required"], "timedOut"],
}
_HINT = _answer(
    {
        "code": _WORD,
        "level": {"type": "string", "enum": ["warn", "bad"]},
        "message": _WORD,
        "field": _WORD | {"description": "Of the model's input."},
        "pointer": _WORD | {"description": "The place in the body that it comes from."},
        "fix": _answer({"field": _WORD, "value": {}, "label": _WORD}),
    },
    "field",
    "pointer",
    "fix",
)
QUOTED = _answer(
    {
        "valid": {"type": "boolean"},
        "errors": _listed(_answer({"pointer": _WORD, "rule": _WORD, "message": _WORD})),
        "hints": _listed(_HINT),
        "quote": _maybe(_answer({"credits": _AMOUNT, "usd": _AMOUNT, "formula": _WORD, "note": _WORD}, "note")),
        "scene": _WORD,
        "provider": _WORD,
        "model": _WORD,
        "input": _FREE | {"description": "What the model is sent, all taken together."},
    }
)
CREDITS = _answer({"available": _NUMBER, "held": _NUMBER, "mode": {"type": "string", "enum": ["test", "live"]}})
LISTED = _answer({"total": _WHOLE, "models": _listed(_FREE)})
MODEL = _answer(
    {
        "model": _WORD,
        "gateway": _WORD,
        "title": _WORD,
        "description": _maybe(_WORD),
        "scenes": _listed(_WORD),
        "status": _WORD,
        "schema": _FREE | {"description": "The fields of `options`; the prompt and the files are among them."},
        "limits": _FREE,
        "price": _FREE,
        "example": _FREE,
    }
)
