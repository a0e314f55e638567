"""How much of the processor a server has had, its workers included; told by the kernel, so its clients count for nothing."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_PIECES = 8


@dataclass
class Stopwatch:
    """The processor's milliseconds for something that is done again and again, with the machine's slowness of each time."""

    times: list[tuple[float, float]] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        before, begin = slowness(pieces=1), time.thread_time()
        yield
        took = time.thread_time() - begin
        self.times.append((before + slowness(pieces=1), 1000 * took))

    def median_ms(self) -> float:
        """Of the third during which the machine was quickest."""
        return statistics.median(took for _, took in sorted(self.times)[: max(1, len(self.times) // 3)])


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


def slowness(processors: Collection[int] = (), pieces: int = _PIECES) -> float:
    """The milliseconds that a fixed piece of Python takes now, on one of these processors if they are named.

    On a machine that is shared, another guest on the same core or in the same cache can make it more than twice as much, and
    within a second: the kernel counts that as ours.
    """
    before = os.sched_getaffinity(0)
    if processors:
        os.sched_setaffinity(0, processors)
    begin = time.thread_time()
    for _ in range(pieces):
        counts: dict[int, str] = {}
        for number in range(20_000):
            counts[number % 97] = str(number)
    took = time.thread_time() - begin
    if processors:
        os.sched_setaffinity(0, before)
    return 1000 * took / pieces
