"""One child: a process that leads a session of its own, with everything that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playground.supervisor import reaper


@dataclass(frozen=True, slots=True)
class ChildSpec:
    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to the supervisor's own environment."""
    stop_order: int = 0
    """Children of one number are stopped together, lower numbers first."""
    stop_seconds: float = 10.0


# Waits for a line, then becomes what it was given. The end of the pipe without a line means that nobody is left to serve.
_GATE = ("/bin/sh", "-c", 'read -r _ && exec "$@" </dev/null', "gate")


class Child:
    """A running child. Its process id is also the number of its session and of its process group.

    It is born in front of a gate and does nothing before `let_go`, so that the reaper can be told of it first: a supervisor
    that is killed at any moment leaves no process that nobody knows.
    """

    def __init__(self, spec: ChildSpec) -> None:
        self._process = subprocess.Popen(
            (*_GATE, *spec.argv), env={**os.environ, **spec.env}, stdin=subprocess.PIPE, start_new_session=True
        )
        self.group = self._process.pid

    def let_go(self) -> None:
        assert self._process.stdin is not None
        # Broken: it was killed at the gate, which `exit_code` will tell.
        with contextlib.suppress(BrokenPipeError), self._process.stdin as gate:
            gate.write(b"\n")

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Only the leader is asked: it ends its own workers in the right order. A stopped one has to be woken first."""
        self._process.send_signal(signal.SIGTERM)
        self._process.send_signal(signal.SIGCONT)

    def kill_group(self) -> None:
        reaper.signal_group(self.group, signal.SIGKILL)

    def is_group_gone(self) -> bool:
        """After the leader's death: whether everything that it started is gone as well."""
        # As process 1 of a container we inherit the orphans, and zombies would keep the group alive for ever.
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-self.group, os.WNOHANG)[0]:
                pass
        return not reaper.has_members(self.group)


class Reaper:
    """Our end of the reaper process: tells it which groups are to be ended if we die."""

    def __init__(self, grace_seconds: float) -> None:
        self._grace_seconds = grace_seconds
        self._start(())

    def _start(self, groups: Iterable[int]) -> None:
        reading, self._pipe = os.pipe()
        # Before it starts: it must not live for a moment without knowing what to end.
        for group in groups:
            self.add(group)
        # -I -S: no site-packages, nothing from the environment.
        argv = [sys.executable, "-I", "-S", str(Path(reaper.__file__)), str(reading), str(self._grace_seconds)]
        self._process = subprocess.Popen(argv, pass_fds=(reading,), stdin=subprocess.DEVNULL, start_new_session=True)
        os.close(reading)

    def revive(self, groups: Iterable[int]) -> None:
        """Start another one if somebody killed it."""
        if self._process.poll() is not None:
            os.close(self._pipe)
            self._start(groups)

    def add(self, group: int) -> None:
        self._tell(f"+{group}\n")

    def remove(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def _tell(self, order: str) -> None:
        # Broken: it died, and `revive` will tell the next one everything.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._pipe, order.encode())

    def close(self) -> None:
        os.close(self._pipe)
        self._process.wait()
