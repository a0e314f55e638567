"""Runway's contract: its own state words, one result in `videoInfo`, times without a zone. Documented, except for the null."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from playground.wire import runway
from playground.wire.records import UpstreamRecord
from tests.wire.values import hostile, is_sound

ASKED = {"prompt": "Sea", "imageUrl": "https://a/1.png", "expandPrompt": True}
VIDEO = {"videoId": "v1", "taskId": "4d3c", "videoUrl": "https://a/1.mp4", "imageUrl": "https://a/1.png"}
DONE: dict[str, Any] = {
    "taskId": "4d3c", "parentTaskId": "", "generateParam": ASKED, "state": "success", "generateTime": "2026-04-08 12:06:40",
    "videoInfo": VIDEO, "failCode": 0, "failMsg": "", "expireFlag": 0,
}  # fmt: skip


def read(data: object) -> UpstreamRecord:
    record = runway.read_record(data)
    assert record is not None
    return record


def test_a_finished_task_has_one_result_and_no_failure() -> None:
    assert read(DONE) == UpstreamRecord("success", ("https://a/1.mp4",))


@pytest.mark.parametrize("data", [None, "", [], 0, True])
def test_an_unknown_task_is_answered_with_null_and_is_no_record(data: object) -> None:
    assert runway.read_record(data) is None


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("wait", "waiting"),
        ("queueing", "queuing"),
        ("generating", "generating"),
        ("success", "success"),
        ("fail", "fail"),
        ("Fail", "fail"),
        ("throttled", "queuing"),
        ("", "queuing"),
        (None, "queuing"),
        (3, "queuing"),
    ],
)
def test_a_word_that_nobody_announced_means_still_running(word: object, state: str) -> None:
    assert read(DONE | {"state": word}).state == state


@pytest.mark.parametrize(
    ("video", "urls"),
    [
        (json.dumps(VIDEO), ("https://a/1.mp4",)),
        (VIDEO | {"videoUrl": None}, ()),
        (VIDEO | {"videoUrl": ""}, ()),
        ({}, ()),
        (None, ()),
        ("", ()),
        ([VIDEO], ()),
    ],
)
def test_a_success_may_come_as_text_or_without_an_address(video: object, urls: tuple[str, ...]) -> None:
    record = read(DONE | {"videoInfo": video})

    assert (record.state, record.result_urls) == ("success", urls)


@pytest.mark.parametrize(("code", "read_code"), [(400, "400"), ("500", "500"), (0, ""), ("0", ""), (None, "")])
def test_a_failure_code_of_zero_is_none(code: object, read_code: str) -> None:
    record = read(DONE | {"state": "fail", "videoInfo": None, "failCode": code, "failMsg": "Inappropriate content."})

    assert (record.state, record.fail_code, record.fail_message) == ("fail", read_code, "Inappropriate content.")


@pytest.mark.parametrize("asked", [ASKED, json.dumps(ASKED)], ids=["object", "text"])
def test_the_echo_is_what_was_asked_at_the_provider_s_local_time(asked: object) -> None:
    echo = read(DONE | {"generateParam": asked}).echo

    assert echo is not None
    assert (echo.model, echo.input) == ("", ASKED)
    assert echo.created_ms == (1_775_650_000_000, 1_775_621_200_000)


def test_an_extension_echoes_the_task_that_it_extends() -> None:
    echo = read(DONE | {"parentTaskId": "0a1b"}).echo

    assert echo is not None
    assert echo.input == ASKED | {"taskId": "0a1b"}


def test_a_create_time_is_preferred_where_there_is_one() -> None:
    echo = read(DONE | {"createTime": 1_775_650_000_123}).echo

    assert echo is not None and echo.created_ms == (1_775_650_000_123,)


@given(hostile(*DONE, *VIDEO, *ASKED, "createTime", "creditsConsumed"))
def test_no_record_breaks_the_reader(data: object) -> None:
    assert is_sound(runway.read_record(data))
