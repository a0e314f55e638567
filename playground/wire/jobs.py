"""The market jobs contract. Facts: what KIE's servers were measured to send (HTTP 200 with the code in the body,
`resultJson` a string, `param` JSON within JSON, times in ms, `costTime` in seconds) and what the documents say where
nothing was measured. Reading tolerates both; writing follows the measured form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.core.money import credits_number
from playground.wire.envelope import envelope
from playground.wire.records import Echo, UpstreamRecord, WireState, first_amount, object_in, progress_of, state_of, text_of, urls_in
from playground.wire.times import read_moments

__all__ = ["Clip", "JobRecord", "WireState", "callback", "created", "read_record", "record_data", "task_request"]


# --- serving --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Clip:
    """One result. `picture_url` is a still of it."""

    url: str
    picture_url: str
    has_audio: bool


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as the contracts show it. Credits in thousandths, times in epoch ms, `fail_code` None unless failed.

    The last five are what only the families with a path of their own tell.
    """

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
    image_urls: tuple[str, ...] = ()
    parent_id: str = ""
    resolution: str = ""
    seconds: int | None = None
    clips: tuple[Clip, ...] = ()

    @property
    def result_json(self) -> str:
        """ "" until success, as measured."""
        return json.dumps({"resultUrls": list(self.result_urls)}, separators=(",", ":")) if self.state == "success" else ""


def created(task_id: str) -> dict[str, Any]:
    """The answer to createTask; `recordId` repeats the id, as measured."""
    return envelope(200, "success", {"taskId": task_id, "recordId": task_id})


def record_data(record: JobRecord) -> dict[str, Any]:
    """`data` of recordInfo; also what a callback carries."""
    param = json.dumps({"input": record.payload_json, "model": record.model}, separators=(",", ":"), ensure_ascii=False)
    seconds = round((record.completed_ms - record.created_ms) / 1000) if record.completed_ms is not None else None
    data: dict[str, Any] = {
        "taskId": record.task_id,
        "model": record.model,
        "state": record.state,
        "param": param,
        "resultJson": record.result_json,
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


# --- calling --------------------------------------------------------------------------------------------------------
def task_request(model: str, payload: Mapping[str, Any], *, callback_url: str | None = None, capability: str = "") -> dict[str, Any]:
    """The body of createTask. `capability` is ModKie's, "" for KIE."""
    body: dict[str, Any] = {"model": model}
    if capability:
        body["capability"] = capability
    if callback_url:
        body["callBackUrl"] = callback_url
    return body | {"input": dict(payload)}


def read_record(data: object) -> UpstreamRecord | None:
    """Read `data` of recordInfo; None when there is no record (yet)."""
    if not isinstance(data, Mapping):
        return None
    return UpstreamRecord(
        state=state_of(data.get("state", "")),
        result_urls=urls_in(object_in(data.get("resultJson")).get("resultUrls")),
        fail_code=text_of(data.get("failCode")),
        fail_message=text_of(data.get("failMsg")),
        progress=progress_of(data.get("progress")),
        consumed_millicredits=first_amount(data),
        echo=_echo(data),
    )


def _echo(data: Mapping[str, Any]) -> Echo:
    """`param` is JSON in which `input` is JSON again, as measured, or an object, as documented."""
    param = object_in(data.get("param"))
    return Echo(text_of(param.get("model") or data.get("model")), object_in(param.get("input")), read_moments(data.get("createTime")))
