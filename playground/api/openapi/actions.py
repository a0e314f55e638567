"""`/api/actions`: a path for each of the actions, whose own schemas are the catalogue's."""

from __future__ import annotations

from typing import Any

from playground.api.actions.catalogue import ACTIONS, Action
from playground.api.openapi.shapes import INTEGER, JSON, MAKES, TEXT, json_body, listing, operation, parameter, query, record, ref, success

TAG = "Actions"
_SUMMARY: JSON = {
    "id": TEXT,
    "name": TEXT,
    "title": TEXT,
    "description": TEXT,
    "scope": TEXT,
    "method": TEXT,
    "path": TEXT,
}
_SCHEMA: JSON = {"type": "object", "description": "JSON Schema 2020-12."}
_MAKING = ("ai.video.generate", "ai.video.generate_and_wait")
_EXAMPLES: dict[str, Any] = {
    "ai.video.generate": {"prompt": "A calm sea at dusk", "scene": "text-to-video"},
    "ai.video.generate_and_wait": {"prompt": "A calm sea at dusk", "scene": "text-to-video", "timeoutMs": 600_000},
    "ai.video.quote": {"prompt": "A calm sea at dusk", "model": "kie/kling-3.0/video"},
    "models.schema": {"model": "kie/kling-3.0/video"},
}


def _names(action: Action) -> tuple[str, str]:
    return f"Action.{action.name}.Input", f"Action.{action.name}.Output"


SCHEMAS: JSON = {
    "ActionSummary": record(_SUMMARY),
    **{
        name: dict(schema)
        for action in ACTIONS.values()
        for name, schema in zip(_names(action), (action.input, action.output), strict=True)
    },
}


def paths() -> JSON:
    listed = record({"total": INTEGER, "actions": listing(ref("ActionSummary"))})
    name: JSON = {**query("name", "An action's name.", required=True, schema={"type": "string", "enum": list(ACTIONS)}), "in": "path"}
    described = record({**_SUMMARY, "input": _SCHEMA, "output": _SCHEMA})
    return {
        "/api/actions": {"get": operation("actions", "List the actions", success(listed), tag=TAG)},
        "/api/actions/{name}/schema": {
            "get": operation(
                "actionSchema", "What an action takes and answers", success(described), tag=TAG, parameters=[name], codes=(404,)
            )
        },
        **{action.path: {"post": _running(action)} for action in ACTIONS.values()},
    }


def _running(action: Action) -> JSON:
    taken, answered = _names(action)
    examples = {action.title: _EXAMPLES[action.name]} if action.name in _EXAMPLES else None
    return operation(
        action.name,
        action.title,
        success(ref(answered)),
        tag=TAG,
        description=action.description,
        parameters=[parameter("IdempotencyKey")] if action.name in _MAKING else [],
        body=json_body(ref(taken), examples=examples),
        codes=(*MAKES, 433) if action.name in _MAKING else (404, 413, 422),
    )
