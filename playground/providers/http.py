"""HTTP for adapters: one connection per slot.

One httpx client with a pool of N connections costs O(N) per request inside httpcore (its issue 1035): measured at
100 connections 43 requests/s, with one client per slot 785. The slots are made inside the running event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

import httpcore
import httpx

from playground.core.outbound import trust
from playground.wire.envelope import compact

# Of an answer; a provider that sends more than a record can hold is not read on.
MOST_BYTES = 4 * 1024**2
# Of a connection that nobody uses; providers close theirs after a minute or so.
KEEPALIVE_SECONDS = 15.0


def user_agent() -> str:
    """A name of our own: what calls itself a library is turned away by some providers' front doors."""
    try:
        return f"Rushes/{version('rushes')}"
    except PackageNotFoundError:  # run from a checkout
        return "Rushes/0"


class Reply(NamedTuple):
    """An answer as it came."""

    status: int
    text: str
    headers: Mapping[str, str]


class AnswerTooLong(httpx.TransportError):
    """More than MOST_BYTES; whatever it is, it is no envelope."""


class Transport(Protocol):
    """The seam behind which a faster client, or a MockTransport in a test, can take its place."""

    async def request(
        self, method: str, url: str, *, body: Mapping[str, Any] | None = None, params: Mapping[str, str] | None = None
    ) -> Reply:
        """Send `body` as compact JSON. Raises httpx's transport errors, and ValueError for what JSON cannot hold."""

    async def aclose(self) -> None: ...


class _OneConnection:
    """In the place of httpcore's pool, whose book-keeping is a quarter of a read: made anew when closed or left too long."""

    def __init__(self) -> None:
        self._connection: httpcore.AsyncHTTPConnection | None = None

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        connection = self._connection
        if connection is None or not _is_ready(connection, request.url.origin):
            await self.aclose()
            connection = httpcore.AsyncHTTPConnection(request.url.origin, ssl_context=trust(), keepalive_expiry=KEEPALIVE_SECONDS)
            self._connection = connection
        return await connection.handle_async_request(request)

    async def aclose(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.aclose()


def _is_ready(connection: httpcore.AsyncHTTPConnection, origin: httpcore.Origin) -> bool:
    return connection.is_available() and not connection.has_expired() and connection.can_handle_request(origin)


def _one_connection() -> httpx.AsyncHTTPTransport:
    transport = httpx.AsyncHTTPTransport(verify=trust(), trust_env=False)
    transport._pool = _OneConnection()  # type: ignore[assignment]
    return transport


class SlotTransport:
    """`slots` transports of one connection each, made when needed; a request takes a free one, so `slots` is the concurrency.

    As many as the pump makes calls at once: waiting here would use up the time in which the answer must come. Below
    httpx's client: what that adds (redirects, cookies, authentication) no provider needs, and it is a third of the cost.
    """

    def __init__(
        self,
        *,
        headers: Mapping[str, str],
        slots: int = 64,
        timeout_seconds: float = 20,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._headers = httpx.Headers({"User-Agent": user_agent(), "Accept-Encoding": "gzip, deflate", **headers})
        # Whoever calls limits the whole call. Only connecting has a shorter time of its own: while it lasts, nothing was
        # sent, and that is worth knowing.
        self._extensions = {"timeout": httpx.Timeout(None, connect=min(10, timeout_seconds / 2)).as_dict()}
        self._given = transport
        self._slots = slots
        self._made: list[httpx.AsyncBaseTransport] = []
        self._free: asyncio.LifoQueue[httpx.AsyncBaseTransport] | None = None

    async def _take(self) -> httpx.AsyncBaseTransport:
        if self._free is None:
            self._free = asyncio.LifoQueue()
        if self._free.empty() and len(self._made) < self._slots:
            made = self._given or _one_connection()
            self._made.append(made)
            return made
        return await self._free.get()

    async def request(
        self, method: str, url: str, *, body: Mapping[str, Any] | None = None, params: Mapping[str, str] | None = None
    ) -> Reply:
        content = None if body is None else compact(body).encode()
        address = f"{url}?{urlencode(params)}" if params else url
        request = httpx.Request(method, address, headers=self._headers, content=content, extensions=self._extensions)
        if body is not None:
            request.headers["Content-Type"] = "application/json"
        transport = await self._take()
        try:
            answer = await transport.handle_async_request(request)
            try:
                return Reply(answer.status_code, await _text(answer), answer.headers)
            finally:
                await answer.aclose()
        finally:
            assert self._free is not None
            self._free.put_nowait(transport)

    async def aclose(self) -> None:
        for transport in self._made:
            await transport.aclose()
        self._made.clear()
        self._free = None


async def _text(answer: httpx.Response) -> str:
    received = bytearray()
    async for chunk in answer.aiter_bytes():
        received += chunk
        if len(received) > MOST_BYTES:
            raise AnswerTooLong(f"more than {MOST_BYTES} bytes")
    # NUL has no place in JSON, nor in a database that keeps what was answered.
    return received.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
