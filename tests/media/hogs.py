"""What a limited child is asked to do in the tests: every kind of misbehaviour."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn


class Refusal(Exception):
    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def echo(value: Any) -> Any:
    print("this line must not end up in the answer")
    return value


def environment() -> dict[str, str]:
    return dict(os.environ)


def spin() -> NoReturn:
    while True:
        pass


def hang(pid_file: str = "") -> NoReturn:
    if pid_file:
        Path(pid_file).write_text(str(os.getpid()))
    while True:
        time.sleep(3600)


def hang_with_child(pid_file: str) -> NoReturn:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    Path(pid_file).write_text(f"{os.getpid()} {child.pid}")
    hang()


def leave_child_behind(pid_file: str) -> str:
    """Returns at once, while a descendant keeps both pipes open."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    Path(pid_file).write_text(str(child.pid))
    return "done"


def eat_memory() -> int:
    return len(bytearray(16 * 1024**3))


def chatter(count_bytes: int) -> int:
    sys.stderr.write("x" * count_bytes)
    return count_bytes


def chatter_for_ever() -> NoReturn:
    while True:
        os.write(2, b"x" * 65536)


def write_file(path: str, count_bytes: int) -> None:
    Path(path).write_bytes(b"x" * count_bytes)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def leave() -> None:
    os._exit(3)


def refuse() -> NoReturn:
    raise Refusal("I would rather not.", code="418")


def answer_nonsense() -> object:
    return object()


def measured(said: str, function: str, *arguments: Any) -> Any:
    """Call a function of the house as the child does and say afterwards how much memory was in use at most, in bytes."""
    module, _, name = function.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)(*arguments)
    finally:
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        with open(said, "a") as file:
            file.write(f"{int(peak[1]) * 1024 if peak else 0}\n")


def whose_child() -> dict[str, int]:
    return {"pid": os.getpid(), "parent": os.getppid(), "session": os.getsid(0)}


def open_files() -> dict[str, str]:
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found[name] = os.readlink(f"/proc/self/fd/{name}")
    return found


_calls: list[None] = []


def count_calls() -> int:
    _calls.append(None)
    return len(_calls)
