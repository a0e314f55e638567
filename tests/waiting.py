"""Wait for conditions instead of sleeping: quick on a fast machine, patient on a loaded one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_SECONDS = 300.0
PAUSE_SECONDS = 0.05


def wait_until(predicate: Callable[[], T], timeout_seconds: float = PATIENCE_SECONDS, *, what: Callable[[], object] | str = "it") -> T:
    """The first true value of `predicate`. `what` is said (or asked) when it never comes."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        if value := predicate():
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what() if callable(what) else what} did not come true within {timeout_seconds:g} s")
        time.sleep(PAUSE_SECONDS)
