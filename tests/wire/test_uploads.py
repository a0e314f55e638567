"""The upload API: both shapes of its answer, and the bodies of the two ways in that are JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from playground.wire.envelope import Answer
from playground.wire.uploads import base64_request, read_upload, url_request
from tests.wire.values import hostile

URL = "https://tempfile.redpandaai.co/kieai/7/rushes/a.png"
MEASURED: dict[str, Any] = {
    "success": True, "fileName": "a.png", "filePath": "kieai/7/rushes/a.png", "downloadUrl": URL, "fileSize": 7,
    "mimeType": "image/png", "uploadedAt": "2026-04-08T12:06:40.000Z",
}  # fmt: skip
QUICKSTART: dict[str, Any] = {
    "fileId": "f1",
    "originalName": "a.png",
    "uploadPath": "rushes",
    "fileUrl": URL,
    "uploadTime": "2026-04-08",
    "expiresAt": "2026-04-11",
}


@pytest.mark.parametrize("data", [MEASURED, QUICKSTART, QUICKSTART | {"downloadUrl": None}], ids=["measured", "quickstart", "mixed"])
def test_the_address_of_a_file_is_read_in_both_shapes(data: dict[str, Any]) -> None:
    assert read_upload(Answer(200, "File uploaded successfully", data)) == URL


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, "File uploaded successfully", None),
        Answer(200, "File uploaded successfully", URL),
        Answer(200, "File uploaded successfully", {}),
        Answer(200, "File uploaded successfully", MEASURED | {"downloadUrl": ""}),
        Answer(200, "File uploaded successfully", MEASURED | {"downloadUrl": "/files/a.png"}),
        Answer(200, "File uploaded successfully", MEASURED | {"downloadUrl": "javascript:alert(1)"}),
        Answer(200, "failed", MEASURED | {"success": False}),
        Answer(400, "Bad request", MEASURED),
        Answer(500, "Server error", MEASURED),
    ],
)
def test_what_names_no_public_address_has_none(answer: Answer) -> None:
    assert read_upload(answer) == ""


def test_the_bodies_are_the_contract_s() -> None:
    assert base64_request("data:image/png;base64,AAAA", path="rushes", name="a.png") == {
        "base64Data": "data:image/png;base64,AAAA",
        "uploadPath": "rushes",
        "fileName": "a.png",
    }
    assert url_request(URL, path="rushes", name="a.png") == {"fileUrl": URL, "uploadPath": "rushes", "fileName": "a.png"}


@given(hostile(*MEASURED, *QUICKSTART, "url"))
def test_no_answer_breaks_the_reader(data: object) -> None:
    found = read_upload(Answer(200, "", data))

    assert found == "" or found.startswith(("https://", "http://"))
