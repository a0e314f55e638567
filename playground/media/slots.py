"""Counted places for what lasts as long as a client likes: whole-file downloads, uploads, calls that wait."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass


class Slots:
    """How many of a kind this process serves at once, in all and for one client."""

    def __init__(self, total: int, per_client: int) -> None:
        self.total = total
        self.per_client = per_client
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        return self._taken.total()

    def take(self, client_key: str) -> Slot | None:
        with self._lock:
            if self._taken.total() >= self.total or (client_key and self._taken[client_key] >= self.per_client):
                return None
            self._taken[client_key] += 1
            return Slot(self, client_key)

    def give_back(self, client_key: str) -> None:
        with self._lock:
            self._taken[client_key] -= 1
            if self._taken[client_key] <= 0:
                del self._taken[client_key]


@dataclass(slots=True)
class Slot:
    """One client's place; releasing twice counts once."""

    slots: Slots
    client_key: str
    is_released: bool = False

    def release(self) -> None:
        if not self.is_released:
            self.is_released = True
            self.slots.give_back(self.client_key)


class Held(Iterator[bytes]):
    """The pieces of a download that gives its slot back at its end, when closed, or when nobody came to read it."""

    def __init__(self, pieces: Iterator[bytes], slot: Slot) -> None:
        self._pieces = pieces
        self._slot = slot

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self._slot.release()
            raise

    def close(self) -> None:
        self._slot.release()

    def __del__(self) -> None:
        self.close()
