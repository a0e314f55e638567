"""How much of the processor a server has had, its workers included; told by the kernel, so its clients count for nothing."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of(pid: int) -> float:
    """User and system time of a process and its children, from /proc."""
    return sum((int(fields[11]) + int(fields[12])) / _TICKS for fields in _family(pid).values())


def family_of(pid: int) -> list[int]:
    """The process and its children."""
    return list(_family(pid))


def _family(pid: int) -> dict[int, list[str]]:
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if pid in (int(fields[1]), int(stat.parent.name)):
            found[int(stat.parent.name)] = fields
    return found
