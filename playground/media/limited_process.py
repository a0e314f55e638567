"""The two ways in which a limited child comes into the world, and how its end is noticed."""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from typing import Any, Protocol

from playground.core import processors
from playground.media.nursery import Nursery, NurseryDied


class Process(Protocol):
    """Leads a session of its own. Its pid is its own until it is reaped."""

    @property
    def pid(self) -> int: ...

    @property
    def exit_descriptor(self) -> int | None:
        """Becomes readable when it ends; None where the system has no such thing."""

    def has_exited(self) -> bool: ...

    def reap(self) -> int:
        """Wait for the end; the return code as subprocess counts it."""


def _exit_descriptor(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux: ask every now and then instead
        return None


class SpawnedProcess:
    """A fresh interpreter."""

    def __init__(self, request: Mapping[str, Any], environment: Mapping[str, str], stdout: int, stderr: int) -> None:
        with tempfile.TemporaryFile("w+") as stdin:  # a file, not a pipe: writing it can never block on the child
            json.dump(request, stdin)
            stdin.seek(0)
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-m", "playground.media.limited_child"],
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=dict(environment),
                cwd="/",
                start_new_session=True,
            )
        self.pid = self._popen.pid
        processors.let_go(self.pid)
        self.exit_descriptor = _exit_descriptor(self.pid)

    def has_exited(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def reap(self) -> int:
        return_code = self._popen.wait()
        if self.exit_descriptor is not None:
            os.close(self.exit_descriptor)
        return return_code


_mutex = threading.Lock()
_nursery: Nursery | None = None


class ForkedProcess:
    """A fork of this process's nursery."""

    def __init__(self, nursery: Nursery, pid: int, exit_descriptor: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.exit_descriptor = exit_descriptor

    @classmethod
    def start(cls, request: Mapping[str, Any], environment: Mapping[str, str], stdout: int, stderr: int) -> ForkedProcess | None:
        """None where there can be no nursery: not Linux, or it has just died."""
        if not hasattr(os, "pidfd_open"):
            return None
        nursery = _nursery_of(environment)
        try:
            pid = nursery.bear(request, stdout, stderr)
        except NurseryDied:
            return None
        return cls(nursery, pid, os.pidfd_open(pid))

    def has_exited(self) -> bool:
        return bool(select.select([self.exit_descriptor], [], [], 0)[0])

    def reap(self) -> int:
        select.select([self.exit_descriptor], [], [])
        os.close(self.exit_descriptor)
        try:
            return self._nursery.reap(self.pid)
        except NurseryDied:
            # Its children died with it.
            return -9


def close_nursery() -> None:
    """End this process's nursery, if it has one; the next child makes another."""
    global _nursery
    with _mutex:
        if _nursery is not None:
            _nursery.close()
            _nursery = None


# Before the interpreter takes the modules apart that the end needs.
atexit.register(close_nursery)


def _nursery_of(environment: Mapping[str, str]) -> Nursery:
    """This process's own; a new one where the last has died, or belongs to the process that we were forked from."""
    global _nursery
    with _mutex:
        if _nursery is None or not _nursery.is_alive:
            if _nursery is not None:
                _nursery.close()
            _nursery = Nursery(environment)
        return _nursery
