"""The nursery: a helper process that has the heavy libraries loaded and bears limited children by forking.

Loading NumPy, Pillow and FFmpeg takes longer than most of what a child does with them. The helper is a fresh interpreter
with nothing of ours in its memory or environment, it never looks at a foreign byte, and it has one thread, so its forks
inherit neither secrets nor locks. Forking the worker itself (the rejected alternative) would hand all of that down.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

from playground.core import processors

_LENGTH = struct.Struct("!I")
_ANSWER_SECONDS = 60.0


class NurseryDied(Exception):
    """Nothing came back; the caller goes the long way."""


class Nursery:
    """One helper and the line to it. Safe for threads; a process that was forked from ours makes its own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.owner_pid = os.getpid()
        self._mutex = threading.Lock()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "playground.media.nursery_main"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(environment),
                cwd="/",
                start_new_session=True,
            )
        processors.let_go(self._process.pid)
        # Only the other end's death ends a wait, but a helper that hangs must not take the worker with it.
        ours.settimeout(_ANSWER_SECONDS)
        self._line = ours

    @property
    def is_alive(self) -> bool:
        return self.owner_pid == os.getpid() and self._process.poll() is None

    def bear(self, request: Mapping[str, Any], stdout: int, stderr: int) -> int:
        """Fork a child that answers the request on these descriptors; returns its pid, the leader of its own session."""
        return int(self._ask({"do": "bear", "request": dict(request)}, (stdout, stderr))["pid"])

    def reap(self, pid: int) -> int:
        """The return code of a child that has ended, as subprocess counts it. Until this is asked its pid stays its own."""
        return int(self._ask({"do": "reap", "pid": pid})["code"])

    def close(self) -> None:
        """The helper ends, and every child with it."""
        self._line.close()
        if self.owner_pid == os.getpid():
            self._process.wait()

    def _ask(self, question: Mapping[str, Any], descriptors: tuple[int, ...] = ()) -> dict[str, Any]:
        body = json.dumps(question).encode()
        with self._mutex:
            try:
                socket.send_fds(self._line, [_LENGTH.pack(len(body))], list(descriptors))
                self._line.sendall(body)
                answer: dict[str, Any] = json.loads(receive(self._line))
            except (OSError, ValueError) as error:
                self._line.close()
                raise NurseryDied(str(error)) from error
        if "error" in answer:
            raise NurseryDied(answer["error"])
        return answer


def receive(line: socket.socket, first: bytes = b"") -> bytes:
    """One message with its length in front. Raises EOFError as an OSError when the other side is gone."""
    head = first + _exactly(line, _LENGTH.size - len(first))
    return _exactly(line, _LENGTH.unpack(head)[0])


def send(line: socket.socket, message: Mapping[str, Any]) -> None:
    body = json.dumps(message).encode()
    line.sendall(_LENGTH.pack(len(body)) + body)


def _exactly(line: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        chunk = line.recv(min(65536, count - len(parts)))
        if not chunk:
            raise ConnectionResetError("the other side is gone")
        parts += chunk
    return bytes(parts)
