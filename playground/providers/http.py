"""HTTP for adapters: one small client per slot.

One httpx client with a pool of N connections costs O(N) per request inside httpcore (its issue 1035): measured at
100 connections 43 requests/s, with one client per slot 785. The slots are made inside the running event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

import httpx


class Transport(Protocol):
    """The seam behind which a faster client, or a MockTransport in a test, can take its place."""

    async def request(
        self, method: str, url: str, *, json: Any = None, params: Mapping[str, str] | None = None
    ) -> tuple[int, str, Mapping[str, str]]:
        """Status, text and headers. Raises httpx's transport errors."""

    async def aclose(self) -> None: ...


class SlotTransport:
    """`slots` clients of one connection each, made when needed; a request takes a free one, so `slots` is the concurrency.

    As many as the pump makes calls at once: waiting here would use up the time in which the answer must come.
    """

    def __init__(
        self,
        *,
        headers: Mapping[str, str],
        slots: int = 64,
        timeout_seconds: float = 20,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._headers = dict(headers)
        # Whoever calls limits the whole call. Only connecting has a shorter time of its own: while it lasts, nothing was
        # sent, and that is worth knowing.
        self._timeout = httpx.Timeout(None, connect=min(10, timeout_seconds / 2))
        self._transport = transport
        self._slots = slots
        self._made: list[httpx.AsyncClient] = []
        self._free: asyncio.LifoQueue[httpx.AsyncClient] | None = None
        self._ssl = httpx.create_ssl_context()

    async def _take(self) -> httpx.AsyncClient:
        if self._free is None:
            self._free = asyncio.LifoQueue()
        if self._free.empty() and len(self._made) < self._slots:
            client = httpx.AsyncClient(
                headers=self._headers,
                timeout=self._timeout,
                trust_env=False,
                transport=self._transport,
                verify=self._ssl,
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            )
            self._made.append(client)
            return client
        return await self._free.get()

    async def request(
        self, method: str, url: str, *, json: Any = None, params: Mapping[str, str] | None = None
    ) -> tuple[int, str, Mapping[str, str]]:
        client = await self._take()
        try:
            reply = await client.request(method, url, json=json, params=params)
            return reply.status_code, reply.text, reply.headers
        finally:
            assert self._free is not None
            self._free.put_nowait(client)

    async def aclose(self) -> None:
        for client in self._made:
            await client.aclose()
        self._made.clear()
        self._free = None
