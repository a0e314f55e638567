"""Collect a request's body without a thread: in memory when small, in a temporary file when not, never for ever."""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import IO, Any

from playground.serving.limits import MIB, Limits

logger = logging.getLogger(__name__)
Receive = Callable[[], Awaitable[dict[str, Any]]]
_DRAINED_BYTES = 8 * MIB
_DRAIN_SECONDS = 5


class ClientGone(Exception):
    """The connection ended before the body did; there is nobody to answer."""


@dataclass(frozen=True)
class Refused(Exception):
    """The body will not be taken; the connection ends with this answer."""

    status: int
    words: str
    retry_after_seconds: int | None = None


class UnreadBody(io.RawIOBase):
    """Stands in for a body over the limit, so that the application words the refusal itself (413, an envelope, a page).

    It is an OSError to read it, which Django turns into UnreadablePostError.
    """

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise OSError("the body is longer than allowed")


@dataclass(frozen=True, slots=True)
class Body:
    stream: IO[bytes] | io.RawIOBase
    content_length: int
    """What the application is told: the bytes received, or for an unread body the length that was too much."""
    is_complete: bool = True


class Spool:
    """The temporary files of this process, counted."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._used_bytes = 0

    def reserve(self, size: int) -> bool:
        if self._used_bytes + size > self._limit_bytes:
            return False
        self._used_bytes += size
        return True

    def free(self, size: int) -> None:
        self._used_bytes -= size


class BodyReader:
    """Reads one body. `release` must be called when the application is done with it."""

    def __init__(self, receive: Receive, path: str, announced: int | None, limits: Limits, spool: Spool) -> None:
        self._receive = receive
        self._announced = announced
        self._limits = limits
        self._longest = limits.longest_body(path)
        self._spool = spool
        self._reserved = 0
        self._file: IO[bytes] | None = None
        self._has_ended = False

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._spool.free(self._reserved)
            self._file, self._reserved = None, 0

    async def read(self, *, expects_continue: bool) -> Body:
        """Raises `Refused` and `ClientGone`."""
        if self._announced == 0:
            return Body(io.BytesIO(), 0)
        if self._announced is not None and self._announced > self._longest:
            # A client that waits for "100 Continue" has sent nothing and needs no draining.
            return await self._give_up(0 if expects_continue else _DRAINED_BYTES)
        length = self._longest if self._announced is None else self._announced
        loop, idle = asyncio.get_running_loop(), self._limits.body_idle_seconds
        last = loop.time() + self._limits.body_grace_seconds + length / self._limits.body_bytes_per_second
        try:
            # One alarm for both, because most bodies come in one piece and setting an alarm costs more than taking that.
            async with asyncio.timeout_at(min(last, loop.time() + idle)) as alarm:
                return await self._collect(lambda: alarm.reschedule(min(last, loop.time() + idle)))
        except TimeoutError:
            raise Refused(408, "The request's body did not arrive in time.") from None

    async def _collect(self, more_is_to_come: Callable[[], None]) -> Body:
        memory = bytearray()
        received = 0
        async for chunk in self._chunks():
            if not self._has_ended:
                more_is_to_come()
            received += len(chunk)
            if received > self._longest:
                return await self._give_up(_DRAINED_BYTES, received)
            if self._file is None and received <= self._limits.memory_bytes:
                memory += chunk
                continue
            self._write(bytes(memory) + chunk if memory else chunk)
            memory.clear()
        if self._announced is not None and received < self._announced:
            raise ClientGone
        if self._file is None:
            return Body(io.BytesIO(memory), received)
        self._file.seek(0)
        return Body(self._file, received)

    def _write(self, data: bytes) -> None:
        if not self._spool.reserve(len(data)):
            raise Refused(503, "Too many uploads at once. Try again in a moment.", retry_after_seconds=10)
        self._reserved += len(data)
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  (outlives this function)
            self._file.write(data)
        except OSError as error:
            logger.error("A body could not be kept: %s", error)
            raise Refused(507, "The server's disk is full. Nothing was stored.") from error

    async def _chunks(self) -> Any:
        while not self._has_ended:
            message = await self._receive()
            if message["type"] != "http.request":
                raise ClientGone
            self._has_ended = not message.get("more_body", False)
            if chunk := message.get("body", b""):
                yield chunk

    async def _give_up(self, drained_bytes: int, received: int = 0) -> Body:
        """Let the client finish a body that is only somewhat too long: an answer sent in the middle of it is lost,
        because many clients read nothing before they have written everything."""
        announced = self._announced or self._longest + 1
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                if drained_bytes:
                    async for chunk in self._chunks():
                        received += len(chunk)
                        if received > drained_bytes:
                            break
        except TimeoutError:
            pass
        return Body(UnreadBody(), max(announced, received), is_complete=False)
