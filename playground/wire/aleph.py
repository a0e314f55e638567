"""Aleph's contract: `successFlag` like Veo's (measured failure: 3), one result in `response.resultVideoUrl`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.wire.jobs import JobRecord
from playground.wire.records import UpstreamRecord, first_amount, object_in, text_of, urls_in
from playground.wire.veo import echo_of, flag_data, state_of_flag


def read_record(data: object) -> UpstreamRecord | None:
    """Read `data` of aleph/record-info; None for an unknown task, which is answered with 200 and null."""
    if not isinstance(data, Mapping):
        return None
    return UpstreamRecord(
        state=state_of_flag(data.get("successFlag")),
        result_urls=urls_in(object_in(data.get("response")).get("resultVideoUrl")),
        fail_code=text_of(data.get("errorCode")),
        fail_message=text_of(data.get("errorMessage")),
        consumed_millicredits=first_amount(data),
        echo=echo_of(data),
    )


def record_data(record: JobRecord) -> dict[str, Any]:
    """`data` of aleph/record-info; `state` and `resultJson` beside it as in all our records."""
    clip = next(iter(record.clips), None)
    response = {"taskId": record.task_id, "resultVideoUrl": clip.url, "resultImageUrl": clip.picture_url} if clip else None
    shown = response if record.state == "success" else None
    return flag_data(record) | {"response": shown, "state": record.state, "resultJson": record.result_json}
