"""Run one function in a child process that cannot take the worker with it.

The entry point is `run_limited`. The child is forked from a helper that has nothing of ours in it (see `nursery`), or is a
fresh interpreter where that cannot be: a fork of the worker would inherit the database connection, the secrets in memory
and whatever locks other threads held. Threads were rejected because a decoder cannot be stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import playground
from playground.media.limited_process import ForkedProcess, Process, SpawnedProcess

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
    child = _Child(lambda stdout, stderr: _start(request, environment or {}, stdout, stderr))
    try:
        in_time = child.watch(wall_seconds, on_tick, tick_seconds)
    finally:
        return_code = child.end()
    if not in_time:
        raise LimitedError("time", f"It was not done after {wall_seconds:g} s.", diagnostics=child.diagnostics)
    return _result(child, return_code)


def _start(request: Mapping[str, Any], environment: Mapping[str, str], stdout: int, stderr: int) -> Process:
    """A child with these descriptors for its output: forked from the nursery, unless it needs an environment of its own."""
    if not environment and (process := ForkedProcess.start(request, _child_environment({}), stdout, stderr)) is not None:
        return process
    return SpawnedProcess(request, _child_environment(environment), stdout, stderr)


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

    def __init__(self, start: Callable[[int, int], Process]) -> None:
        self._stdout, write_stdout = os.pipe()
        self._stderr, write_stderr = os.pipe()
        try:
            self._process = start(write_stdout, write_stderr)
        except BaseException:
            os.close(self._stdout)
            os.close(self._stderr)
            raise
        finally:
            os.close(write_stdout)
            os.close(write_stderr)
        self._answer = bytearray()
        self._tail = bytearray()
        self._selector = selectors.DefaultSelector()
        for descriptor in (self._stdout, self._stderr):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)
        if (exit_descriptor := self._process.exit_descriptor) is not None:
            self._selector.register(exit_descriptor, selectors.EVENT_READ)

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
        while not self._process.has_exited():
            now = time.monotonic()
            if now >= deadline:
                return False
            if on_tick and now >= next_tick:
                on_tick()
                next_tick = time.monotonic() + tick_seconds
            wait = min(deadline, next_tick) - now if on_tick else deadline - now
            if self._process.exit_descriptor is None:
                wait = min(wait, _EXIT_POLL_SECONDS)
            for key, _ in self._selector.select(max(0.0, wait)):
                if key.fd != self._process.exit_descriptor:
                    self._read(key.fd)
        return True

    def end(self) -> int:
        """Kill what is left of the session, collect the last output, reap. Safe whatever happened before."""
        # The leader is not reaped yet, so its number cannot belong to somebody else.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return_code = self._process.reap()
        for descriptor in (self._stdout, self._stderr):
            for _ in range(_LAST_READS):
                if not self._read(descriptor):
                    break
        self._selector.close()
        os.close(self._stdout)
        os.close(self._stderr)
        return return_code

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
