"""Veo's contract: a flat body, `successFlag` for a state, and the results in `response`.

Measured: flag 0 and 1, times in epoch ms, `paramJson` a string with `aspectRatio` whatever was sent, `resultUrls` a list.
Documented: flags 2 and 3 for failures, times as texts, `resultUrls` as a list in a string.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from playground.core.clock import from_ms
from playground.core.money import credits_number
from playground.wire.jobs import JobRecord
from playground.wire.records import Echo, UpstreamRecord, WireState, first_amount, object_in, progress_of, text_of, urls_in
from playground.wire.times import read_moments

_EXTEND = "veo/extend"
_FAILED_FLAG = 3
_ERROR_CODES = frozenset({"400", "422", "451", "500", "501"})
_FLAGS: dict[str, WireState] = {"0": "generating", "1": "success", "2": "fail", "3": "fail"}


def flat_request(payload: Mapping[str, Any], *, callback_url: str | None = None) -> dict[str, Any]:
    """The body of a contract with a path per model: the payload's fields themselves."""
    return {**payload, "callBackUrl": callback_url} if callback_url else dict(payload)


def state_of_flag(flag: object) -> WireState:
    """A flag that nobody announced means "still running"; a boolean is no flag."""
    return "queuing" if isinstance(flag, bool) else _FLAGS.get(str(flag), "queuing")


def read_record(data: object) -> UpstreamRecord | None:
    """Read `data` of veo/record-info; None when there is no record (yet).

    After an extension `fullResultUrls` is the whole film; it comes behind the added part, as a result of its own.
    """
    if not isinstance(data, Mapping):
        return None
    response = object_in(data.get("response"))
    results = [url for name in ("resultUrls", "fullResultUrls") for url in urls_in(response.get(name))]
    return UpstreamRecord(
        state=state_of_flag(data.get("successFlag")),
        result_urls=tuple(dict.fromkeys(results)) or urls_in(data.get("resultUrls")),
        fail_code=text_of(data.get("errorCode")),
        fail_message=text_of(data.get("errorMessage")),
        progress=progress_of(data.get("progress")),
        consumed_millicredits=first_amount(data),
        echo=echo_of(data),
    )


def echo_of(data: Mapping[str, Any]) -> Echo:
    """Veo's and Aleph's request, as `paramJson` has it."""
    param = object_in(data.get("paramJson"))
    return Echo(text_of(param.get("model")), param, read_moments(data.get("createTime")))


# --- serving --------------------------------------------------------------------------------------------------------
def record_data(record: JobRecord) -> dict[str, Any]:
    """`data` of veo/record-info as measured, with `state` and `resultJson` beside it: some clients read only those."""
    data = flag_data(record) | {"fallbackFlag": False, "response": _response(record)}
    return data | {"state": record.state, "resultJson": record.result_json}


def flag_data(record: JobRecord) -> dict[str, Any]:
    """What Veo's records and Aleph's have in common; the times are of whole seconds."""
    failed = record.state == "fail"
    data: dict[str, Any] = {
        "taskId": record.task_id,
        "paramJson": json.dumps(_param(record), separators=(",", ":"), ensure_ascii=False),
        "completeTime": None if record.completed_ms is None else record.completed_ms // 1000 * 1000,
        "createTime": record.created_ms // 1000 * 1000,
        "successFlag": {"success": 1, "fail": _FAILED_FLAG}.get(record.state, 0),
        "errorCode": error_code(record) if failed else None,
        "errorMessage": record.fail_message if failed else (None if record.state == "success" else ""),
        "creditsConsumed": credits_number(record.millicredits),
    }
    return data | ({} if record.progress is None else {"progress": record.progress}) | ({"sandbox": True} if record.sandbox else {})


def error_code(record: JobRecord) -> int:
    """A number, as these contracts have it; a code that is a word, or none of theirs, is a failed generation."""
    return int(record.fail_code) if record.fail_code in _ERROR_CODES else 501


def legacy_data(record: JobRecord) -> dict[str, Any]:
    """The shape that only older documents have, for those who ask for it."""
    param = _param(record)
    return {
        "taskId": record.task_id,
        "status": {"success": 1, "fail": 2}.get(record.state, 0),
        "videoUrl": next(iter(record.result_urls), None),
        "duration": record.seconds,
        "resolution": record.resolution,
        "aspectRatio": param.get("aspectRatio"),
        "createdAt": _iso(record.created_ms),
        "completedAt": _iso(record.completed_ms),
        "errorMessage": record.fail_message,
    }


def _iso(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else from_ms(milliseconds).isoformat(timespec="seconds").replace("+00:00", "Z")


def _param(record: JobRecord) -> dict[str, Any]:
    """Measured: `aspectRatio`, whatever it was called when it was sent."""
    param: dict[str, Any] = json.loads(record.payload_json)
    if "aspect_ratio" in param:
        param["aspectRatio"] = param.pop("aspect_ratio")
    return param


def _response(record: JobRecord) -> dict[str, Any] | None:
    if record.state != "success":
        return None
    # An extension's second result is the whole film, as it was read (`read_record`).
    is_extended = record.model == _EXTEND and len(record.result_urls) > 1
    seed = _param(record).get("seeds")
    return {
        "taskId": record.task_id,
        "resolution": record.resolution,
        "originUrls": None,
        "resultUrls": list(record.result_urls[:1] if is_extended else record.result_urls),
        "fullResultUrls": list(record.result_urls[1:]) if is_extended else None,
        "hasAudioList": [clip.has_audio for clip in record.clips],
        "seeds": None if seed is None else [seed],
    }
