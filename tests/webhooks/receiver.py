"""A customer's server on loopback; its paths answer in their own ways."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STATUSES = {"/ok": 204, "/moved": 302, "/broken": 500, "/teapot": 418, "/long": 200, "/endless": 200}


@dataclass
class Receiver:
    """`heads` and `bodies` of what arrived, in order."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    patience: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/ok") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def allowed(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def receiving() -> Iterator[Receiver]:
    seen = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.heads.append(dict(self.headers.items()))
            seen.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/hang":
                seen.patience.wait(300)
            elif self.path == "/drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not seen.patience.wait(0.1):
                    self.wfile.write(b"X-Drip: drop\r\n")
            else:
                self._answer(STATUSES[self.path])

        def _answer(self, status: int) -> None:
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/ok")
            self.end_headers()
            if status == 204:
                return
            self.wfile.write(b"a" * 5000 if self.path == "/long" else f"Said {self.path}".encode())
            if self.path == "/endless":
                seen.patience.wait(300)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A sender that lost its patience is part of the test."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        seen.port = server.server_address[1]
        yield seen
        seen.patience.set()
        server.shutdown()
