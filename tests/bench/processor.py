"""How much of the processor a server has had, its workers included; told by the kernel, so its clients count for nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path

_PIECES = 8


def seconds_of(pid: int) -> float:
    """What a process and its children have had of the processors, to the nanosecond (/proc knows hundredths of a second)."""
    # As clock_getcpuclockid(3) makes the number of the clock that counts for a whole process.
    return sum(time.clock_gettime(~member << 3 | 2) for member in family_of(pid))


def family_of(pid: int) -> list[int]:
    """The process and its children."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if pid in (int(fields[1]), int(stat.parent.name)):
            found.append(int(stat.parent.name))
    return found


def slowness(processors: set[int]) -> float:
    """The milliseconds that a fixed piece of Python takes now, on one of these processors.

    On a machine that is shared, another guest on the same core or in the same cache can make it more than twice as much, and
    within a second: the kernel counts that as ours.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors or before)
    begin = time.thread_time()
    for _ in range(_PIECES):
        counts: dict[int, str] = {}
        for number in range(20_000):
            counts[number % 97] = str(number)
    took = time.thread_time() - begin
    os.sched_setaffinity(0, before)
    return 1000 * took / _PIECES
