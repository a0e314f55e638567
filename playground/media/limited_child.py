"""The child's side of `limited`: put the limits on, call one function, answer in JSON on stdout. Standard library only.

The nursery forks it. Where there is none it is run as `python -P -m playground.media.limited_child`, the request on stdin.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import signal
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_DETAIL_CHARACTERS = 4000
# Room between the polite signal and the kill, so that the parent can tell which limit was met.
_CPU_GRACE_SECONDS = 2


def answer(request: dict[str, Any]) -> None:
    # Whatever the function or its libraries print must not end up in the answer.
    answer_descriptor = os.dup(1)
    os.dup2(2, 1)
    _die_with_parent(request["parent_pid"])
    _set_limits(request["limits"])
    try:
        module_name, _, function_name = request["function"].rpartition(".")
        function = getattr(importlib.import_module(module_name), function_name)
        text = json.dumps({"value": function(*request["args"])})
    except MemoryError:
        text = json.dumps({"kind": "memory", "message": "More memory was needed than is allowed."})
    except Exception as error:
        text = json.dumps(_refusal(error))
    with os.fdopen(answer_descriptor, "w") as stream:
        stream.write(text)


def _die_with_parent(parent_pid: int) -> None:
    """Linux only: a parent that is killed outright cannot clean up, so the kernel does it."""
    try:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    except (AttributeError, OSError):
        return
    if os.getppid() != parent_pid:  # it died before the line above
        os._exit(1)


def _set_limits(limits: dict[str, int]) -> None:
    wanted = {
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_CPU": (limits["cpu_seconds"], limits["cpu_seconds"] + _CPU_GRACE_SECONDS),
        "RLIMIT_FSIZE": (limits["file_bytes"], limits["file_bytes"]),
        "RLIMIT_NOFILE": (limits["open_files"], limits["open_files"]),
        # A child of the nursery is born with all libraries that any child before it has asked for.
        "RLIMIT_AS": (_mapped_bytes() + limits["memory_bytes"],) * 2,
    }
    for name, (soft, hard) in wanted.items():
        kind = getattr(resource, name)
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))
    os.nice(limits["niceness"])


def _mapped_bytes() -> int:
    """Linux only; elsewhere the limit counts from nothing."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _refusal(error: Exception) -> dict[str, Any]:
    kind = type(error)
    plain = {name: value for name, value in vars(error).items() if isinstance(value, int | float | bool | None)}
    texts = {name: value[:_DETAIL_CHARACTERS] for name, value in vars(error).items() if isinstance(value, str)}
    return {
        "kind": "refused",
        "message": str(error)[:_DETAIL_CHARACTERS],
        "error_type": f"{kind.__module__}.{kind.__qualname__}",
        "details": plain | texts,
    }


if __name__ == "__main__":
    answer(json.load(sys.stdin))
