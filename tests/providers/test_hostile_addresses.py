"""Addresses that lead into our own network, through every door by which an address comes in: pictures that people name,
results that a provider names, and the fresh link that it gives for a result. A server on loopback counts who reached it.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from pytest_django.fixtures import Settings

from playground.core.outbound import OutboundPolicy
from playground.media import web_files
from playground.media.web_files import Unreachable
from playground.providers.base import ResultUnavailable, Running
from playground.providers.kie.adapter import Kie
from tests.factories import make_owner
from tests.media.clips import make_clip

pytestmark = pytest.mark.django_db
MOST_BYTES = 300_000
RUNNING = Running(job_id="1", upstream_id="task_1", model_id="kling-2.6/text-to-video", payload={})


class Inside(ThreadingHTTPServer):
    """Serves a good clip to whoever gets in; `/to/<url>` leads on, `/endless` never stops."""

    daemon_threads = True

    def __init__(self, clip: bytes) -> None:
        super().__init__(("127.0.0.1", 0), InsideHandler)
        self.clip = clip
        self.visits: list[str] = []
        self.sent_bytes = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class InsideHandler(BaseHTTPRequestHandler):
    server: Inside

    def do_GET(self) -> None:
        self.server.visits.append(self.path)
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.end_headers()
        if self.path != "/endless":
            self.wfile.write(self.server.clip)
            return
        try:
            while self.server.sent_bytes < 200 * MOST_BYTES:
                self.server.sent_bytes += self.wfile.write(bytes(50_000))
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def serving(clip: bytes) -> Iterator[Inside]:
    with Inside(clip) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", width=320, height=180, seconds=1).read_bytes()


@pytest.fixture
def inside(clip: bytes) -> Iterator[Inside]:
    yield from serving(clip)


@pytest.fixture
def outside(clip: bytes, settings: Settings) -> Iterator[Inside]:
    """Stands for a server on the internet: the one address that is allowed."""
    for server in serving(clip):
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.port}"]
        yield server


Door = Callable[[str, Path], str]


def kie(settings: Any, answer: Callable[[httpx.Request], httpx.Response]) -> Kie:
    policy = OutboundPolicy.of(settings.OUTBOUND_ALLOW)
    transport = httpx.MockTransport(answer)
    return Kie(
        api_key="sk-secret-key",
        base_url="https://kie.test",
        upload_base_url="https://kie.test",
        policy=policy,
        max_result_bytes=MOST_BYTES,
        sync_transport=transport,
    )


def collected(provider: Kie, link: str, folder: Path) -> str:
    try:
        provider.collect(RUNNING, link, folder / "result.bin")
    except ResultUnavailable as error:
        return error.words
    return ""


@pytest.fixture(params=["picture", "result", "fresh link"])
def door(request: pytest.FixtureRequest, settings: Settings) -> Door:
    """Gives an address in, and says why it was not fetched, or ""."""
    settings.UPLOAD_MAX_BYTES = MOST_BYTES
    team_id = make_owner().team_id if request.param == "picture" else 0

    def picture(url: str, folder: Path) -> str:
        found = web_files.look_at_web_file(team_id, url)
        return found.reason if isinstance(found, Unreachable) else ""

    def result(url: str, folder: Path) -> str:
        return collected(kie(settings, lambda _: httpx.Response(200, json={"code": 422, "msg": "not ours"})), url, folder)

    def fresh_link(url: str, folder: Path) -> str:
        provider = kie(settings, lambda _: httpx.Response(200, json={"code": 200, "msg": "success", "data": url}))
        return collected(provider, "http://127.0.0.1:9/gone.mp4", folder)

    doors: dict[str, Door] = {"picture": picture, "result": result, "fresh link": fresh_link}
    return doors[request.param]


SPELLINGS = {
    "loopback": "127.0.0.1",
    "its name": "localhost",
    "a name below it": "films.localhost",
    "decimal": "2130706433",
    "hexadecimal": "0x7f000001",
    "octal": "0177.0.0.1",
    "short": "127.1",
    "this host": "0.0.0.0",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped, hexadecimal": "[::ffff:7f00:1]",
    "6to4": "[2002:7f00:1::]",
    "NAT64": "[64:ff9b::7f00:1]",
    "IPv6 loopback": "[::1]",
    "private": "10.0.0.5",
    "private too": "192.168.1.1",
    "link-local": "169.254.169.254",
    "unique local": "[fd00::1]",
}


@pytest.mark.parametrize("host", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_an_address_inside_is_refused_in_every_spelling(door: Door, inside: Inside, tmp_path: Path, host: str) -> None:
    assert door(f"http://{host}:{inside.port}/clip.mp4", tmp_path)
    assert inside.visits == []


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "169.254.169.254"])
def test_a_redirect_does_not_lead_inside(door: Door, inside: Inside, outside: Inside, tmp_path: Path, host: str) -> None:
    assert door(f"http://127.0.0.1:{outside.port}/to/http://{host}:{inside.port}/clip.mp4", tmp_path)
    assert outside.visits and inside.visits == []


def test_what_is_allowed_is_fetched(door: Door, outside: Inside, tmp_path: Path) -> None:
    assert door(f"http://127.0.0.1:{outside.port}/clip.mp4", tmp_path) == ""


def test_a_name_that_changes_its_address_gains_nothing(door: Door, inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public address for whoever asks first, ours for whoever asks again: only what was judged is connected to."""
    answers = iter(["93.184.215.14"])
    connected: list[str] = []

    def getaddrinfo(host: str, port: int, *_args: object, **_kwargs: object) -> list[Any]:
        address = next(answers, "127.0.0.1") if host == "changing.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect_tcp(_self: object, host: str, *_args: object, **_kwargs: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError("no internet in this test")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect_tcp)
    for _ in range(2):
        assert door(f"http://changing.example:{inside.port}/clip.mp4", tmp_path)

    assert set(connected) <= {"93.184.215.14"}
    assert inside.visits == []


def test_a_download_stops_at_the_size_cap(door: Door, outside: Inside, tmp_path: Path) -> None:
    assert door(f"http://127.0.0.1:{outside.port}/endless", tmp_path)
    # What the sockets hold may have left as well; nobody reads on for hundreds of times the cap.
    assert outside.sent_bytes < 100 * MOST_BYTES
    assert all(path.stat().st_size <= MOST_BYTES for path in tmp_path.glob("*.bin"))
