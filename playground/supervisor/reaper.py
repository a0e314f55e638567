"""A tiny process that outlives a killed supervisor and ends the process groups that it left behind.

It reads "+<group>" and "-<group>" lines from a pipe that only the supervisor can write. The end of the pipe means that
the supervisor is gone, however it went; no signal, no polling and no operating system in particular is needed for that.
Run as a plain script, without site-packages, so that it stays small and starts at once.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time


def has_members(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Some systems say so of a group in which only zombies are left.
        return False
    return not _has_only_zombies(group)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    fields = _stat_fields(str(pid))
    return fields is None or fields[0] not in "ZX"


def _stat_fields(pid: str) -> list[str] | None:
    """State, parent, process group…, or None when the system does not say."""
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
            # After the name, which may itself hold spaces and brackets.
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def _has_only_zombies(group: int) -> bool:
    """The dead whom nobody has fetched yet still count for killpg; in a container without an init that lasts."""
    try:
        pids = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        # No /proc on this system: believe killpg.
        return False
    for pid in pids:
        fields = _stat_fields(pid)
        if fields is not None and int(fields[2]) == group and fields[0] not in "ZX":
            return False
    return True


def signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def end_groups(groups: set[int], grace_seconds: float) -> None:
    """Ask the leaders, because they know how to stop what they started; then kill whatever is left of each group."""
    for leader in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(leader, signal.SIGTERM)
            os.kill(leader, signal.SIGCONT)
    deadline = time.monotonic() + grace_seconds
    waiting = set(groups)
    while waiting and time.monotonic() < deadline:
        for group in [group for group in waiting if not _is_running(group)]:
            # The leader has stopped in good order or died: nobody will look after the rest any more.
            signal_group(group, signal.SIGKILL)
            waiting.remove(group)
        time.sleep(0.05)
    for group in waiting:
        signal_group(group, signal.SIGKILL)


def main(descriptor: int, grace_seconds: float) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Whoever stops the supervisor often signals everything around it; we go last.
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    with os.fdopen(descriptor, encoding="ascii") as orders:
        for order in orders:
            (groups.add if order[0] == "+" else groups.discard)(int(order[1:]))
    end_groups(groups, grace_seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
