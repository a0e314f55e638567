"""What we post when a task ends: to the task's own address in the shape of the contract through which it came, to a team's
webhooks in that of the contract that the task's model has at KIE.

Where two shapes are documented (4K, Aleph) both stand in one body: a program written for either finds its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.wire import doors, jobs, modkie, veo
from playground.wire.envelope import envelope
from playground.wire.jobs import JobRecord
from playground.wire.records import object_in

_VEO_CODES = ("400", "422", "500", "501")
_SHORT_CODES = ("400", "500")


def callback(record: JobRecord, served_as: str, endpoint: str) -> dict[str, Any]:
    """The body for the address that the task itself names; `served_as` is one of `doors`."""
    if served_as == doors.MODKIE:
        return _modkie(record)
    if served_as == doors.VEO_LEGACY:
        return _veo_legacy(record)
    if served_as in (doors.VEO_1080P, doors.VEO_4K):
        return _upgrade(record)
    if served_as == doors.VEO:
        return _veo(record, is_extension=endpoint.endswith("/extend"))
    if served_as == doors.RUNWAY:
        return _runway(record)
    return _aleph(record) if served_as == doors.ALEPH else jobs.callback(record)


def announcement(record: JobRecord, endpoint: str) -> dict[str, Any]:
    """The body for a task that ended; `endpoint` is the model's own route, "" for the market."""
    path = endpoint.rpartition(" ")[2].removeprefix("/api/v1/")
    if path in ("veo/get-4k-video", "veo/get-1080p-video"):
        return _upgrade(record)
    family, _, call = path.partition("/")
    if family == "veo":
        return _veo(record, is_extension=call == "extend")
    if family == "runway":
        return _runway(record)
    return _aleph(record) if family == "aleph" else jobs.callback(record)


def event(body: Mapping[str, Any], *, kind: str, at: str) -> dict[str, Any]:
    """The same for an address that hears of everything: it says first what has happened and when."""
    return {"type": kind, "timestamp": at, **body}


def test_task(task_id: str, now_ms: int) -> JobRecord:
    """A task that never was, for trying an address out."""
    return JobRecord(
        task_id=task_id,
        model="rushes/test-event",
        state="success",
        payload_json="{}",
        result_urls=(),
        fail_code=None,
        fail_message=None,
        created_ms=now_ms,
        completed_ms=now_ms,
        updated_ms=now_ms,
        millicredits=0,
        sandbox=True,
    )


def _veo(record: JobRecord, *, is_extension: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"taskId": record.task_id, "promptJson": record.payload_json, "fallbackFlag": False}
    if record.state != "success":
        return envelope(_code(record, _VEO_CODES, 501), _words(record), data | {"info": None})
    urls = list(record.result_urls)
    info: dict[str, Any] = {"resultUrls": urls, "originUrls": urls, "resolution": _resolution(record)}
    if is_extension and len(urls) > 1:
        # The added part, and the film as it is with it.
        info |= {"resultUrls": urls[:1], "originUrls": urls[:1], "fullResultUrls": urls[1:]}
    return envelope(200, "Veo3.1 video generated successfully.", data | {"info": info})


def _veo_legacy(record: JobRecord) -> dict[str, Any]:
    data = veo.legacy_data(record)
    if record.state == "success":
        return envelope(200, "success", data)
    return envelope(_code(record, _VEO_CODES, 501), _words(record), data)


def _modkie(record: JobRecord) -> dict[str, Any]:
    """Its record with the code of KIE's callback."""
    return {**jobs.callback(record), "data": modkie.record_data(record)}


def _upgrade(record: JobRecord) -> dict[str, Any]:
    urls, images = list(record.result_urls), list(record.image_urls)
    data: dict[str, Any] = {"taskId": record.task_id, "task_id": record.task_id}
    data |= {"info": {"resultUrls": urls, "imageUrls": images}, "result_urls": urls, "media_ids": [], "image_urls": images}
    if record.state == "success":
        return envelope(200, "success", data)
    return envelope(_code(record, ("400", "500"), 500), _words(record), data | {"info": None})


def _runway(record: JobRecord) -> dict[str, Any]:
    if record.state == "success":
        return envelope(200, "All generated successfully.", _one_video(record))
    return envelope(_code(record, _SHORT_CODES, 500), _words(record), _one_video(record))


def _aleph(record: JobRecord) -> dict[str, Any]:
    if record.state != "success":
        return envelope(_code(record, _SHORT_CODES, 500), _words(record)) | {"taskId": record.task_id}
    video = _one_video(record)
    data = {"result_video_url": video["video_url"], "result_image_url": video["image_url"], **video}
    return envelope(200, "success", data) | {"taskId": record.task_id}


def _one_video(record: JobRecord) -> dict[str, Any]:
    return {
        "task_id": record.task_id,
        "video_id": record.task_id if record.result_urls else "",
        "video_url": next(iter(record.result_urls), ""),
        "image_url": next(iter(record.image_urls), ""),
    }


def _code(record: JobRecord, documented: tuple[str, ...], otherwise: int) -> int:
    """Programs tell failures apart by the documented codes; any other says no more than that it failed."""
    return int(record.fail_code) if record.fail_code in documented else otherwise


def _words(record: JobRecord) -> str:
    return record.fail_message or "The task failed."


def _resolution(record: JobRecord) -> str:
    return str(object_in(record.payload_json).get("resolution") or "720p")
