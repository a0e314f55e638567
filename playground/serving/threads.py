"""The threads that run the application: one request after the other while that goes quickly, beside what takes long.

Python runs one thread at a time, so several at once only take turns, and every turn costs. Each of them also has a database
connection of its own, and what SQLite keeps of the pages for it is worth nothing as soon as another one has written. So a
request waits until the one before it is done. But nobody waits behind slow work: what has run for a moment does not count
any more, and another thread goes on beside it.
Rejected: a pool with as many threads as may run at once. Slow requests would stop the site.
"""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

PATIENCE_SECONDS = 0.01


class Threads:
    """`count` threads, of which `at_once` take quick work; they end with this object. One event loop at a time asks them."""

    def __init__(self, count: int, at_once: int, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._shared = _Shared(threading.Semaphore(min(at_once, count)))
        self._patience = patience_seconds
        # Where all may work at once there is nobody to be overtaken.
        self._is_watched = at_once < count
        self._watching: asyncio.AbstractEventLoop | None = None
        for number in range(count):
            threading.Thread(target=_serve, args=(self._shared, number), name=f"web_{number}", daemon=True).start()
        weakref.finalize(self, _dismiss, self._shared, count).atexit = False

    async def run(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """What `call` returns or raises. It is not called at all for who is cancelled before its turn."""
        loop = asyncio.get_running_loop()
        work = _Work(loop, loop.create_future(), call, arguments)
        self._shared.waiting.put(work)
        if self._is_watched and self._watching is not loop:
            self._watching = loop
            loop.call_later(self._patience, self._let_others_by, loop)
        return await work.done

    def _let_others_by(self, loop: asyncio.AbstractEventLoop) -> None:
        shared, latest = self._shared, time.monotonic() - self._patience
        with shared.mutex:
            for number in [number for number, work in shared.quick.items() if work.started_at <= latest]:
                del shared.quick[number]
                shared.places.release()
            is_idle = not shared.quick and shared.waiting.empty()
        if is_idle:
            self._watching = None
        else:
            loop.call_later(self._patience, self._let_others_by, loop)


@dataclass(slots=True)
class _Work:
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    call: Callable[..., Any]
    arguments: tuple[Any, ...]
    started_at: float = 0.0


@dataclass(slots=True)
class _Shared:
    """What the threads know; not the object that whoever asks them holds, so that this one can go."""

    places: threading.Semaphore
    """As many as may take work; whoever has one keeps it from work to work, and with it the warm connection."""
    waiting: SimpleQueue[_Work | None] = field(default_factory=SimpleQueue)
    quick: dict[int, _Work] = field(default_factory=dict)
    """What the threads with a place are at."""
    mutex: threading.Lock = field(default_factory=threading.Lock)


def _serve(shared: _Shared, number: int) -> None:
    while True:
        shared.places.acquire()
        has_place = True
        while has_place:
            work = shared.waiting.get()
            if work is None:
                shared.places.release()
                return
            has_place = _do(shared, number, work)
            # An answer may be large, and the next request may be long in coming.
            del work


def _do(shared: _Shared, number: int, work: _Work) -> bool:
    """Whether this thread still has its place afterwards."""
    if work.done.cancelled():
        return True
    work.started_at = time.monotonic()
    with shared.mutex:
        shared.quick[number] = work
    result, error = None, None
    try:
        result = work.call(*work.arguments)
    except BaseException as found:
        error = found
    # The loop may have ended meanwhile.
    with suppress(RuntimeError):
        work.loop.call_soon_threadsafe(_tell, work.done, result, error)
    with shared.mutex:
        return shared.quick.pop(number, None) is not None


def _tell(done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(result)
    else:
        # The one exception that a future does not take, and whoever waits would wait for ever.
        done.set_exception(RuntimeError("StopIteration") if isinstance(error, StopIteration) else error)


def _dismiss(shared: _Shared, count: int) -> None:
    for _ in range(count):
        shared.waiting.put(None)
