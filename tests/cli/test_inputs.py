"""What is typed and what the server is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.terminal import GENERATE, Clock, Stub, Terminal, envelope, record

MAKE, LOOK, UPLOAD = "/api/actions/ai.video.generate", "/api/actions/ai.video.query", "/api/file-stream-upload"
A, B = "https://example.com/a.png", "https://example.com/b.png"


@pytest.fixture(autouse=True)
def server(stub: Stub) -> Stub:
    number = iter(range(1, 100))

    def stored(request: httpx.Request) -> httpx.Response:
        return envelope({"success": True, "downloadUrl": f"https://example.com/uploaded/{next(number)}"})

    return stub.on(MAKE, envelope(record("pending"))).on(LOOK, envelope(record("success"))).on(UPLOAD, stored)


def sent(ads: Terminal, stub: Stub, *arguments: str) -> dict[str, Any]:
    ads.ok(*GENERATE, *arguments)
    body: dict[str, Any] = json.loads(stub.asked(MAKE)[-1].content)
    return body


def test_only_what_was_said_is_sent(ads: Terminal, stub: Stub) -> None:
    assert sent(ads, stub) == {"prompt": "A calm sea"}


def test_every_flag_is_its_field(ads: Terminal, stub: Stub) -> None:
    flags = ("--scene", "image-to-video", "--provider", "kie", "--model", "wan/2-7-image-to-video", "--workspace-id", "northlight")
    assert sent(ads, stub, *flags, "--image-input", A, "--video-input", B) == {
        "prompt": "A calm sea",
        "scene": "image-to-video",
        "provider": "kie",
        "model": "wan/2-7-image-to-video",
        "workspaceId": "northlight",
        "imageInput": A,
        "videoInput": B,
    }


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("duration=5", 5),
        ("duration=5.5", 5.5),
        ("sound=true", True),
        ("sound=null", None),
        ('duration="5"', "5"),
        ("ratio=16:9", "16:9"),
        ("text=a=b", "a=b"),
        ("text=", ""),
        ("text=NaN", "NaN"),
        ('shots=[{"prompt": "x"}]', [{"prompt": "x"}]),
        ("text={not json", "{not json"),
        ("text=007", "007"),
    ],
)
def test_an_option_is_json_where_it_is_json_and_text_where_not(ads: Terminal, stub: Stub, typed: str, value: object) -> None:
    name = typed.partition("=")[0]
    assert sent(ads, stub, "-k", typed)["options"] == {name: value}


def test_options_add_up(ads: Terminal, stub: Stub) -> None:
    assert sent(ads, stub, "-k", "duration=5", "--option", "ratio=1:1", "-k", "duration=8")["options"] == {"duration": 8, "ratio": "1:1"}


@pytest.mark.parametrize(
    "typed", [("--image-input", f"{A},{B}"), ("--image-input", A, "--image-input", B), ("--image-input", f" {A} , {B} ,")]
)
def test_several_inputs_are_listed_or_repeated(ads: Terminal, stub: Stub, typed: tuple[str, ...]) -> None:
    assert sent(ads, stub, *typed)["imageInput"] == f"{A},{B}"


def test_a_comma_within_an_address_parts_nothing(ads: Terminal, stub: Stub) -> None:
    typed = "https://example.com/w_100,h_200/a.png"
    assert sent(ads, stub, "--image-input", f"{typed},{B}")["imageInput"] == f"https://example.com/w_100%2Ch_200/a.png,{B}"


def test_a_local_file_is_uploaded_and_its_address_sent(ads: Terminal, stub: Stub) -> None:
    Path("first frame.png").write_bytes(b"a picture")
    assert sent(ads, stub, "--image-input", "first frame.png")["imageInput"] == "https://example.com/uploaded/1"
    (upload,) = stub.asked(UPLOAD)
    assert b'name="uploadPath"' in upload.content
    assert b'filename="first frame.png"' in upload.content
    assert b"\r\n\r\na picture\r\n" in upload.content
    assert upload.headers["Authorization"].startswith("Bearer ")


def test_files_and_addresses_may_be_mixed_and_a_file_is_sent_once(ads: Terminal, stub: Stub) -> None:
    Path("a.png").write_bytes(b"a picture")
    Path("b, c.png").write_bytes(b"another")
    body = sent(ads, stub, "--image-input", f"a.png,{B},a.png", "--image-input", "b, c.png")
    assert body["imageInput"] == f"https://example.com/uploaded/1,{B},https://example.com/uploaded/1,https://example.com/uploaded/2"
    assert len(stub.asked(UPLOAD)) == 2


def test_an_upload_that_broke_off_is_sent_again_from_the_start(ads: Terminal, stub: Stub) -> None:
    Path("a.png").write_bytes(b"a picture")
    stored = envelope({"downloadUrl": "https://example.com/uploaded"})
    stub.on(UPLOAD, httpx.WriteError("broken pipe"), envelope(None, code=429, msg="Other files are being looked at."), stored)
    assert sent(ads, stub, "--image-input", "a.png")["imageInput"] == "https://example.com/uploaded"
    assert all(b"a picture" in upload.content for upload in stub.asked(UPLOAD))


def test_a_file_that_the_server_refuses_ends_it_before_anything_is_made(ads: Terminal, stub: Stub) -> None:
    Path("a.txt").write_text("no picture")
    stub.on(UPLOAD, envelope(None, code=422, msg="This is no file that a model takes."))
    ran = ads.run(*GENERATE, "--image-input", "a.txt")
    assert (ran.exit_code, stub.asked(MAKE)) == (3, [])
    assert "no file that a model takes" in ran.err


def test_an_empty_file_is_said_before_it_is_sent(ads: Terminal, stub: Stub) -> None:
    Path("a.png").touch()
    ran = ads.run(*GENERATE, "--image-input", "a.png")
    assert (ran.exit_code, stub.requests) == (2, [])


@pytest.mark.parametrize("typed", ["600000", "600000ms", "600s", "10m"])
def test_the_time_to_wait_is_milliseconds_or_has_its_unit(ads: Terminal, stub: Stub, clock: Clock, typed: str) -> None:
    stub.on(LOOK, envelope(record("processing")))
    assert ads.run(*GENERATE, "--timeout", typed).exit_code == 7
    assert sum(clock.slept) == pytest.approx(600)


def test_no_wait_prints_the_task_and_asks_nothing_more(ads: Terminal, stub: Stub) -> None:
    ran = ads.ok(*GENERATE, "--no-wait", "--json")
    assert ran.object["status"] == "pending"
    assert stub.asked(LOOK) == []
