"""On which of the machine's processors a process runs. Linux only; elsewhere, and on a machine with one, nothing happens."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress

_claim: socket.socket | None = None
_before: set[int] = set()


def keep_to_one(claims: str = "rushes-processor") -> int | None:
    """Bind this process, and the threads that it starts from now on, to a processor that no other has claimed in this way.

    One thread at a time runs Python code anyway, and a database driver lets go of the interpreter at every statement.
    With threads on several processors each of those moments wakes another processor, which costs more than the statement:
    measured on two, it was two fifths of what an answer took. Returns the processor; None when none was free or the system
    forbids it. Processes that begin their `claims` with other words do not see each other's.
    """
    global _claim, _before
    if not hasattr(os, "sched_setaffinity") or not getattr(sys, "_is_gil_enabled", lambda: True)():
        return None
    allowed = os.sched_getaffinity(0)
    if len(allowed) < 2:
        return None
    # Systems like to do their own work on the first.
    for processor in sorted(allowed, reverse=True):
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # A name without a file: it is gone with the process, however that ends.
            claim.bind(f"\0{claims}-{processor}")
        except OSError:
            claim.close()
            continue
        try:
            os.sched_setaffinity(0, {processor})
        except OSError:
            # Some containers forbid it; the server runs without, too.
            claim.close()
            return None
        _take_turns()
        _claim, _before = claim, allowed
        return processor
    return None


def _take_turns() -> None:
    """Threads of one interpreter that interrupt each other only wait for its lock: whoever is woken goes on when the one at
    work stops or its time is up. Half as many changes of thread, and a tenth off what an answer costs."""
    # Not every system that binds processes knows this policy, and some containers forbid it.
    with suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def let_go(pid: int) -> None:
    """Undo for a child what it inherited: heavy work belongs beside its parent, not in its way."""
    if _before:
        with suppress(OSError):
            os.sched_setaffinity(pid, _before)
        with suppress(OSError, AttributeError):
            os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0))
