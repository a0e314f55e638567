"""The front before Django, spoken to in plain ASGI: deadlines, limits, and what the application gets to see."""

from __future__ import annotations

import asyncio
import errno
import io
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from playground.serving.front import Front
from playground.serving.limits import Limits

WORD = b"x" * 1000
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class Client:
    """Sends the given chunks, then waits (`stalls`), hangs up (`leaves`) or is done; takes `takes` pieces of the answer."""

    chunks: list[bytes] = field(default_factory=list)
    stalls: bool = False
    leaves: bool = False
    takes: int = 1_000_000
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_whole: bool = False

    async def receive(self) -> dict[str, Any]:
        if self.chunks:
            last = len(self.chunks) == 1 and not self.stalls and not self.leaves
            return {"type": "http.request", "body": self.chunks.pop(0), "more_body": not last}
        if self.leaves:
            return {"type": "http.disconnect"}
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        if self.takes == 0:
            await asyncio.get_running_loop().create_future()
        self.takes -= 1
        self.body += message["body"]
        self.is_whole = not message.get("more_body", False)


@dataclass
class Recorder:
    """A WSGI application that remembers what it saw and answers the length of the body."""

    environs: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        self.environs.append(environ)
        length = int(environ.get("CONTENT_LENGTH", 0))
        body = environ["wsgi.input"].read(length) if length < 1_000_000 else b""
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(len(body)).encode()]


def scope(method: str = "POST", path: str = "/", **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": pairs,
        "client": ("192.0.2.1", 4711),
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
        "http_version": "1.1",
    }


def ask(application: Application, client: Client, asked: dict[str, Any], **limits: Any) -> Client:
    front = Front(application, Limits(threads=2, **limits))
    asyncio.run(front(asked, client.receive, client.send))
    return client


def test_a_body_reaches_the_application_whole() -> None:
    seen = Recorder()
    client = ask(seen, Client([WORD, WORD]), scope(content_length="2000", content_type="text/x"))
    assert (client.status, client.body, client.is_whole) == (200, b"2000", True)
    assert seen.environs[0]["CONTENT_TYPE"] == "text/x"


def test_a_large_body_takes_no_more_memory_than_allowed_and_its_file_is_closed_after() -> None:
    seen = Recorder()
    client = ask(seen, Client([WORD] * 100), scope(content_length="100000"), memory_bytes=5000)
    assert client.body == b"100000"
    assert not isinstance(seen.environs[0]["wsgi.input"], io.BytesIO)
    assert seen.environs[0]["wsgi.input"].closed


def test_a_chunked_body_gets_the_length_that_django_needs() -> None:
    seen = Recorder()
    assert ask(seen, Client([WORD] * 3), scope(transfer_encoding="chunked")).body == b"3000"
    assert seen.environs[0]["CONTENT_LENGTH"] == "3000"


def test_a_body_that_stalls_is_answered_408_and_the_application_never_asked() -> None:
    seen = Recorder()
    client = ask(seen, Client([WORD], stalls=True), scope(content_length="2000"), body_idle_seconds=0.01)
    assert (client.status, client.headers["connection"]) == (408, "close")
    assert seen.environs == []


def test_a_body_that_trickles_has_a_last_moment_as_well() -> None:
    class Trickling(Client):
        async def receive(self) -> dict[str, Any]:
            await asyncio.sleep(0.001)
            return {"type": "http.request", "body": b"x", "more_body": True}

    limits = {"body_grace_seconds": 0.02, "body_bytes_per_second": 10_000_000}
    assert ask(Recorder(), Trickling(), scope(content_length="900000"), **limits).status == 408


@pytest.mark.parametrize("chunks", [[], [WORD]])
def test_half_a_body_is_no_request(chunks: list[bytes]) -> None:
    seen = Recorder()
    assert ask(seen, Client(chunks, leaves=True), scope(content_length="2000")).status == 0
    assert seen.environs == []


def test_a_body_over_the_limit_is_left_to_the_application_to_refuse() -> None:
    seen: list[object] = []

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        with pytest.raises(OSError, match="longer than allowed"):
            environ["wsgi.input"].read(10)
        seen.append(environ["CONTENT_LENGTH"])
        start_response("413 Content Too Large", [])
        return [b"too long"]

    sent = Client([WORD] * 5)
    refused = ask(application, sent, scope(content_length="5000"), body_bytes=4999)
    assert (refused.status, refused.body, refused.headers["connection"]) == (413, b"too long", "close")
    assert sent.chunks == [], "what the client still had to say was heard, so that it listens to the answer"
    chunked = ask(application, Client([WORD] * 5), scope(transfer_encoding="chunked"), body_bytes=4999)
    assert chunked.status == 413
    assert seen[0] == "5000" and int(str(seen[1])) > 4999


def test_upload_paths_may_send_more() -> None:
    limits = {"body_bytes": 1000, "upload_paths": ("/api/file-",), "upload_bytes": 5000}
    asked = scope(path="/api/file-stream-upload", content_length="5000")
    assert ask(Recorder(), Client([WORD] * 5), asked, **limits).body == b"5000"


def test_temporary_files_have_a_common_limit() -> None:
    client = ask(Recorder(), Client([WORD] * 9), scope(content_length="9000"), memory_bytes=0, spool_bytes=8000)
    assert (client.status, client.headers["retry-after"]) == (503, "10")


def test_a_full_disk_is_answered_507_and_the_application_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> io.BytesIO:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    application = Recorder()
    client = ask(application, Client([WORD] * 5), scope(content_length="5000"), memory_bytes=1000)
    assert client.status == 507 and b"disk is full" in client.body
    assert application.environs == []


def test_what_is_freed_can_be_used_again() -> None:
    front = Front(Recorder(), Limits(threads=1, memory_bytes=0, spool_bytes=3000))
    clients = [Client([WORD] * 3) for _ in range(3)]

    async def one_after_another() -> None:
        for client in clients:
            await front(scope(content_length="3000"), client.receive, client.send)

    asyncio.run(one_after_another())
    assert [client.status for client in clients] == [200] * 3


def test_requests_beyond_the_queue_are_told_to_come_back() -> None:
    go_on = threading.Event()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        go_on.wait(300)
        start_response("200 OK", [])
        return []

    front = Front(application, Limits(threads=1, queued_requests=1))
    clients = [Client() for _ in range(3)]

    async def at_once() -> None:
        asks = [asyncio.ensure_future(front(scope("GET"), client.receive, client.send)) for client in clients]
        await asks[2]
        go_on.set()
        await asyncio.gather(*asks)

    asyncio.run(at_once())
    assert [client.status for client in clients] == [200, 200, 503]


def test_headers_become_variables_and_none_can_pose_as_another() -> None:
    seen = Recorder()
    asked = scope("GET", "/a%2Fb%C3%A9")
    asked["headers"] = [
        (b"host", b"example.com"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"x-list", b"1"),
        (b"x-list", b"2"),
        (b"x_forwarded_proto", b"https"),
    ]
    ask(seen, Client(), asked)
    environ = seen.environs[0]
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_X_LIST"] == "1,2"
    assert "HTTP_X_FORWARDED_PROTO" not in environ
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/a/bé"
    assert environ["REMOTE_ADDR"] == "192.0.2.1"


class Tracked(io.BytesIO):
    """A file that counts how often it was read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return super().read(size)


def file_application(file: io.BytesIO) -> Application:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "video/mp4")])
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](file)
        return wrapped

    return application


def test_a_file_is_sent_whole_and_closed() -> None:
    file = Tracked(WORD * 1000)
    client = ask(file_application(file), Client(), scope("GET"))
    assert (client.body, client.is_whole, file.closed) == (WORD * 1000, True, True)


def test_a_file_is_not_read_ahead_of_its_client_and_the_client_is_cut_off_in_the_end() -> None:
    file = Tracked(WORD * 1000)
    client = ask(file_application(file), Client(takes=2), scope("GET"), answer_idle_seconds=0.01)
    assert not client.is_whole
    assert (file.reads, file.closed) == (3, True)


def test_a_file_is_not_read_for_a_client_that_has_left() -> None:
    file = Tracked(WORD * 1000)
    client = ask(file_application(file), Client(leaves=True), scope("GET"))
    assert not client.is_whole
    assert file.closed and file.reads <= 2


def test_a_long_generated_answer_is_complete_before_its_client_is_waited_for() -> None:
    closed: list[bool] = []

    class Parts:
        def __iter__(self) -> Any:
            return (WORD for _ in range(500))

        def close(self) -> None:
            closed.append(True)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Parts()

    client = ask(application, Client(takes=1), scope("GET"), answer_memory_bytes=10_000, answer_idle_seconds=0.01)
    assert closed == [True] and not client.is_whole
    assert ask(application, Client(), scope("GET"), answer_memory_bytes=10_000).body == WORD * 500


def test_head_sends_the_headers_only() -> None:
    file = Tracked(WORD)
    client = ask(file_application(file), Client(), scope("HEAD"))
    assert (client.status, client.body, file.reads, file.closed) == (200, b"", 0, True)


def test_an_application_that_breaks_is_a_plain_500(caplog: pytest.LogCaptureFixture) -> None:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise ValueError("sk-secret")

    client = ask(application, Client(), scope("GET"))
    assert client.status == 500
    assert b"sk-secret" not in client.body
