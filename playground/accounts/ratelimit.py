"""Rates per minute that hold for all processes together and cost nothing on most calls.

A minute's allowance is cut into numbered chunks. A process claims one with `cache.add`, the one operation that is atomic
in every cache backend (`incr` of the database cache reads and writes in two steps), and then counts it down by itself.
So more than the allowance is never given; with several processes a few requests of it may stay unused.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass

from django.core.cache import cache

WINDOW_SECONDS = 60
# A limit of 600 asks the shared cache once in 12 requests; limits under 100 are counted one by one.
_CHUNKS_PER_WINDOW = 50
_MOST_COUNTERS = 20_000


@dataclass(slots=True)
class _Counter:
    """What this process still has of a claimed chunk, and which chunk it would try next."""

    left: int = 0
    next_chunk: int = 0


_mutex = threading.Lock()
_window = 0
_counters: dict[tuple[str, str], _Counter] = {}


def allow(scope: str, key: str, per_minute: int) -> float | None:
    """Count one request of `key`. None when it may go on, else the seconds until it is worth another try.

    Do not call it inside a transaction: a claim is a write of its own where the cache is the database.
    """
    now = time.time()
    window = int(now // WINDOW_SECONDS)
    chunk_size = max(1, per_minute // _CHUNKS_PER_WINDOW)
    while True:
        with _mutex:
            counter = _counter(window, scope, key)
            if counter.left > 0:
                counter.left -= 1
                return None
            chunk = counter.next_chunk
            size = min(chunk_size, per_minute - chunk * chunk_size)
            if size <= 0:
                return (window + 1) * WINDOW_SECONDS - now
            counter.next_chunk += 1
        # Outside the mutex, because it may wait for the database. Whoever gets no chunk here tries the next.
        if cache.add(_name(window, scope, key, chunk), 1, timeout=2 * WINDOW_SECONDS):
            with _mutex:
                counter.left += size - 1
            return None


def allow_here(scope: str, key: str, per_minute: int) -> float | None:
    """Like `allow`, but counted in this process alone and therefore without a write: for requests that promise to make none."""
    now = time.time()
    window = int(now // WINDOW_SECONDS)
    with _mutex:
        counter = _counter(window, f"here:{scope}", key)
        if counter.next_chunk >= per_minute:
            return (window + 1) * WINDOW_SECONDS - now
        counter.next_chunk += 1
        return None


def forget() -> None:
    """Drop what this process has claimed; the chunks stay taken in the shared cache."""
    with _mutex:
        _counters.clear()


def _counter(window: int, scope: str, key: str) -> _Counter:
    global _window
    if window != _window or len(_counters) > _MOST_COUNTERS:
        _counters.clear()
        _window = window
    return _counters.setdefault((scope, key), _Counter())


def _name(window: int, scope: str, key: str, chunk: int) -> str:
    # Keys may be addresses or e-mails: neither their characters nor themselves belong into a cache.
    digest = hashlib.sha256(f"{scope}\n{key}".encode("utf-8", "replace")).hexdigest()[:32]
    return f"rate:{digest}:{window}:{chunk}"
