"""Requests to the server: tried again where that helps and costs nothing, and ended in one sentence where not."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from playground.cli import pauses, replies, terminal
from playground.cli.config import Access
from playground.cli.problems import ExitCode, Problem
from playground.cli.replies import Reply

TRIES = 5
# A wait longer than this is the person's to decide on.
LONGEST_PAUSE_SECONDS = 60.0
_LONGEST_BACKOFF_SECONDS = 15.0
_TIMEOUT = httpx.Timeout(30, connect=10)
# The server looks at the whole file before it answers.
_UPLOAD_TIMEOUT = httpx.Timeout(300, connect=10, write=60)
_UPLOAD_FOLDER = "ads"
# Nothing better comes of trying these again.
_HOPELESS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.TooManyRedirects)
# The network, unless a test has something else in its place.
transport: httpx.BaseTransport | None = None


def pause_seconds(attempt: int, asked: float | None = None) -> float:
    """Twice as long each time, a little at random; never shorter than the server asked."""
    backoff: float = min(_LONGEST_BACKOFF_SECONDS, 0.5 * 2**attempt) * random.uniform(0.8, 1.2)  # noqa: S311
    return max(backoff, asked or 0.0)


def http_client(headers: dict[str, str] | None = None) -> httpx.Client:
    return httpx.Client(headers={"User-Agent": "ads (rushes)"} | (headers or {}), timeout=_TIMEOUT, transport=transport)


class Server:
    """A server and a key. Each method returns `data` of the answer or raises Problem."""

    def __init__(self, access: Access) -> None:
        self.access = access
        headers = {"Authorization": f"Bearer {access.api_key}", "Accept": "application/json", "Prefer": "status-code"}
        self._http = http_client(headers)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def get(self, path: str, *, tries: int = TRIES, **query: str) -> Any:
        given = {name: value for name, value in query.items() if value}
        return self._answer(lambda: self._http.get(self._url(path), params=given), tries)

    def ask(self, action: str, inputs: dict[str, Any] | None = None, *, until: float | None = None) -> Any:
        """An action that changes nothing, or nothing more when it is repeated. No try begins after `until`."""

        def send() -> httpx.Response:
            left = 30.0 if until is None else min(30.0, max(1.0, until - pauses.now()))
            return self._http.post(self._action(action), json=inputs or {}, timeout=httpx.Timeout(left, connect=min(10.0, left)))

        return self._answer(send, TRIES, until)

    def make(self, action: str, inputs: dict[str, Any], idempotency_key: str) -> Any:
        """An action that costs credits: sent again with the same key it is the same task, and is paid once."""
        headers = {"Idempotency-Key": idempotency_key}
        return self._answer(lambda: self._http.post(self._action(action), json=inputs, headers=headers), TRIES)

    def upload(self, path: Path) -> str:
        """The address of a local file on the server. It is read while it is sent, so its size does not matter here."""

        def send() -> httpx.Response:
            with _upload_progress() as progress, progress.open(path, "rb", description=terminal.line(f"Uploading {path.name}")) as file:
                form = {"uploadPath": _UPLOAD_FOLDER}
                files = {"file": (path.name, file, "application/octet-stream")}
                return self._http.post(self._url("/api/file-stream-upload"), data=form, files=files, timeout=_UPLOAD_TIMEOUT)

        data = self._answer(send, TRIES)
        url = data.get("downloadUrl") if isinstance(data, dict) else None
        if not isinstance(url, str) or not url:
            raise Problem(ExitCode.NETWORK, f"The server took {path.name} and named no address for it.")
        return url

    def _url(self, path: str) -> str:
        return f"{self.access.host}{path}"

    def _action(self, name: str) -> str:
        return self._url(f"/api/actions/{quote(name, safe='')}")

    def _answer(self, send: Callable[[], httpx.Response], tries: int, until: float | None = None) -> Any:
        for attempt in range(tries):
            reply, problem = self._try(send)
            if reply is not None and reply.code == replies.OK:
                return reply.data
            pause = pause_seconds(attempt, reply.retry_after_seconds if reply else None)
            is_late = until is not None and pauses.now() + pause >= until
            is_worth_it = reply is None or reply.is_transient
            if not is_worth_it or attempt == tries - 1 or is_late or pause > LONGEST_PAUSE_SECONDS:
                break
            pauses.sleep(pause)
        raise problem

    def _try(self, send: Callable[[], httpx.Response]) -> tuple[Reply | None, Problem]:
        try:
            reply = replies.read(send())
        except _HOPELESS as error:
            raise self._unreachable(error) from None
        except httpx.RequestError as error:
            return None, self._unreachable(error)
        return reply, reply.problem()

    def _unreachable(self, error: httpx.RequestError) -> Problem:
        what = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
        return Problem(ExitCode.NETWORK, f"{self.access.host} {what}: {str(error) or type(error).__name__}")


def _upload_progress() -> Progress:
    columns = TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn()
    return Progress(*columns, console=terminal.err, transient=True, disable=not terminal.err.is_terminal)
