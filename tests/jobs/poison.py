"""What a poisoned input makes of the child that draws or fetches it."""

from __future__ import annotations

import os
import signal


def burn_cpu(*_: object) -> None:
    while True:
        pass


def kill_itself(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
