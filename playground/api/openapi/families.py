"""Veo, Runway and Aleph: a path per model, the payload itself as the body, a record in each family's own shape."""

from __future__ import annotations

from playground.api.families import GATEWAY, VEO_MODELS
from playground.api.openapi import inputs
from playground.api.openapi.shapes import (
    CALLBACK_URL,
    CREDITS,
    FLAG,
    INTEGER,
    JSON,
    MAKES,
    MILLISECONDS,
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
from playground.api.prices import plain
from playground.catalog import registry
from playground.catalog.card import Card

VEO, RUNWAY, ALEPH = "Veo", "Runway", "Aleph"
_FLAGS: JSON = {
    "taskId": TASK_ID,
    "paramJson": text("The request as JSON in a string."),
    "completeTime": nullable(MILLISECONDS),
    "createTime": MILLISECONDS,
    "successFlag": {"type": "integer", "enum": [0, 1, 3], "description": "0 generating, 1 success, 3 failed."},
    "errorCode": nullable(INTEGER),
    "errorMessage": nullable(TEXT),
    "creditsConsumed": CREDITS,
    "state": choice("waiting", "queuing", "generating", "success", "fail"),
    "resultJson": TEXT,
}
_MORE: JSON = {"progress": {"type": "integer", "minimum": 0, "maximum": 100}, "sandbox": FLAG}

SCHEMAS: JSON = {
    "FamilyTaskCreated": record({"taskId": TASK_ID}),
    "VeoRecord": record(
        {
            **_FLAGS,
            "fallbackFlag": FLAG,
            "response": nullable(
                record(
                    {
                        "taskId": TASK_ID,
                        "resolution": TEXT,
                        "originUrls": {"type": "null"},
                        "resultUrls": listing(TEXT),
                        "fullResultUrls": nullable(listing(TEXT)),
                        "hasAudioList": listing(FLAG),
                        "seeds": nullable(listing(INTEGER)),
                    }
                )
            ),
        },
        _MORE,
    ),
    "VeoRecordLegacy": record(
        {
            "taskId": TASK_ID,
            "status": {"type": "integer", "enum": [0, 1, 2]},
            "videoUrl": nullable(TEXT),
            "duration": nullable(INTEGER),
            "resolution": TEXT,
            "aspectRatio": nullable(TEXT),
            "createdAt": nullable({"type": "string", "format": "date-time"}),
            "completedAt": nullable({"type": "string", "format": "date-time"}),
            "errorMessage": nullable(TEXT),
        }
    ),
    "VeoLarger": record({"taskId": TASK_ID, "resultUrls": nullable(listing(TEXT)), "imageUrls": nullable(listing(TEXT))}),
    "RunwayRecord": record(
        {
            "taskId": TASK_ID,
            "parentTaskId": TEXT,
            "generateParam": record({"prompt": TEXT, "imageUrl": TEXT, "expandPrompt": FLAG}),
            "state": choice("wait", "queueing", "generating", "success", "fail"),
            "generateTime": text("`YYYY-MM-DD HH:MM:SS`, UTC."),
            "videoInfo": nullable(record({"videoId": TEXT, "taskId": TASK_ID, "videoUrl": TEXT, "imageUrl": TEXT})),
            "failCode": INTEGER,
            "failMsg": TEXT,
            "expireFlag": {"type": "integer", "enum": [0, 1]},
            "creditsConsumed": CREDITS,
            "resultJson": TEXT,
        }
    ),
    "AlephRecord": record(
        {**_FLAGS, "response": nullable(record({"taskId": TASK_ID, "resultVideoUrl": TEXT, "resultImageUrl": TEXT}))}, _MORE
    ),
}


def paths() -> JSON:
    return {**_veo(), **_larger(), **_others()}


def _veo() -> JSON:
    cards = [registry.get(model, GATEWAY) for model in VEO_MODELS]
    generate: JSON = {"anyOf": [inputs.flat_body(card, model=True) for card in cards], "description": "Without `model`, veo3_fast."}
    shape = query("shape", "`legacy` asks for the older shape of records.", schema=choice("legacy"))
    return {
        "/api/v1/veo/generate": {"post": _making("veoGenerate", "Make a clip with Veo 3.1", VEO, generate, cards, shape)},
        "/api/v1/veo/extend": {"post": _making_one("veoExtend", "Make a clip longer", VEO, "veo/extend", shape)},
        "/api/v1/veo/record-info": {
            "get": operation(
                "veoRecordInfo",
                "Ask how a task stands",
                success({"anyOf": [ref("VeoRecord"), ref("VeoRecordLegacy")]}),
                tag=VEO,
                parameters=[parameter("TaskId"), shape],
                codes=(422,),
            )
        },
    }


def _larger() -> JSON:
    index = query("index", "Which of the task's clips.", schema={"type": "integer", "minimum": 0, "maximum": 15, "default": 0})
    words = "Answered with code 400 until the version is there; asking again costs nothing."
    found = {
        name: operation(
            operation_id,
            "Ask for a clip's 1080p version",
            success(record({"resultUrl": TEXT})),
            tag=VEO,
            description=words,
            parameters=[parameter("TaskId"), index],
            codes=(402, 422),
        )
        for name, operation_id in (("get-1080p-video", "veo1080p"), ("get-veo-3-1080-p-video", "veo1080pByItsPage"))
    }
    body = record({"taskId": TASK_ID}, {"index": {"type": "integer", "minimum": 0, "maximum": 15}, "callBackUrl": CALLBACK_URL})
    return {f"/api/v1/veo/{name}": {"get": get} for name, get in found.items()} | {
        "/api/v1/veo/get-4k-video": {
            "post": operation(
                "veo4k",
                "Ask for a clip's 4K version",
                success(ref("VeoLarger")),
                tag=VEO,
                description="The first answer has code 200; each later one has 422, with `data.resultUrls` once the version is there.",
                body=json_body(body),
                codes=(402, 413, 422),
            )
        }
    }


def _others() -> JSON:
    return {
        "/api/v1/runway/generate": {"post": _making_one("runwayGenerate", "Make a clip with Runway", RUNWAY, "runway/generate")},
        "/api/v1/runway/extend": {"post": _making_one("runwayExtend", "Make a clip longer", RUNWAY, "runway/extend")},
        "/api/v1/runway/record-detail": {"get": _asking("runwayRecordDetail", RUNWAY, "RunwayRecord")},
        "/api/v1/aleph/generate": {"post": _making_one("alephGenerate", "Change a video with Aleph", ALEPH, "runway/aleph")},
        "/api/v1/aleph/record-info": {"get": _asking("alephRecordInfo", ALEPH, "AlephRecord")},
    }


def _making_one(name: str, summary: str, tag: str, model_id: str, *parameters: JSON) -> JSON:
    card = registry.get(model_id, GATEWAY)
    return _making(name, summary, tag, inputs.flat_body(card), [card], *parameters)


def _making(name: str, summary: str, tag: str, schema: JSON, cards: list[Card], *parameters: JSON) -> JSON:
    return operation(
        name,
        summary,
        success(ref("FamilyTaskCreated")),
        tag=tag,
        description="An empty field counts as one that is not there.",
        parameters=[parameter("IdempotencyKey"), *parameters],
        body=json_body(schema, examples={card.title: plain(dict(card.example)) for card in cards}),
        codes=MAKES,
    )


def _asking(name: str, tag: str, schema: str) -> JSON:
    return operation(
        name,
        "Ask how a task stands",
        success(nullable(ref(schema))),
        tag=tag,
        description="An unknown task is a success without data.",
        parameters=[parameter("TaskId")],
    )
