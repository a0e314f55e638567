"""What is posted when a task ends: the `webhooks` of the document."""

from __future__ import annotations

from playground.api.openapi import jobs
from playground.api.openapi.shapes import FLAG, JSON, TASK_ID, TEXT, choice, listing, nullable, record, ref, text

_CODE: JSON = {"type": "integer", "description": "200, or why it failed."}
_URLS = listing(TEXT)
_VIDEO: JSON = {"task_id": TASK_ID, "video_id": TEXT, "video_url": TEXT, "image_url": TEXT}
# An address that hears of everything is told first what has happened.
_EVENT: JSON = {"type": TEXT, "timestamp": {"type": "string", "format": "date-time"}}


def _body(data: JSON, beside: JSON | None = None) -> JSON:
    return record({"code": _CODE, "msg": TEXT, "data": data, **(beside or {})}, _EVENT)


SCHEMAS: JSON = {
    "Callback": _body(record({**jobs.FIELDS, "state": choice("success", "fail"), "resultJson": nullable(TEXT)}, jobs.MORE)),
    # Of a task that came through ModKie's addresses, and of one whose client asked for Veo's older shape.
    "ModKieCallback": _body({"$ref": "#/components/schemas/TaskRecordOfModKie"}),
    "VeoLegacyCallback": _body({"$ref": "#/components/schemas/VeoRecordLegacy"}),
    "VeoCallback": _body(
        record(
            {
                "taskId": TASK_ID,
                "promptJson": TEXT,
                "fallbackFlag": FLAG,
                "info": nullable(record({"resultUrls": _URLS, "originUrls": _URLS, "resolution": TEXT}, {"fullResultUrls": _URLS})),
            }
        )
    ),
    "VeoLargerCallback": _body(
        record(
            {
                "taskId": TASK_ID,
                "task_id": TASK_ID,
                "info": nullable(record({"resultUrls": _URLS, "imageUrls": _URLS})),
                "result_urls": _URLS,
                "media_ids": _URLS,
                "image_urls": _URLS,
            }
        )
    ),
    "RunwayCallback": _body(record(_VIDEO)),
    "AlephCallback": _body(nullable(record({"result_video_url": TEXT, "result_image_url": TEXT, **_VIDEO})), {"taskId": TASK_ID}),
}


def webhooks() -> JSON:
    kinds = [ref(name) for name in SCHEMAS]
    received: JSON = {"description": "Any 2xx within 15 s. Whatever else is tried again for 24 h, with growing pauses."}
    return {
        "taskEnded": {
            "post": {
                "operationId": "taskEnded",
                "tags": ["Callbacks"],
                "summary": "A task has ended",
                "description": "Sent to a task's `callBackUrl`, in the shape of its contract, and to the team's own addresses. At least "
                "once: answer the same `webhook-id` twice, do the work once. Redirects are not followed.",
                "security": [],
                "parameters": _signatures(),
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"anyOf": kinds}}}},
                "responses": {"2XX": received},
            }
        }
    }


def _signatures() -> list[JSON]:
    words = {
        "X-Webhook-Timestamp": "Unix seconds.",
        "X-Webhook-Signature": "base64 of HMAC-SHA256 with the secret over `taskId.timestamp`: KIE's scheme, which leaves the body out.",
        "webhook-id": "The same for each try of one message.",
        "webhook-timestamp": "Unix seconds.",
        "webhook-signature": "Standard Webhooks: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; several while a secret changes.",
    }
    return [{"name": name, "in": "header", "required": name.startswith("webhook"), "schema": text(said)} for name, said in words.items()]
