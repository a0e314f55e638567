"""The ASGI application in front of Django: waits for clients as a coroutine, works in a thread."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from playground.serving.answers import Answer, WsgiApplication, call_application
from playground.serving.bodies import Body, BodyReader, ClientGone, Receive, Refused, Spool
from playground.serving.environ import build_environ
from playground.serving.later import KEY, NOT_YET, Later
from playground.serving.limits import KIB, Limits
from playground.serving.threads import Threads

logger = logging.getLogger(__name__)
Send = Callable[[dict[str, Any]], Awaitable[None]]
# granian holds at most a handful of these for one slow client.
_SLICE_BYTES = 128 * KIB
_READING_THREADS = 4


class Front:
    """A slow client costs this process a coroutine; only complete requests and short disk reads cost a thread."""

    def __init__(self, application: WsgiApplication, limits: Limits) -> None:
        self._application = application
        self._limits = limits
        self._spool = Spool(limits.spool_bytes)
        self._threads = Threads(limits.threads, limits.at_once)
        self._reading = ThreadPoolExecutor(_READING_THREADS, thread_name_prefix="file")
        self._unfinished = 0

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        announced = int(length) if length.isdigit() else None if b"transfer-encoding" in headers else 0
        reader = BodyReader(receive, scope["path"], announced, self._limits, self._spool)
        later = Later()
        try:
            body = await reader.read(expects_continue=b"expect" in headers)
            answer = await self._work(scope, body, later)
            if later.listen is not None and answer.status == NOT_YET:
                reader.release()
                answer = await self._when_it_is_time(scope, later, receive)
        except Refused as refusal:
            answer = _refusal(refusal)
        except ClientGone:
            return
        finally:
            later.end()
            reader.release()
        try:
            await self._answer(answer, receive, send, is_head=scope["method"] == "HEAD")
        except TimeoutError:
            logger.info("A client took nothing of an answer for %s s and was cut off.", self._limits.answer_idle_seconds)
        finally:
            if answer.close is not None:
                await self._read(answer.close)

    async def _when_it_is_time(self, scope: dict[str, Any], later: Later, receive: Receive) -> Answer:
        """Raises ClientGone as soon as nobody waits for the answer any more."""
        await _listen(later, receive)
        later.is_resumed = True
        return await self._work(scope, Body(io.BytesIO(), 0), later)

    async def _work(self, scope: dict[str, Any], body: Body, later: Later) -> Answer:
        # Who has waited for minutes is not sent away at the end.
        if not later.is_resumed and self._unfinished >= self._limits.threads + self._limits.queued_requests:
            raise Refused(503, "The server is busy. Try again in a moment.", retry_after_seconds=2)
        environ = build_environ(scope, body.stream, body.content_length) | {KEY: later}
        self._unfinished += 1
        try:
            answer: Answer = await self._threads.run(call_application, self._application, environ, self._limits.answer_memory_bytes)
        except Exception:
            # Django answers its own errors; this is a defect of ours or a broken database at the request's very end.
            logger.exception("The application failed outside of its own error handling.")
            answer = Answer(500, [(b"content-type", b"text/plain; charset=utf-8")], b"Internal server error.\n")
        finally:
            self._unfinished -= 1
        if not body.is_complete:
            answer.headers.append((b"connection", b"close"))
        return answer

    async def _answer(self, answer: Answer, receive: Receive, send: Send, *, is_head: bool) -> None:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if is_head:
            await send({"type": "http.response.body", "body": b""})
            return
        if answer.file is None and len(answer.body) <= _SLICE_BYTES:
            await send({"type": "http.response.body", "body": answer.body})
            return
        gone = asyncio.ensure_future(_disconnect(receive))
        try:
            await self._send_slices(answer, send, gone)
        finally:
            gone.cancel()

    async def _send_slices(self, answer: Answer, send: Send, gone: asyncio.Future[None]) -> None:
        """granian takes a slice only when the client has room for it, so waiting here is waiting for the client."""
        rest = memoryview(answer.body)
        while not gone.done():
            if rest:
                part, rest = bytes(rest[:_SLICE_BYTES]), rest[_SLICE_BYTES:]
            else:
                part = await self._read(answer.file.read, _SLICE_BYTES) if answer.file else b""
            async with asyncio.timeout(self._limits.answer_idle_seconds):
                await send({"type": "http.response.body", "body": part, "more_body": bool(part)})
            if not part:
                return

    async def _read(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._reading, work, *arguments)


async def _listen(later: Later, receive: Receive) -> None:
    assert later.listen is not None
    loop, is_time = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        # From a thread that may outlive this loop.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(is_time.set)

    gone, called = asyncio.ensure_future(_disconnect(receive)), asyncio.ensure_future(is_time.wait())
    stop = later.listen(wake)
    try:
        await asyncio.wait({gone, called}, timeout=later.seconds, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            raise ClientGone
    finally:
        stop()
        gone.cancel()
        called.cancel()


async def _disconnect(receive: Receive) -> None:
    # What is left of the request comes first, be it only its empty end.
    while (await receive())["type"] != "http.disconnect":
        pass


def _refusal(refusal: Refused) -> Answer:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    if refusal.retry_after_seconds is not None:
        headers.append((b"retry-after", str(refusal.retry_after_seconds).encode()))
    return Answer(refusal.status, headers, f"{refusal.words}\n".encode())
