"""ModKie's variant of the jobs contract, served: `resultJson` and `param` are objects, and two states have other words."""

from __future__ import annotations

import json
from typing import Any

from playground.wire import jobs
from playground.wire.envelope import envelope
from playground.wire.jobs import JobRecord
from playground.wire.records import WireState

_WORDS = {"waiting": "pending", "queuing": "pending", "generating": "processing"}


def created(task_id: str) -> dict[str, Any]:
    return envelope(200, "success", {"taskId": task_id})


def state_word(state: WireState) -> str:
    return _WORDS.get(state, state)


def record_data(record: JobRecord) -> dict[str, Any]:
    """`data` of its recordInfo, and of its callback."""
    result = {"resultUrls": list(record.result_urls)} if record.state == "success" else {}
    return jobs.record_data(record) | {
        "state": state_word(record.state),
        "param": {"model": record.model, "input": json.loads(record.payload_json)},
        "resultJson": result,
    }
