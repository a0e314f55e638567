"""The larger versions of a Veo clip: one question, asked until its answer is a result or a clear no."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.wire.envelope import Answer
from playground.wire.upgrades import read_upgrade
from tests.wire.values import any_texts, hostile, is_sound

URL = "https://a/large.mp4"


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (200, {"resultUrl": URL}),
        (200, {"taskId": "4d3c", "resultUrls": [URL], "imageUrls": ["https://a/1.png"]}),
        (422, {"taskId": "4d3c", "resultUrls": [URL], "imageUrls": []}),
        (422, {"taskId": "4d3c", "resultUrls": json.dumps([URL])}),
        (200, {"task_id": "4d3c", "result_urls": [URL], "media_ids": ["m"], "image_urls": []}),
        (500, {"resultUrl": URL}),
    ],
    ids=["1080p", "4K at once", "4K, as it is answered again", "a list in a text", "snake case", "whatever the code"],
)
def test_a_result_is_a_result_whatever_comes_with_it(code: int, data: dict[str, Any]) -> None:
    record = read_upgrade(Answer(code, "The video has been generated successfully", data))

    assert (record.state, record.result_urls, record.progress) == ("success", (URL,), 1.0)


@pytest.mark.parametrize(
    ("code", "words", "data"),
    [
        (200, "success", {"taskId": "4d3c", "resultUrls": None, "imageUrls": None}),
        (200, "success", {"resultUrl": ""}),
        (200, "success", None),
        (400, "The 1080P is processing. It should be ready in 1-2 minutes. Please check back shortly.", None),
        (422, "4k is processing. It should be ready in 5-10 minutes. Please check back shortly.", {"taskId": "4d3c", "resultUrls": None}),
        (500, "The 1080p video is being processed. Please try again later.", None),
        (500, "Server exception, please try again later", None),
        (503, "Service temporarily unavailable", None),
        (455, "Maintenance", None),
        (500, "", None),
        (418, "", "text"),
    ],
)
def test_everything_else_means_not_yet(code: int, words: str, data: object) -> None:
    record = read_upgrade(Answer(code, words, data))

    assert (record.state, record.result_urls, record.progress) == ("generating", (), None)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (422, "Record does not exist"),
        (500, "The 4K version of this video is unavailable. Please try a different video."),
        (422, "Record not found for taskId: 4d3c"),
        (400, "Upgrading is not supported for videos made by the fallback model"),
        (422, "The video has expired"),
    ],
)
def test_a_clear_no_is_a_failure_in_the_provider_s_words(code: int, words: str) -> None:
    record = read_upgrade(Answer(code, words, None))

    assert (record.state, record.fail_code, record.fail_message) == ("fail", str(code), words)


def test_words_of_a_no_beside_a_success_are_no_failure() -> None:
    assert read_upgrade(Answer(200, "not supported by fallback", {"resultUrl": None})).state == "generating"


def test_what_was_taken_is_told_before_and_after() -> None:
    assert read_upgrade(Answer(200, "success", {"taskId": "4d3c", "creditsConsumed": 120.0})).consumed_millicredits == 120_000
    assert read_upgrade(Answer(200, "success", {"resultUrl": URL, "creditsConsumed": 5})).consumed_millicredits == 5_000


@given(st.integers(), any_texts, hostile("resultUrl", "resultUrls", "result_urls", "taskId", "creditsConsumed"))
def test_no_answer_breaks_the_reader(code: int, words: str, data: object) -> None:
    record = read_upgrade(Answer(code, words, data))

    assert record.state in ("success", "generating", "fail")
    assert record.result_urls == () or is_sound(record)
