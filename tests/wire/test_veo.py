"""Veo's contract: the measured record, and everything that its documents say and nobody has seen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from playground.wire import veo
from playground.wire.records import UpstreamRecord
from tests.wire.values import hostile, is_sound, json_values

ASKED = {
    "duration": 4, "enableTranslation": True, "generationType": "TEXT_2_VIDEO", "aspectRatio": "9:16", "model": "veo3_lite",
    "enableFallback": False, "resolution": "720p", "prompt": "Sea",
}  # fmt: skip
# Recorded in April 2026.
PENDING: dict[str, Any] = {
    "taskId": "4d3c", "paramJson": json.dumps(ASKED), "response": None, "successFlag": 0, "fallbackFlag": False, "completeTime": None,
    "createTime": 1_775_650_000_000, "errorCode": None, "errorMessage": "",
}  # fmt: skip
RESPONSE: dict[str, Any] = {
    "taskId": "4d3c", "resolution": "720p", "originUrls": None, "resultUrls": ["https://a/1.mp4"], "fullResultUrls": None,
    "hasAudioList": [True], "seeds": [61668],
}  # fmt: skip
DONE = PENDING | {"successFlag": 1, "errorMessage": None, "response": RESPONSE, "completeTime": 1_775_650_090_000}


def read(data: object) -> UpstreamRecord:
    record = veo.read_record(data)
    assert record is not None
    return record


def test_the_measured_record_of_a_task_under_way() -> None:
    record = read(PENDING)

    assert record == UpstreamRecord("generating")
    assert record.echo is not None
    assert (record.echo.model, record.echo.input, record.echo.created_ms) == ("veo3_lite", ASKED, (1_775_650_000_000,))


def test_the_measured_record_of_a_finished_task() -> None:
    assert read(DONE) == UpstreamRecord("success", ("https://a/1.mp4",))


@pytest.mark.parametrize("data", [None, "", [], 0, True, "null"])
def test_no_record_is_no_record_yet(data: object) -> None:
    assert veo.read_record(data) is None


@pytest.mark.parametrize(
    ("flag", "state"),
    [
        (0, "generating"),
        (1, "success"),
        (2, "fail"),
        (3, "fail"),
        ("1", "success"),
        ("3", "fail"),
        (4, "queuing"),
        (-1, "queuing"),
        (True, "queuing"),
        (False, "queuing"),
        (1.5, "queuing"),
        ("done", "queuing"),
        (None, "queuing"),
        ([1], "queuing"),
    ],
)
def test_a_flag_that_nobody_announced_means_still_running(flag: object, state: str) -> None:
    assert read(PENDING | {"successFlag": flag}).state == state


RESULTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "several": ({"resultUrls": ["https://a/1.mp4", "https://a/2.mp4"]}, ("https://a/1.mp4", "https://a/2.mp4")),
    "a list in a text": ({"resultUrls": '["https://a/1.mp4"]'}, ("https://a/1.mp4",)),
    "a list in a text without quotes": ({"resultUrls": "[https://a/1.mp4]"}, ("https://a/1.mp4",)),
    "an extension, the added part first": (
        {"resultUrls": ["https://a/part.mp4"], "fullResultUrls": ["https://a/whole.mp4"]},
        ("https://a/part.mp4", "https://a/whole.mp4"),
    ),
    "an extension that is one clip": ({"resultUrls": ["https://a/1.mp4"], "fullResultUrls": ["https://a/1.mp4"]}, ("https://a/1.mp4",)),
    "null": ({"resultUrls": None}, ()),
    "empty": ({"resultUrls": []}, ()),
    "an empty text": ({"resultUrls": ""}, ()),
    "an empty list in a text": ({"resultUrls": "[]"}, ()),
}


@pytest.mark.parametrize("case", RESULTS)
def test_results_are_read_in_every_form(case: str) -> None:
    changed, urls = RESULTS[case]

    assert read(DONE | {"response": RESPONSE | changed}).result_urls == urls
    assert read(DONE | {"response": json.dumps(RESPONSE | changed)}).result_urls == urls


@pytest.mark.parametrize("response", [None, "", {}, [], "broken {"])
def test_a_success_without_a_response_names_no_result(response: object) -> None:
    record = read(DONE | {"response": response})

    assert (record.state, record.result_urls) == ("success", ())


def test_results_beside_the_response_are_seen() -> None:
    assert read(DONE | {"response": None, "resultUrls": ["https://a/1.mp4"]}).result_urls == ("https://a/1.mp4",)


@pytest.mark.parametrize(("code", "read_code"), [(400, "400"), ("501", "501"), (None, "")])
def test_a_failure_brings_its_code_and_words(code: object, read_code: str) -> None:
    record = read(PENDING | {"successFlag": 3, "errorCode": code, "errorMessage": "Your prompt was flagged."})

    assert (record.state, record.fail_code, record.fail_message) == ("fail", read_code, "Your prompt was flagged.")


@pytest.mark.parametrize(
    ("written", "moments"),
    [
        ("2026-04-08T12:06:40Z", (1_775_650_000_000,)),
        ("2026-04-08 12:06:40", (1_775_650_000_000, 1_775_621_200_000)),
        (None, ()),
    ],
)
def test_times_are_read_in_the_documented_forms_too(written: object, moments: tuple[int, ...]) -> None:
    echo = read(PENDING | {"createTime": written}).echo

    assert echo is not None and echo.created_ms == moments


@pytest.mark.parametrize("param", [ASKED, json.dumps(ASKED)], ids=["object", "text"])
def test_what_was_asked_is_read_as_object_and_as_text(param: object) -> None:
    echo = read(PENDING | {"paramJson": param}).echo

    assert echo is not None and echo.input == ASKED


def test_the_request_is_the_payload_with_our_address_beside_its_fields() -> None:
    payload = {"prompt": "Sea", "model": "veo3_fast"}

    assert veo.flat_request(payload) == payload
    assert veo.flat_request(payload, callback_url="https://me/h") == payload | {"callBackUrl": "https://me/h"}
    assert payload == {"prompt": "Sea", "model": "veo3_fast"}


@given(hostile(*DONE, *RESPONSE, *ASKED, "progress", "creditsConsumed"))
def test_no_record_breaks_the_reader(data: object) -> None:
    assert is_sound(veo.read_record(data))


@given(json_values)
def test_no_flag_breaks_the_reader(flag: object) -> None:
    assert read({"successFlag": flag}).state in ("queuing", "generating", "success", "fail")
