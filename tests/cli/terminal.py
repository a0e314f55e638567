"""A person at a terminal who types `ads`, and a server that answers what it was told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from playground.cli import main

HOST = "http://testserver"
KEY = "sk-test-0123456789abcdef0123456789abcdef"
TASK = "0123456789abcdef0123456789abcdef"
GENERATE, QUERY = ("video", "generate", "--prompt", "A calm sea"), ("video", "query", "--task-id", TASK)
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass(frozen=True)
class Ran:
    exit_code: int
    out: str
    err: str

    @property
    def object(self) -> Any:
        """Stdout as one JSON document, with nothing before or behind it."""
        return json.loads(self.out)


@dataclass
class Terminal:
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> Ran:
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = self.capture.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    def ok(self, *arguments: str) -> Ran:
        ran = self.run(*arguments)
        assert ran.exit_code == 0, ran
        return ran


@dataclass
class Clock:
    """Time that passes only while the program sleeps; `meanwhile` is what happens in the world then."""

    time: float = 1000.0
    slept: list[float] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        self.meanwhile()


@dataclass
class Stub:
    """Answers by path, the last answer again and again."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    def on(self, path: str, *answers: Answer) -> Stub:
        self.answers[path] = list(answers)
        return self

    def handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        prepared = self.answers.get(request.url.path)
        if not prepared:
            return envelope(None, code=404, msg="There is no such address in this API.")
        answer = prepared.pop(0) if len(prepared) > 1 else prepared[0]
        if isinstance(answer, Exception):
            raise answer
        return unread(answer if isinstance(answer, httpx.Response) else answer(request))

    def asked(self, path: str) -> list[httpx.Request]:
        return [request for request in self.requests if request.url.path == path]


def envelope(data: object, *, code: int = 200, msg: str = "success", status: int = 200, **headers: str) -> httpx.Response:
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    # ASCII: half a character can be told in JSON and not in UTF-8.
    content = json.dumps({"code": code, "msg": msg, "data": data})
    return httpx.Response(status, content=content, headers={"Content-Type": "application/json"} | spelled)


def unread(response: httpx.Response) -> httpx.Response:
    """An answer as it comes from the network: its body is still to be read."""
    if not response.is_stream_consumed:
        return response
    return httpx.Response(response.status_code, headers=response.headers.raw, stream=httpx.ByteStream(response.content))


def record(status: str, **more: Any) -> dict[str, Any]:
    """A task as `ai.video.query` tells it."""
    return {"taskId": TASK, "status": status, "model": "google/veo-3-1", "videoUrl": None} | more


class Breaking(httpx.SyncByteStream):
    """A body that ends before its time."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        raise httpx.ReadError("connection reset by peer")
