"""Run one function in a child process that cannot take the worker with it.

The entry point is `run_limited`. A fresh interpreter rather than a fork: a fork would inherit the database connection,
the secrets in memory and whatever locks other threads held. Threads were rejected because a decoder cannot be stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Literal

import playground

LimitKind = Literal["cpu", "memory", "time", "crash", "refused"]

# Everything else, above all keys and database addresses, stays with the parent.
_HANDED_DOWN = re.compile(
    "PATH|HOME|LANG|LC_ALL|LC_CTYPE|TZ|TMPDIR|VIRTUAL_ENV|LD_LIBRARY_PATH|PYTHONUTF8|SSL_CERT_FILE|SSL_CERT_DIR"
    "|RUSHES_FAILPOINT|RUSHES_FAILPOINT_MARKER"
)
# Arithmetic libraries reserve address space per thread, which counts against the memory limit.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_ANSWER_BYTES = 4 * 1024 * 1024
_STDERR_TAIL_BYTES = 4096
_OPEN_FILES = 256
_NICENESS = 10
_EXIT_POLL_SECONDS = 0.1
# A pipe holds 16 chunks; more could only come from a descendant that fled into a session of its own.
_LAST_READS = 100


class LimitedError(Exception):
    """The child did not deliver.

    `kind` says which limit it met; `refused` means that the function raised: then `error_type` is the dotted name of
    its exception and `details` its plain attributes. `diagnostics` is the end of the child's stderr, for the log only.
    """

    def __init__(
        self,
        kind: LimitKind,
        message: str,
        *,
        error_type: str = "",
        details: Mapping[str, Any] | None = None,
        diagnostics: str = "",
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.error_type = error_type
        self.details = dict(details or {})
        self.diagnostics = diagnostics


def run_limited(
    function_path: str,
    *args: Any,
    cpu_seconds: int,
    memory_bytes: int,
    wall_seconds: float,
    file_bytes: int,
    on_tick: Callable[[], None] | None = None,
    tick_seconds: float = 5.0,
    environment: Mapping[str, str] | None = None,
) -> Any:
    """Call the dotted function in a child with these limits and return its result (arguments and result are JSON).

    `on_tick` runs here every `tick_seconds` meanwhile; whatever it raises ends the child and is passed on, so a lost
    lease stops the work. `environment` adds variables to the few that are handed down. Raises LimitedError. On every
    way out the child and all its descendants in its session are gone.
    """
    limits = {
        "cpu_seconds": cpu_seconds,
        "memory_bytes": memory_bytes,
        "file_bytes": file_bytes,
        "open_files": _OPEN_FILES,
        "niceness": _NICENESS,
    }
    request = {"function": function_path, "args": args, "limits": limits, "parent_pid": os.getpid()}
    with tempfile.TemporaryFile("w+") as stdin:  # a file, not a pipe: writing it can never block on the child
        json.dump(request, stdin)
        stdin.seek(0)
        child = _Child(stdin, _child_environment(environment or {}))
        try:
            in_time = child.watch(wall_seconds, on_tick, tick_seconds)
        finally:
            return_code = child.end()
    if not in_time:
        raise LimitedError("time", f"It was not done after {wall_seconds:g} s.", diagnostics=child.diagnostics)
    return _result(child, return_code)


def _child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    handed_down = {name: value for name, value in os.environ.items() if _HANDED_DOWN.fullmatch(name)}
    package_root = str(Path(playground.__path__[0]).parent)
    return handed_down | _ONE_THREAD | {"PYTHONPATH": package_root} | dict(extra)


def _result(child: _Child, return_code: int) -> Any:
    try:
        answer = json.loads(child.answer)
    except ValueError:
        answer = {}
    if return_code == 0 and "value" in answer:
        return answer["value"]
    if answer.get("kind") in ("memory", "refused"):
        raise LimitedError(
            answer["kind"],
            answer["message"],
            error_type=answer.get("error_type", ""),
            details=answer.get("details"),
            diagnostics=child.diagnostics,
        )
    if return_code == -signal.SIGXCPU:
        raise LimitedError("cpu", "It needed more processor time than is allowed.", diagnostics=child.diagnostics)
    how = f"signal {-return_code}" if return_code < 0 else f"exit code {return_code}"
    raise LimitedError("crash", f"The process ended with {how}.", diagnostics=child.diagnostics)


class _Child:
    """The process, in a session of its own, with both of its output pipes drained while it is watched."""

    def __init__(self, stdin: IO[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "playground.media.limited_child"],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
        assert self._process.stdout and self._process.stderr
        self._stdout, self._stderr = self._process.stdout.fileno(), self._process.stderr.fileno()
        self._answer = bytearray()
        self._tail = bytearray()
        self._selector = selectors.DefaultSelector()
        for descriptor in (self._stdout, self._stderr):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)
        self._exit_descriptor = self._open_exit_descriptor()

    @property
    def answer(self) -> bytes:
        return bytes(self._answer)

    @property
    def diagnostics(self) -> str:
        return self._tail.decode(errors="replace")

    def watch(self, wall_seconds: float, on_tick: Callable[[], None] | None, tick_seconds: float) -> bool:
        """Wait for the end; False when the time was over first."""
        deadline = time.monotonic() + wall_seconds
        next_tick = time.monotonic() + tick_seconds
        while not self._has_exited():
            now = time.monotonic()
            if now >= deadline:
                return False
            if on_tick and now >= next_tick:
                on_tick()
                next_tick = time.monotonic() + tick_seconds
            wait = min(deadline, next_tick) - now if on_tick else deadline - now
            if self._exit_descriptor is None:
                wait = min(wait, _EXIT_POLL_SECONDS)
            for key, _ in self._selector.select(max(0.0, wait)):
                if key.fd != self._exit_descriptor:
                    self._read(key.fd)
        return True

    def end(self) -> int:
        """Kill what is left of the session, collect the last output, reap. Safe whatever happened before."""
        # The leader is not reaped yet, so its number cannot belong to somebody else.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return_code = self._process.wait()
        for descriptor in (self._stdout, self._stderr):
            for _ in range(_LAST_READS):
                if not self._read(descriptor):
                    break
        self._selector.close()
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()
        if self._exit_descriptor is not None:
            os.close(self._exit_descriptor)
        return return_code

    def _open_exit_descriptor(self) -> int | None:
        try:
            descriptor = os.pidfd_open(self._process.pid)
        except (AttributeError, OSError):  # not Linux: ask every now and then instead
            return None
        self._selector.register(descriptor, selectors.EVENT_READ)
        return descriptor

    def _has_exited(self) -> bool:
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _read(self, descriptor: int) -> bool:
        """Take one chunk; False when there is nothing to take. One at a time, so that a flood cannot stop the clock."""
        try:
            chunk = os.read(descriptor, 65536)
        except BlockingIOError:
            return False
        if not chunk:
            if descriptor in self._selector.get_map():
                self._selector.unregister(descriptor)
            return False
        if descriptor == self._stdout:
            self._answer += chunk[: _ANSWER_BYTES - len(self._answer)]
        else:
            self._tail = (self._tail + chunk)[-_STDERR_TAIL_BYTES:]
        return True
