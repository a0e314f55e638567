"""Is the port free? Asked before anything is started, because a child's traceback explains nothing."""

from __future__ import annotations

import errno
import socket

_LAST_PORT = 65535


def why_not(host: str, port: int) -> str | None:
    """One sentence for the person at the terminal, or None when the port can be used."""
    error = _bind_error(host, port)
    if error is None:
        return None
    if error.errno == errno.EADDRINUSE:
        free = next((other for other in range(port + 1, min(port + 100, _LAST_PORT)) if not _bind_error(host, other)), None)
        return f"Port {port} is in use. Choose another: PORT={free or 'a free one'} make run"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} is not allowed for this user. Choose one above 1023: PORT=8000 make run"
    return f"HOST={host} is not an address of this machine ({error.strerror})."


def is_answering(host: str, port: int) -> bool:
    """Whether somebody accepts connections there; a wildcard address is asked on loopback."""
    target = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    try:
        with socket.create_connection((target, port), timeout=1):
            return True
    except OSError:
        return False


def _bind_error(host: str, port: int) -> OSError | None:
    """Bound without SO_REUSEPORT: the web server sets it, and then two of them would share the port in silence."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            candidate.bind(address)
    except OSError as error:
        return error
    return None
