"""`/api/v1/jobs/*` and ModKie's variant of it."""

from __future__ import annotations

from playground.api.openapi import inputs
from playground.api.openapi.shapes import (
    CREDITS,
    FLAG,
    INTEGER,
    JSON,
    MAKES,
    MILLISECONDS,
    NUMBER,
    TASK_ID,
    TEXT,
    choice,
    json_body,
    listing,
    nullable,
    operation,
    parameter,
    query,
    record,
    ref,
    success,
    text,
)
from playground.catalog import registry

TAG, MODKIE_TAG = "Tasks", "ModKie's variant"
FIELDS: JSON = {
    "taskId": TASK_ID,
    "model": TEXT,
    "state": choice("waiting", "queuing", "generating", "success", "fail"),
    "param": text("JSON in a string: `{model, input}`, and `input` is JSON in a string again."),
    "resultJson": text('JSON in a string, `{"resultUrls": […]}`; empty until success.'),
    "failCode": nullable(TEXT),
    "failMsg": nullable(TEXT),
    "costTime": nullable({"type": "integer", "description": "In seconds."}),
    "completeTime": nullable(MILLISECONDS),
    "createTime": MILLISECONDS,
    "updateTime": MILLISECONDS,
    "creditsConsumed": CREDITS,
}
MORE: JSON = {"progress": {"type": "integer", "minimum": 0, "maximum": 100}, "sandbox": FLAG}
_AMOUNT: JSON = {"anyOf": [NUMBER, record({"min": NUMBER, "max": NUMBER})]}

SCHEMAS: JSON = {
    "TaskCreated": record({"taskId": TASK_ID, "recordId": TASK_ID}),
    "TaskRecord": record(FIELDS, MORE),
    "TaskRecordOfModKie": record(
        FIELDS
        | {
            "state": choice("pending", "processing", "success", "fail"),
            "param": record({"model": TEXT, "input": {"type": "object"}}),
            "resultJson": record({}, {"resultUrls": listing(TEXT)}, description="Empty until success."),
        },
        MORE,
    ),
    "Verdict": record(
        {
            "valid": FLAG,
            "errors": ref("Mistakes"),
            "hints": listing(
                record(
                    {"code": TEXT, "level": choice("warn", "bad"), "message": TEXT},
                    {"field": TEXT, "pointer": TEXT, "fix": record({"field": TEXT, "value": {}, "label": TEXT})},
                )
            ),
            "quote": nullable(record({"credits": _AMOUNT, "usd": _AMOUNT, "formula": TEXT}, {"note": TEXT})),
        }
    ),
    "Balance": {"type": "number", "description": "What the key's mode can still spend; what is held is taken off."},
}


def _example(model_id: str, gateway: str) -> JSON:
    return inputs.example_of(registry.get(model_id, gateway))


def paths() -> JSON:
    examples = {"Veo 3.1": _example("google/veo-3-1", "modkie"), "Kling 3.0": _example("kling-3.0/video", "kie")}
    body = json_body(inputs.task_body(), examples=examples)
    created = {"code": 200, "msg": "success", "data": {"taskId": "0" * 31 + "1", "recordId": "0" * 31 + "1"}}
    return {
        "/api/v1/jobs/createTask": {
            "post": operation(
                "createTask",
                "Make a task",
                success(ref("TaskCreated")),
                tag=TAG,
                description="Checked and priced before anything is paid. Fields of the body that are not named here are ignored.",
                parameters=[parameter("IdempotencyKey")],
                body=body,
                codes=MAKES,
                example=created,
            )
        },
        "/api/v1/jobs/validateTask": {
            "post": operation(
                "validateTask",
                "Check and price a task without making it",
                success(ref("Verdict")),
                tag=TAG,
                body=body,
                codes=(404, 413, 422),
            )
        },
        "/api/v1/jobs/recordInfo": {
            "get": operation(
                "recordInfo",
                "Ask how a task stands",
                success(ref("TaskRecord")),
                tag=TAG,
                parameters=[parameter("TaskId")],
                codes=(422,),
            )
        },
        "/api/v1/chat/credit": {
            "get": operation("credit", "Ask for the balance", success(ref("Balance")), tag=TAG),
        },
        **_modkie(),
    }


def _modkie() -> JSON:
    capability = query("capability", "`video`; there is nothing else.", schema=choice("video"))
    listed = record({"total": INTEGER, "models": listing(ref("ModelOfModKie"))})
    return {
        "/modkie/api/v1/jobs/createTask": {
            "post": operation(
                "modkieCreateTask",
                "Make a task",
                success(ref("FamilyTaskCreated")),
                tag=MODKIE_TAG,
                description="An id that both gateways have means ModKie's. `capability` may be `video`.",
                parameters=[parameter("IdempotencyKey")],
                body=json_body(inputs.task_body("modkie"), examples={"Veo 3.1": _example("google/veo-3-1", "modkie")}),
                codes=MAKES,
                real_statuses=True,
            )
        },
        "/modkie/api/v1/jobs/recordInfo": {
            "get": operation(
                "modkieRecordInfo",
                "Ask how a task stands",
                success(ref("TaskRecordOfModKie")),
                tag=MODKIE_TAG,
                parameters=[parameter("TaskId"), capability],
                codes=(422,),
                real_statuses=True,
            )
        },
        "/modkie/api/v1/models": {
            "get": operation("modkieModels", "List ModKie's models", success(listed), tag=MODKIE_TAG, real_statuses=True),
        },
        "/modkie/api/v1/chat/credit": {
            "get": operation("modkieCredit", "Ask for the balance", success(ref("Balance")), tag=MODKIE_TAG, real_statuses=True),
        },
    }
