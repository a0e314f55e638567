"""A mutual exclusion lock that serves its waiters in the order of their arrival."""

from __future__ import annotations

import os
import threading
from collections import deque


class FairLock:
    """First come, first served. `threading.Lock` promises no order, and that is what hurts under load."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiters: deque[threading.Lock] = deque()
        self._is_held = False
        self._owner_thread: int | None = None

    def is_mine(self) -> bool:
        """Whether the calling thread holds the lock (a second connection of the same thread must not queue)."""
        return self._owner_thread == threading.get_ident()

    def acquire(self, timeout_seconds: float) -> bool:
        with self._mutex:
            if not self._is_held:
                self._is_held = True
                self._owner_thread = threading.get_ident()
                return True
            gate = threading.Lock()
            gate.acquire()
            self._waiters.append(gate)
        if not gate.acquire(timeout=timeout_seconds):
            with self._mutex:
                if gate in self._waiters:
                    self._waiters.remove(gate)
                    return False
            # The holder handed over between our timeout and the removal: it is ours.
        self._owner_thread = threading.get_ident()
        return True

    def release(self) -> None:
        with self._mutex:
            self._owner_thread = None
            if self._waiters:
                # Handed over while still held, so that nobody who has just arrived can overtake.
                self._waiters.popleft().release()
            else:
                self._is_held = False


class Turn:
    """One connection's place: holds the lock of its database, or not. Releasing twice is harmless."""

    def __init__(self) -> None:
        self._lock: FairLock | None = None

    @property
    def is_held(self) -> bool:
        return self._lock is not None

    def take(self, database: str, timeout_seconds: float) -> bool:
        """False after the timeout. True without queueing where this thread already holds the database's lock:
        waiting for oneself would only turn SQLite's own clear error into a dead wait."""
        if self._lock is not None:
            return True
        lock = lock_of(database)
        if lock.is_mine():
            return True
        if not lock.acquire(timeout_seconds):
            return False
        self._lock = lock
        return True

    def give_back(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


_registry_mutex = threading.Lock()
_locks: dict[str, FairLock] = {}


def lock_of(database: str) -> FairLock:
    """The lock of this process for a database file."""
    lock = _locks.get(database)
    if lock is None:
        with _registry_mutex:
            lock = _locks.setdefault(database, FairLock())
    return lock


def _forget_locks() -> None:
    """A forked child inherits locks whose holders do not exist there: start anew."""
    global _registry_mutex, _locks
    _registry_mutex = threading.Lock()
    _locks = {}


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_locks)
