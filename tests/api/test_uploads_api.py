"""KIE's three uploads on our own host: one preflight for all, labels that lead nowhere, versions that stay."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from playground.media.models import Upload
from playground.wire.envelope import read_answer
from playground.wire.uploads import read_upload
from tests.api.client import Program, envelope
from tests.inputfiles import picture_file

pytestmark = pytest.mark.django_db
STREAM, BASE64, URL = "/api/file-stream-upload", "/api/file-base64-upload", "/api/file-url-upload"


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("holiday.jpg", picture_file().read_bytes(), content_type="image/jpeg")


def encoded(path: Path | None = None) -> str:
    return base64.b64encode((path or picture_file()).read_bytes()).decode()


def streamed(program: Program, **fields: Any) -> Any:
    values = {"file": picture(), "uploadPath": "images/user-uploads"} | fields
    sent = {name: value for name, value in values.items() if value is not None}
    return program.http.post(STREAM, sent, headers={"Authorization": f"Bearer {program.secret}"})


def posted(program: Program, path: str, **body: Any) -> dict[str, Any]:
    return envelope(program.post(body, path=path))


def test_a_streamed_file_is_answered_as_measured_and_can_be_read_by_its_link(program: Program) -> None:
    response = streamed(program, fileName="first frame.jpg")

    answer = envelope(response)
    data = answer["data"]
    assert (answer["success"], answer["code"], answer["msg"]) == (True, 200, "File uploaded successfully")
    assert (data["success"], data["fileName"], data["mimeType"]) == (True, "first frame.jpg", "image/jpeg")
    assert data["filePath"] == "images/user-uploads/first frame.jpg"
    link = urlsplit(read_upload(read_answer(response.text, 200)))
    content = program.http.get(f"{link.path}?{link.query}")
    assert (content.status_code, content.headers["Content-Type"]) == (200, "image/jpeg")
    assert int(content.headers["Content-Length"]) == data["fileSize"]
    assert program.http.get(link.path).status_code == 404


def test_the_address_is_an_input_of_a_task(program: Program, stranger: Program) -> None:
    url = envelope(streamed(program))["data"]["downloadUrl"]
    body = {"prompt": "It begins to move", "imageUrls": [url]}

    answers = [envelope(who.post(body, path="/api/v1/veo/generate")) for who in (program, stranger)]

    assert answers[0]["code"] == 200
    # The link opens it for whoever reads, but it is an upload of another team all the same.
    assert (answers[1]["code"], answers[1]["data"]["errors"][0]["rule"]) == (422, "missing_file")


@pytest.mark.parametrize("data", ["bare", "data url", "with line breaks"])
def test_a_file_in_base64(program: Program, data: str) -> None:
    text = encoded()
    text = {"bare": text, "data url": f"data:image/jpeg;base64,{text}", "with line breaks": f"{text[:76]}\n{text[76:]}\n"}[data]

    answer = posted(program, BASE64, base64Data=text, uploadPath="images", fileName="a.jpg")

    assert (answer["code"], answer["data"]["mimeType"], answer["data"]["fileName"]) == (200, "image/jpeg", "a.jpg")


def test_a_file_in_base64_may_be_larger_than_other_bodies(program: Program) -> None:
    padded = base64.b64encode(picture_file().read_bytes() + bytes(2 * 1024**2)).decode()

    assert posted(program, BASE64, base64Data=padded, uploadPath="images")["code"] == 200


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a.jpg", "ftp://example.com/a.jpg", "data:image/png;base64,AAAA", "file:///etc/passwd", "x"]
)
def test_an_address_that_leads_nowhere_or_inside_is_not_fetched(program: Program, url: str) -> None:
    answer = posted(program, URL, fileUrl=url, uploadPath="images")

    assert answer["code"] == 400
    assert "could not be fetched" in answer["msg"]
    assert Upload.objects.count() == 0


def test_the_same_name_again_is_a_new_version_and_the_old_one_stays(program: Program, stranger: Program) -> None:
    def upload(who: Program, **more: Any) -> dict[str, Any]:
        data: dict[str, Any] = posted(who, BASE64, base64Data=encoded(), **({"uploadPath": "ads", "fileName": "logo.jpg"} | more))["data"]
        return data

    first, second, elsewhere, unnamed = upload(program), upload(program), upload(stranger), upload(program, fileName="")

    assert [found["version"] for found in (first, second, elsewhere, unnamed)] == [1, 2, 1, 1]
    assert first["filePath"] == second["filePath"]
    assert first["downloadUrl"] != second["downloadUrl"]
    link = urlsplit(first["downloadUrl"])
    assert program.http.get(f"{link.path}?{link.query}").status_code == 200


@pytest.mark.parametrize(
    ("folder", "name", "path"),
    [
        ("../../etc", "../passwd", "etc/passwd.jpg"),
        ("/absolute\\windows", "C:\\a.exe", "absolute/windows/a.jpg"),
        ("..", "x.jpg", "files/x.jpg"),
        ("a\u202eb\x00", "\u202egpj.exe", "ab/gpj.jpg"),
        ("a" * 200, "b" * 200, "a" * 120 + "/" + "b" * 110 + ".jpg"),
    ],
)
def test_a_path_is_a_label_and_nothing_is_written_by_it(program: Program, folder: str, name: str, path: str) -> None:
    answer = posted(program, BASE64, base64Data=encoded(), uploadPath=folder, fileName=name)

    assert answer["data"]["filePath"] == path
    # Team, year, month and a name of our own.
    assert re.fullmatch(r"\d+/\d{4}/\d{2}/[0-9a-f-]{36}\.jpg", Upload.objects.get().stored.storage_name)


BAD: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "no file": (STREAM, {"file": None}, 400, "file is required"),
    "a text for a file": (STREAM, {"file": "x"}, 400, "file is required"),
    "no path": (STREAM, {"uploadPath": None}, 400, "uploadPath is required"),
    "a file that is none": (STREAM, {"file": SimpleUploadedFile("a.mp4", b"<html>no clip</html>")}, 422, ""),
    "a name that is too long": (STREAM, {"fileName": "x" * 201}, 400, "at most 200"),
    "no data": (BASE64, {"uploadPath": "a"}, 400, "base64Data is required"),
    "data that is a number": (BASE64, {"uploadPath": "a", "base64Data": 7}, 400, "must be text"),
    "data that is no base64": (BASE64, {"uploadPath": "a", "base64Data": "§"}, 400, "not base64"),
    "data cut off": (BASE64, {"uploadPath": "a", "base64Data": "QUJ"}, 400, "not base64"),
    "an empty data url": (BASE64, {"uploadPath": "a", "base64Data": "data:image/png;base64,"}, 400, "no file"),
    "a path that is a list": (BASE64, {"uploadPath": ["a"], "base64Data": "QUJD"}, 400, "must be text"),
    "data that is no picture": (BASE64, {"uploadPath": "a", "base64Data": "AAAA" * 20}, 422, ""),
    "no address": (URL, {"uploadPath": "a"}, 400, "fileUrl is required"),
    "an address that is a list": (URL, {"uploadPath": "a", "fileUrl": ["x"]}, 400, "must be text"),
    "an endless address": (URL, {"uploadPath": "a", "fileUrl": "https://example.com/" + "x" * 3000}, 400, "longer than"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_upload_gets_an_envelope_and_leaves_nothing(program: Program, case: str) -> None:
    path, changes, code, words = BAD[case]

    answer = envelope(streamed(program, **changes)) if path == STREAM else posted(program, path, **changes)

    assert answer["code"] == code
    assert words in answer["msg"]
    assert Upload.objects.count() == 0


@override_settings(UPLOAD_MAX_BYTES=1000)
def test_a_file_over_the_limit_is_413(program: Program) -> None:
    assert envelope(streamed(program))["code"] == 413


@override_settings(UPLOADS_PER_MINUTE=1)
def test_too_many_files_of_one_key_are_429(program: Program) -> None:
    codes = [posted(program, URL, uploadPath="a")["code"] for _ in range(2)]

    assert codes == [400, 429]


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nabc"])
@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "multipart/form-data", "multipart/form-data; boundary=\xe9", "text/plain"]
)
def test_a_broken_form_is_400(program: Program, body: bytes, kind: str) -> None:
    response = program.http.generic("POST", STREAM, body, content_type=kind, headers={"Authorization": f"Bearer {program.secret}"})

    assert json.loads(response.content)["code"] == 400
