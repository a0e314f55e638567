"""Aleph's contract: Veo's flags, one result, and a failure that was measured."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from playground.wire import aleph
from playground.wire.records import UpstreamRecord
from tests.wire.values import hostile, is_sound

ASKED = {"prompt": "Make it night", "videoUrl": "https://a/in.mp4", "aspectRatio": "16:9"}
PENDING: dict[str, Any] = {
    "taskId": "4d3c", "paramJson": json.dumps(ASKED), "response": None, "completeTime": None, "createTime": 1_775_650_000_000,
    "successFlag": 0, "errorCode": None, "errorMessage": "",
}  # fmt: skip
RESPONSE = {"taskId": "4d3c", "resultVideoUrl": "https://a/1.mp4", "resultImageUrl": "https://a/1.png"}


def read(data: object) -> UpstreamRecord:
    record = aleph.read_record(data)
    assert record is not None
    return record


def test_a_task_under_way_echoes_what_was_asked() -> None:
    record = read(PENDING)

    assert record == UpstreamRecord("generating")
    assert record.echo is not None
    assert (record.echo.model, record.echo.input, record.echo.created_ms) == ("", ASKED, (1_775_650_000_000,))


@pytest.mark.parametrize("response", [RESPONSE, json.dumps(RESPONSE)], ids=["object", "text"])
def test_a_finished_task_has_its_clip_and_not_its_picture(response: object) -> None:
    assert read(PENDING | {"successFlag": 1, "response": response}) == UpstreamRecord("success", ("https://a/1.mp4",))


def test_the_measured_failure() -> None:
    words = "internal error, please try again later."
    record = read(PENDING | {"successFlag": 3, "errorCode": 500, "errorMessage": words})

    assert (record.state, record.fail_code, record.fail_message) == ("fail", "500", words)


@pytest.mark.parametrize("data", [None, "", [], 0, True])
def test_an_unknown_task_is_answered_with_null_and_is_no_record(data: object) -> None:
    assert aleph.read_record(data) is None


@pytest.mark.parametrize("response", [None, "", {}, [], RESPONSE | {"resultVideoUrl": None}, RESPONSE | {"resultVideoUrl": ""}])
def test_a_success_without_an_address_names_none(response: object) -> None:
    record = read(PENDING | {"successFlag": 1, "response": response})

    assert (record.state, record.result_urls) == ("success", ())


@pytest.mark.parametrize("flag", [4, "x", None, True, False])
def test_a_flag_that_nobody_announced_means_still_running(flag: object) -> None:
    assert read(PENDING | {"successFlag": flag}).state == "queuing"


@given(hostile(*PENDING, *RESPONSE, *ASKED, "creditsConsumed"))
def test_no_record_breaks_the_reader(data: object) -> None:
    assert is_sound(aleph.read_record(data))
