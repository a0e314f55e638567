"""How often a provider account is read: never more often than it allows, whatever the network does to our requests.

A read takes a place from the moment it leaves until one second after its answer came. It arrived at some moment in
between, so no window of a second there ever holds more reads than there are places: exact, without a clock in common.
One pump at a time reads an account whose reads are limited; it holds a seat in the database, and a new reader waits
until what the last one sent is a second old. Dividing the rate among the pumps (the rejected alternative) would waste
most of it while one pump does all the work.
"""

from __future__ import annotations

import time
from collections import deque
from uuid import UUID

from playground.jobs import health

WINDOW_SECONDS = 1.0
# Short, because a reader that is killed stops all looks at its account until its seat is free.
SEAT_SECONDS = 6.0
KEEP_SECONDS = 1.5
# Of the seat's time a reader uses no more than this: a process that was frozen must notice before another one reads.
TRUSTED_SECONDS = 4.5


class ReadGate:
    """The places of one account, for one process."""

    def __init__(self, reads_per_second: int) -> None:
        self._limit = reads_per_second
        self._under_way = 0
        self._ended: deque[float] = deque()

    def places(self) -> int:
        """How many reads may leave now."""
        horizon = time.monotonic() - WINDOW_SECONDS
        while self._ended and self._ended[0] <= horizon:
            self._ended.popleft()
        return self._limit - self._under_way - len(self._ended)

    def begin(self) -> None:
        self._under_way += 1

    def end(self) -> None:
        self._under_way -= 1
        self._ended.append(time.monotonic())


class ReaderSeat:
    """The right to read one account. All methods but `is_mine` ask the database."""

    def __init__(self, provider: str) -> None:
        self._name = f"reader:{provider}"
        self._token: UUID | None = None
        self._kept_at = float("-inf")

    def is_mine(self) -> bool:
        return self._token is not None and time.monotonic() - self._kept_at < TRUSTED_SECONDS

    def hold(self) -> bool:
        """Take the seat or keep it; False while somebody else reads."""
        now = time.monotonic()
        if self.is_mine() and now - self._kept_at < KEEP_SECONDS:
            return True
        if self._token is not None and health.keep_seat(self._name, self._token, SEAT_SECONDS):
            self._kept_at = now
            return True
        self._token = health.take_seat(self._name, SEAT_SECONDS)
        self._kept_at = now
        return self._token is not None

    def leave(self) -> None:
        """Let others read, as soon as what was read last is out of every window."""
        if self._token is not None:
            health.leave_seat(self._name, self._token, after_seconds=WINDOW_SECONDS)
            self._token = None
