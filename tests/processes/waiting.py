"""Wait for conditions instead of sleeping: quick on a fast machine, patient on a loaded one."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 300.0


def wait_until(condition: Callable[[], object], what: str = "the condition") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come true in {PATIENCE_SECONDS} s"
        time.sleep(0.01)
