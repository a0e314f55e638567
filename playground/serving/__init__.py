"""The web server: granian in front, Django's WSGI application behind, and no slow client between them.

Entry point: ``python -m playground.serving`` (`serve_web`), which `manage.py up` starts as its web child.

Decision: everything that waits for a client (a body that trickles in, an answer that is read slowly) is a coroutine in
`front.py`, which costs a few kilobytes; a thread is taken only once the whole request is here, and is free again as
soon as the answer is computed. So clients cannot occupy threads, whatever they do, and few threads suffice, most of the
time one (`threads.py`). All of a worker's threads stay on one processor (`core.processors`); another processor takes another worker.
Rejected, after reading granian's source and trying it: its WSGI interface with many threads. A blocking read of a body
there cannot be given a deadline nor be interrupted, so as many stalled uploads as there are threads stop the site; a cap
on reading threads then stops every other POST instead. Django's own ASGI handler has no deadlines either, and opens a
new thread, hence a new database connection, for every request.
"""

from __future__ import annotations

import socket
import sys

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

# Also the longest pause between two requests of one connection: hyper uses one clock for both.
_HEADER_SECONDS = 15
_CONNECTIONS = 2048
_STOP_SECONDS = 5


def serve_web(host: str, port: int, *, workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT. Connections still open `_STOP_SECONDS` after that are cut."""
    _allow_many_files(2 * _CONNECTIONS)
    Server(
        "playground.serving.app:application",
        address=_ip_address(host, port),
        port=port,
        interface=Interfaces.ASGINL,
        workers=workers,
        backlog=1024,
        backpressure=_CONNECTIONS,
        # "auto" would wait without a limit for the first bytes that tell HTTP/1 from HTTP/2.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_SECONDS * 1000),
        websockets=False,
        # No access log: paths carry signatures of media links.
        log_access=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=_STOP_SECONDS,
    ).serve()


def _ip_address(host: str, port: int) -> str:
    """granian takes addresses only; people write localhost."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        sys.exit(f"HOST={host} is not an address of this machine ({error}).")
    return str(found[0][4][0])


def _allow_many_files(wanted: int) -> None:
    """The usual limit of 1024 open files is fewer than the connections that we are willing to hold."""
    try:
        import resource
    except ImportError:  # Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
