"""Runway's contract: words of its own (wait, queueing), one result in `videoInfo`, times without a zone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from playground.core.clock import from_ms
from playground.core.money import credits_number
from playground.wire.jobs import Clip, JobRecord
from playground.wire.records import Echo, UpstreamRecord, first_amount, object_in, state_of, text_of, urls_in
from playground.wire.times import read_moments
from playground.wire.veo import error_code

_WORDS = {"waiting": "wait", "queuing": "queueing"}


def read_record(data: object) -> UpstreamRecord | None:
    """Read `data` of runway/record-detail; None for an unknown task, which is answered with 200 and null."""
    if not isinstance(data, Mapping):
        return None
    code = text_of(data.get("failCode"))
    return UpstreamRecord(
        state=state_of(data.get("state", "")),
        result_urls=urls_in(object_in(data.get("videoInfo")).get("videoUrl")),
        # The documents' code of a task that did not fail is 0.
        fail_code="" if code == "0" else code,
        fail_message=text_of(data.get("failMsg")),
        consumed_millicredits=first_amount(data),
        echo=_echo(data),
    )


def _echo(data: Mapping[str, Any]) -> Echo:
    """`generateParam` names what was asked for, `parentTaskId` what was extended; neither names a model."""
    asked = dict(object_in(data.get("generateParam")))
    if parent := data.get("parentTaskId"):
        asked["taskId"] = parent
    return Echo("", asked, read_moments(data.get("createTime") or data.get("generateTime")))


def record_data(record: JobRecord) -> dict[str, Any]:
    """`data` of runway/record-detail, in its own words for the states; the time without a zone is UTC."""
    asked: dict[str, Any] = json.loads(record.payload_json)
    clip = next(iter(record.clips), None) if record.state == "success" else None
    failed = record.state == "fail"
    return {
        "taskId": record.task_id,
        "parentTaskId": record.parent_id,
        "generateParam": {"prompt": asked.get("prompt", ""), "imageUrl": asked.get("imageUrl", ""), "expandPrompt": False},
        "state": _WORDS.get(record.state, record.state),
        "generateTime": from_ms(record.created_ms).strftime("%Y-%m-%d %H:%M:%S"),
        "videoInfo": _video(record.task_id, clip) if clip else None,
        "failCode": error_code(record) if failed else 0,
        "failMsg": (record.fail_message or "") if failed else "",
        # Finished, and the clip is gone.
        "expireFlag": int(record.state == "success" and clip is None),
        "creditsConsumed": credits_number(record.millicredits),
        "resultJson": record.result_json,
    }


def _video(task_id: str, clip: Clip) -> dict[str, Any]:
    return {"videoId": task_id, "taskId": task_id, "videoUrl": clip.url, "imageUrl": clip.picture_url}
