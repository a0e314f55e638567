"""Why the program ends: a sentence for people and an exit code for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    OTHER = 1
    USAGE = 2
    VALIDATION = 3
    AUTH = 4
    CREDITS = 5
    FAILED = 6
    TIMEOUT = 7
    NETWORK = 8
    INTERRUPTED = 130


class Problem(Exception):
    """Ends the program. What the server said is in here as it came, and is made harmless where it is printed."""

    def __init__(self, exit_code: ExitCode, message: str, *, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message
        self.details = tuple(details)


def usage(message: str) -> Problem:
    return Problem(ExitCode.USAGE, message)
