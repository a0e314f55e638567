"""`--out`: the whole file or none, continued where it broke off, and never over another file unasked."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.cli.terminal import GENERATE, QUERY, TASK, Breaking, Clock, Ran, Stub, Terminal, envelope, record

MAKE, LOOK, FILE = "/api/actions/ai.video.generate", "/api/actions/ai.video.query", "/media/token/video.mp4"
URL = f"https://files.example.com{FILE}"
CONTENT = bytes(range(256)) * 40
TAG = '"the tag"'


def part_of(content: bytes, request: httpx.Request, *, tag: str = TAG, most: int = 10**9) -> httpx.Response:
    """As a server answers that knows ranges; it may send less than was asked for."""
    headers = {"ETag": tag, "Content-Type": "video/mp4"}
    asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
    if not asked or request.headers.get("If-Range", tag) != tag:
        return httpx.Response(200, content=content, headers=headers)
    start = int(asked[1])
    if start >= len(content):
        return httpx.Response(416, headers={"Content-Range": f"bytes */{len(content)}"})
    end = min(len(content), start + most)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
    return httpx.Response(206, content=content[start:end], headers=headers)


def whole(request: httpx.Request) -> httpx.Response:
    return part_of(CONTENT, request)


def broken_off(content: bytes, **headers: str) -> httpx.Response:
    """The first bytes, and then nothing."""
    known = {"Content-Length": str(len(CONTENT)), "ETag": TAG} | {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, stream=Breaking(content), headers=known)


@pytest.fixture(autouse=True)
def server(stub: Stub) -> Stub:
    done = envelope(record("success", videoUrl=URL, videoUrls=[URL]))
    return stub.on(MAKE, envelope(record("pending"))).on(LOOK, done).on(FILE, whole)


@pytest.fixture
def save(ads: Terminal) -> Callable[..., Ran]:
    return lambda *arguments: ads.run(*QUERY, *arguments)


def files() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


def test_the_video_is_saved_where_it_was_wanted_and_folders_are_made(ads: Terminal) -> None:
    ran = ads.ok(*GENERATE, "--out", "./output/video.mp4", "--json")
    assert Path("output/video.mp4").read_bytes() == CONTENT
    assert files() == ["output/video.mp4"]
    assert (ran.object["localPath"], ran.object["localPaths"]) == ("output/video.mp4", ["output/video.mp4"])
    assert (ran.object["videoUrl"], ran.object["status"], ran.object["taskId"]) == (URL, "success", TASK)


def test_the_key_goes_to_the_api_and_not_to_the_address_of_the_file(ads: Terminal, stub: Stub) -> None:
    ads.ok(*GENERATE, "--out", "video.mp4")
    assert "Authorization" not in stub.asked(FILE)[0].headers


@pytest.mark.parametrize("out", ["clips/", "clips"])
def test_in_a_folder_the_task_names_the_file(save: Callable[..., Ran], out: str) -> None:
    Path("clips").mkdir()
    assert save("--out", out).exit_code == 0
    assert files() == [f"clips/{TASK}.mp4"]


def test_several_videos_are_several_files(save: Callable[..., Ran], stub: Stub) -> None:
    stub.on(LOOK, envelope(record("success", videoUrls=[URL, URL])))
    assert save("--out", "a.mp4", "--json").object["localPaths"] == ["a.mp4", "a-2.mp4"]
    assert files() == ["a-2.mp4", "a.mp4"]


@pytest.mark.parametrize("task_id", ["../../etc/passwd", "..", "a/b", "\x1b[31m", "C:\\x"])
def test_the_server_s_words_lead_out_of_no_folder(save: Callable[..., Ran], stub: Stub, task_id: str) -> None:
    url = f"https://files.example.com{FILE}/../../../evil.sh"
    stub.on(LOOK, envelope(record("success", videoUrl=url) | {"taskId": task_id})).on("/evil.sh", whole)
    assert save("--out", "clips/").exit_code == 0
    (path,) = files()
    assert re.fullmatch(r"clips/[A-Za-z0-9_-]+\.mp4", path)


def test_another_file_is_not_overwritten_and_nothing_is_paid_for_first(ads: Terminal, stub: Stub) -> None:
    Path("video.mp4").write_bytes(b"precious")
    ran = ads.run(*GENERATE, "--out", "video.mp4")
    assert (ran.exit_code, stub.requests) == (2, [])
    assert "--overwrite" in ran.err
    assert Path("video.mp4").read_bytes() == b"precious"


def test_it_is_overwritten_when_that_was_said(ads: Terminal) -> None:
    Path("video.mp4").write_bytes(b"not so precious")
    ads.ok(*GENERATE, "--out", "video.mp4", "--overwrite")
    assert Path("video.mp4").read_bytes() == CONTENT


def test_a_file_that_appears_meanwhile_stays_what_it_is(save: Callable[..., Ran], stub: Stub) -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        Path("video.mp4").write_bytes(b"precious")
        return whole(request)

    stub.on(FILE, slow)
    assert save("--out", "video.mp4").exit_code == 2
    assert Path("video.mp4").read_bytes() == b"precious"


def test_a_connection_that_breaks_is_taken_up_again_where_it_broke(save: Callable[..., Ran], stub: Stub) -> None:
    stub.on(FILE, broken_off(CONTENT[:5000]), whole)
    assert save("--out", "video.mp4").exit_code == 0
    first, second = stub.asked(FILE)
    assert "Range" not in first.headers
    assert (second.headers["Range"], second.headers["If-Range"]) == ("bytes=5000-", TAG)
    assert Path("video.mp4").read_bytes() == CONTENT
    assert files() == ["video.mp4"]


def test_a_server_that_sends_pieces_is_asked_until_there_is_no_more(save: Callable[..., Ran], stub: Stub, clock: Clock) -> None:
    stub.on(FILE, broken_off(CONTENT[:1]), lambda request: part_of(CONTENT, request, most=1000))
    assert save("--out", "video.mp4").exit_code == 0
    assert Path("video.mp4").read_bytes() == CONTENT
    assert clock.slept == [], "whoever gets on need not wait"


def test_a_later_command_continues_what_an_earlier_one_began(save: Callable[..., Ran], stub: Stub) -> None:
    stub.on(FILE, broken_off(CONTENT[:7000]), httpx.ConnectError("refused"))
    ran = save("--out", "video.mp4")
    assert (ran.exit_code, ran.out) == (8, "")
    assert "7,000 bytes are kept in video.mp4.part" in ran.err
    assert not Path("video.mp4").exists()

    stub.on(FILE, whole)
    assert save("--out", "video.mp4").exit_code == 0
    assert stub.requests[-1].headers["Range"] == "bytes=7000-"
    assert Path("video.mp4").read_bytes() == CONTENT
    assert files() == ["video.mp4"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(save: Callable[..., Ran], stub: Stub) -> None:
    changed = CONTENT[::-1]
    stub.on(FILE, broken_off(CONTENT[:7000]), lambda request: part_of(changed, request, tag='"another"'))
    assert save("--out", "video.mp4").exit_code == 0
    assert Path("video.mp4").read_bytes() == changed


@pytest.mark.parametrize("tag", ['W/"about the same"', ""])
def test_without_a_sure_tag_nothing_is_pieced_together(save: Callable[..., Ran], stub: Stub, tag: str) -> None:
    stub.on(FILE, broken_off(CONTENT[:7000], ETag=tag), whole)
    assert save("--out", "video.mp4").exit_code == 0
    assert "Range" not in stub.requests[-1].headers
    assert Path("video.mp4").read_bytes() == CONTENT


def test_a_part_that_is_all_of_it_is_put_in_place(save: Callable[..., Ran], stub: Stub) -> None:
    stub.on(FILE, broken_off(CONTENT), whole)
    assert save("--out", "video.mp4").exit_code == 0
    assert Path("video.mp4").read_bytes() == CONTENT


def test_a_part_that_is_longer_than_the_file_is_thrown_away(save: Callable[..., Ran], stub: Stub) -> None:
    stub.on(FILE, broken_off(CONTENT + b"more"), whole)
    assert save("--out", "video.mp4").exit_code == 0
    assert Path("video.mp4").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(410, text="This link has expired."),
        httpx.Response(404),
        httpx.Response(200, text="<html>Sign in</html>", headers={"Content-Type": "text/html; charset=utf-8"}),
        httpx.Response(206, content=b"x", headers={"Content-Range": "bytes 5-5/10"}),
        httpx.Response(206, content=b"x", headers={"Content-Range": "nonsense"}),
        httpx.Response(503),
        httpx.Response(200, content=b"", headers={"Content-Length": "10"}),
    ],
    ids=repr,
)
def test_what_is_no_video_is_no_file(save: Callable[..., Ran], stub: Stub, answer: httpx.Response) -> None:
    stub.on(FILE, answer)
    ran = save("--out", "video.mp4", "--json")
    assert (ran.exit_code, ran.out) == (8, ""), ran
    assert "The file could not be fetched" in ran.err
    assert not Path("video.mp4").exists()


def test_interrupting_the_download_says_how_to_get_the_file(save: Callable[..., Ran], stub: Stub) -> None:
    def interrupt(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    stub.on(FILE, interrupt)
    ran = save("--out", "video.mp4")
    assert ran.exit_code == 130
    assert f"ads video query --task-id {TASK} --out video.mp4" in ran.err


def test_a_place_that_cannot_be_written_to_is_said_before_anything_is_paid_for(ads: Terminal, stub: Stub) -> None:
    Path("file").touch()
    ran = ads.run(*GENERATE, "--out", "file/video.mp4")
    assert (ran.exit_code, stub.requests) == (2, [])
