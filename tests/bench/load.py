"""Sixteen clients in one thread that cost as little as they can, as wrk does: what they take, a small machine's server lacks."""

from __future__ import annotations

import json
import os
import re
import selectors
import socket
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.bench import processor

Request = tuple[str, str, bytes, dict[str, str]]
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass(slots=True)
class _Client:
    socket: socket.socket
    requests: deque[bytes] = field(default_factory=deque)
    received: bytes = b""

    def send_next(self) -> None:
        if self.requests:
            self.socket.sendall(self.requests.popleft())

    def answer(self) -> bytes | None:
        """The body of what has been sent, once it is here in full."""
        self.received += self.socket.recv(65536)
        head, _, body = self.received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if length is None or len(body) < int(length[1]):
            return None
        self.received = b""
        return body


class Load:
    """Connections to the server on `port`, kept open, and away from the processor that it is bound to."""

    def __init__(self, port: int, connections: int) -> None:
        self._clients = [_Client(socket.create_connection(("127.0.0.1", port), timeout=60)) for _ in range(connections)]
        self._selector = selectors.DefaultSelector()
        for client in self._clients:
            self._selector.register(client.socket, selectors.EVENT_READ, client)

    def send(self, requests: Iterable[bytes]) -> list[bytes]:
        """Each connection sends its next one as soon as it has the answer to the one before; the answers' bodies."""
        missing = 0
        for missing, request in enumerate(requests, 1):
            self._clients[missing % len(self._clients)].requests.append(request)
        for client in self._clients:
            client.send_next()
        bodies = list[bytes]()
        while len(bodies) < missing:
            ready = self._selector.select(timeout=60)
            if not ready:
                raise TimeoutError("The server does not answer.")
            for key, _ in ready:
                if (body := key.data.answer()) is not None:
                    bodies.append(body)
                    key.data.send_next()
        return bodies


def raw(request: Request) -> bytes:
    method, path, body, headers = request
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def require_success(bodies: Iterable[bytes]) -> None:
    for body in bodies:
        answer: dict[str, Any] = json.loads(body)
        if answer["code"] != 200:
            raise AssertionError(answer)


def keep_away_from(pid: int) -> set[int]:
    """Leave a bound server's processor to it, where there is another one; the server's, none if it is not bound."""
    if not hasattr(os, "sched_setaffinity"):
        return set()
    bound = set[int]().union(*(there for there in map(os.sched_getaffinity, processor.family_of(pid)) if len(there) == 1))
    if bound and (others := os.sched_getaffinity(0) - bound):
        os.sched_setaffinity(0, others)
    return bound
