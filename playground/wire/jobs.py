"""The market jobs contract. Facts: what KIE's servers were measured to send (HTTP 200 with the code in the body,
`resultJson` a string, `param` JSON within JSON, times in ms, `costTime` in seconds) and what the documents say where
nothing was measured. Reading tolerates both; writing follows the measured form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from playground.core.money import credits_number

WireState = Literal["waiting", "queuing", "generating", "success", "fail"]

# Words of KIE's jobs, Runway's and ModKie's; a word that nobody announced means "still running", never failure.
_STATES: dict[str, WireState] = {
    "waiting": "waiting",
    "wait": "waiting",
    "pending": "waiting",
    "queuing": "queuing",
    "queueing": "queuing",
    "queued": "queuing",
    "generating": "generating",
    "processing": "generating",
    "running": "generating",
    "success": "success",
    "fail": "fail",
    "failed": "fail",
}


# --- serving --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as the contract shows it. Credits in thousandths, times in epoch ms, `fail_code` None unless failed."""

    task_id: str
    model: str
    state: WireState
    payload_json: str
    result_urls: tuple[str, ...]
    fail_code: str | None
    fail_message: str | None
    created_ms: int
    completed_ms: int | None
    updated_ms: int
    millicredits: int
    sandbox: bool
    progress: int | None = None


def envelope(code: int, message: str, data: object = None) -> dict[str, Any]:
    return {"code": code, "msg": message, "data": data}


def created(task_id: str) -> dict[str, Any]:
    """The answer to createTask; `recordId` repeats the id, as measured."""
    return envelope(200, "success", {"taskId": task_id, "recordId": task_id})


def record_data(record: JobRecord) -> dict[str, Any]:
    """`data` of recordInfo; also what a callback carries."""
    param = json.dumps({"input": record.payload_json, "model": record.model}, separators=(",", ":"), ensure_ascii=False)
    result = json.dumps({"resultUrls": list(record.result_urls)}, separators=(",", ":")) if record.state == "success" else ""
    seconds = round((record.completed_ms - record.created_ms) / 1000) if record.completed_ms is not None else None
    data: dict[str, Any] = {
        "taskId": record.task_id,
        "model": record.model,
        "state": record.state,
        "param": param,
        "resultJson": result,
        "failCode": record.fail_code,
        "failMsg": record.fail_message,
        "costTime": seconds,
        "completeTime": record.completed_ms,
        "createTime": record.created_ms,
        "updateTime": record.updated_ms,
        "creditsConsumed": credits_number(record.millicredits),
    }
    if record.progress is not None:
        data["progress"] = record.progress
    if record.sandbox:
        data["sandbox"] = True
    return data


def callback(record: JobRecord) -> dict[str, Any]:
    """The body that is posted to `callBackUrl` when a job ends."""
    if record.state == "success":
        return envelope(200, "Playground task completed successfully.", record_data(record))
    return envelope(501, "Playground task failed.", record_data(record) | {"resultJson": None})


# --- reading --------------------------------------------------------------------------------------------------------
class Unreadable(ValueError):
    """The text is not an envelope of this contract."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A parsed envelope; `code` is the body's, falling back to the HTTP status where the body has none."""

    code: int
    message: str
    data: object

    @property
    def task_id(self) -> str:
        found = self.data.get("taskId") if isinstance(self.data, Mapping) else None
        return found if isinstance(found, str) else ""


def read_answer(text: str, http_status: int) -> Answer:
    """Parse an envelope. Raises Unreadable for anything but a JSON object with a code, or with HTTP 4xx in its place.

    A 5xx without a code comes from something in front of the provider, which cannot know what happened behind it.
    """
    try:
        body = json.loads(text)
    except ValueError:
        raise Unreadable("not JSON") from None
    if not isinstance(body, dict):
        raise Unreadable("not an object")
    code = body.get("code", http_status if 400 <= http_status < 500 else None)
    if isinstance(code, str) and code.isdigit():
        code = int(code)
    if not isinstance(code, int) or isinstance(code, bool):
        raise Unreadable("no code")
    message = body.get("msg", body.get("message", ""))
    return Answer(code, message if isinstance(message, str) else json.dumps(message), body.get("data"))


@dataclass(frozen=True, slots=True)
class UpstreamRecord:
    """A recordInfo answer, read tolerantly."""

    state: WireState
    result_urls: tuple[str, ...]
    fail_code: str
    fail_message: str
    progress: float | None


def read_record(data: object) -> UpstreamRecord | None:
    """Read `data` of recordInfo; None when there is no record (yet)."""
    if not isinstance(data, Mapping):
        return None
    word = str(data.get("state", "")).lower()
    progress = data.get("progress")
    is_number = isinstance(progress, int | float) and not isinstance(progress, bool)
    return UpstreamRecord(
        state=_STATES.get(word, "queuing"),
        result_urls=_result_urls(data.get("resultJson")),
        fail_code=_text(data.get("failCode")),
        fail_message=_text(data.get("failMsg")),
        progress=max(0.0, min(1.0, float(progress) / 100)) if is_number and progress is not None else None,
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _result_urls(value: object) -> tuple[str, ...]:
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except ValueError:
            return ()
    urls = value.get("resultUrls") if isinstance(value, Mapping) else None
    if isinstance(urls, str):
        urls = [urls]
    return tuple(url for url in urls if isinstance(url, str) and url) if isinstance(urls, list) else ()
