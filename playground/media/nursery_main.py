"""The helper's side of `nursery`: load what children need, fork, reap. Ends when its line does, and its children with it.

Run as `python -P -m playground.media.nursery_main`, its line being stdin.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
from typing import Any

from playground.media import limited_child
from playground.media.nursery import receive, send

_children: set[int] = set()


def main() -> None:
    line = socket.socket(fileno=os.dup(0))
    try:
        while True:
            first, descriptors, _, _ = socket.recv_fds(line, 4, 2)
            if not first:
                return
            question: dict[str, Any] = json.loads(receive(line, first))
            if question["do"] == "bear":
                send(line, _bear(line, question["request"], descriptors))
            else:
                send(line, {"code": _reap(question["pid"])})
    except OSError:
        return
    finally:
        for pid in _children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


def _bear(line: socket.socket, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
    # Our own code, loaded once for all children to come; what goes wrong with it the child will say.
    with contextlib.suppress(Exception):
        importlib.import_module(request["function"].rpartition(".")[0])
    gc.freeze()
    ready, tell = os.pipe()
    parent_pid = os.getpid()
    pid = os.fork()
    if pid == 0:
        _live(line, request | {"parent_pid": parent_pid}, descriptors, ready, tell)
    os.close(tell)
    for descriptor in descriptors:
        os.close(descriptor)
    # Until it leads its own session, nobody could end it together with what it starts.
    os.read(ready, 1)
    os.close(ready)
    _children.add(pid)
    return {"pid": pid}


def _live(line: socket.socket, request: dict[str, Any], descriptors: list[int], ready: int, tell: int) -> None:
    """The child: never returns."""
    code = 1
    try:
        os.setsid()
        line.close()
        os.close(ready)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in zip((nothing, *descriptors), (0, 1, 2), strict=True):
            os.dup2(source, target)
            os.close(source)
        os.write(tell, b"!")
        os.close(tell)
        limited_child.answer(request)
        code = 0
    finally:
        os._exit(code)


def _reap(pid: int) -> int:
    _, status = os.waitpid(pid, 0)
    _children.discard(pid)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()
