"""The child's side of `limited`: put the limits on, call one function, answer in JSON. Standard library only.

Run as `python -P -m playground.media.limited_child`; the request is JSON on stdin, the answer JSON on stdout.
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


def main() -> None:
    request = json.load(sys.stdin)
    # Whatever the function or its libraries print must not end up in the answer.
    answer_descriptor = os.dup(1)
    os.dup2(2, 1)
    _die_with_parent(request["parent_pid"])
    _set_limits(request["limits"])
    try:
        module_name, _, function_name = request["function"].rpartition(".")
        function = getattr(importlib.import_module(module_name), function_name)
        answer = json.dumps({"value": function(*request["args"])})
    except MemoryError:
        answer = json.dumps({"kind": "memory", "message": "More memory was needed than is allowed."})
    except Exception as error:
        answer = json.dumps(_refusal(error))
    with os.fdopen(answer_descriptor, "w") as stream:
        stream.write(answer)


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
        "RLIMIT_AS": (limits["memory_bytes"], limits["memory_bytes"]),
    }
    for name, (soft, hard) in wanted.items():
        kind = getattr(resource, name)
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))
    os.nice(limits["niceness"])


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
    main()
