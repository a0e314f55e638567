"""What we post is in the shape of the model's contract, and readable by what reads the providers' callbacks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from playground.catalog import registry
from playground.wire.announcing import announcement, event
from playground.wire.callbacks import read_callback
from playground.wire.jobs import JobRecord

TASK = "0123456789abcdef0123456789abcdef"
VIDEO, POSTER = "https://r.example/1.mp4", "https://r.example/1.webp"
DONE = JobRecord(
    task_id=TASK, model="m", state="success", payload_json='{"prompt":"Sea","resolution":"1080p"}', result_urls=(VIDEO,), fail_code=None,
    fail_message=None, created_ms=1_000, completed_ms=61_000, updated_ms=61_000, millicredits=60_000, sandbox=False, image_urls=(POSTER,),
)  # fmt: skip
FAILED = replace(DONE, state="fail", result_urls=(), image_urls=(), fail_code="422", fail_message="No.")
ENDPOINTS = sorted({card.endpoint for card in registry.all_cards()})


def data_of(endpoint: str, record: JobRecord = DONE) -> dict[str, Any]:
    data: dict[str, Any] = announcement(record, endpoint)["data"]
    return data


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("record", [DONE, FAILED], ids=["done", "failed"])
def test_every_card_s_callback_names_its_task_and_how_it_ended(endpoint: str, record: JobRecord) -> None:
    read = read_callback(json.dumps(announcement(record, endpoint)))
    assert read.task_ids == (TASK,)
    assert (read.code == "200") == (record is DONE)
    assert read.words


def test_the_market_s_is_the_record() -> None:
    body = announcement(DONE, "")
    assert (body["code"], body["msg"]) == (200, "Playground task completed successfully.")
    assert json.loads(body["data"]["resultJson"]) == {"resultUrls": [VIDEO]}
    failure = announcement(FAILED, "")
    assert (failure["code"], failure["data"]["resultJson"], failure["data"]["failCode"]) == (501, None, "422")


def test_veo_s_has_the_request_and_the_results() -> None:
    data = data_of("POST /api/v1/veo/generate")
    assert data == {
        "taskId": TASK,
        "promptJson": DONE.payload_json,
        "fallbackFlag": False,
        "info": {"resultUrls": [VIDEO], "originUrls": [VIDEO], "resolution": "1080p"},
    }


def test_an_extension_of_veo_s_tells_the_added_part_from_the_whole_film() -> None:
    both = replace(DONE, result_urls=(VIDEO, "https://r.example/2.mp4"))
    info = data_of("POST /api/v1/veo/extend", both)["info"]
    assert (info["resultUrls"], info["fullResultUrls"]) == ([VIDEO], ["https://r.example/2.mp4"])


@pytest.mark.parametrize("endpoint", ["POST /api/v1/veo/get-4k-video", "GET /api/v1/veo/get-1080p-video"])
def test_a_larger_version_s_has_both_documented_forms(endpoint: str) -> None:
    data = data_of(endpoint)
    assert (data["taskId"], data["info"]) == (TASK, {"resultUrls": [VIDEO], "imageUrls": [POSTER]})
    assert (data["task_id"], data["result_urls"], data["image_urls"]) == (TASK, [VIDEO], [POSTER])


def test_runway_s_is_in_snake_case() -> None:
    assert data_of("POST /api/v1/runway/generate") == {"task_id": TASK, "video_id": TASK, "video_url": VIDEO, "image_url": POSTER}


def test_aleph_s_names_the_task_beside_the_data() -> None:
    body = announcement(DONE, "POST /api/v1/aleph/generate")
    assert (body["taskId"], body["data"]["result_video_url"], body["data"]["result_image_url"]) == (TASK, VIDEO, POSTER)
    assert announcement(FAILED, "POST /api/v1/aleph/generate")["data"] is None


@pytest.mark.parametrize(
    ("endpoint", "code", "announced"),
    [
        ("POST /api/v1/veo/generate", "422", 422),
        ("POST /api/v1/veo/generate", "SAFETY", 501),
        ("POST /api/v1/runway/generate", "400", 400),
        ("POST /api/v1/runway/generate", "422", 500),
        ("POST /api/v1/aleph/generate", "501", 500),
    ],
)
def test_a_failure_bears_a_code_that_the_family_documents(endpoint: str, code: str, announced: int) -> None:
    body = announcement(replace(FAILED, fail_code=code), endpoint)
    assert (body["code"], body["msg"]) == (announced, "No.")


def test_an_event_is_the_callback_that_says_first_what_it_is() -> None:
    body = event(announcement(DONE, ""), kind="task.succeeded", at="2026-03-01T12:00:00+00:00")
    assert list(body)[:2] == ["type", "timestamp"]
    assert read_callback(json.dumps(body)).task_ids == (TASK,)
