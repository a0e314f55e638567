"""Ports for servers that are told beforehand where to listen."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path

LOWEST = 20_000
_HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """One that the kernel hands out to nobody: until the server listens there, some connection of another test may begin."""
    # Not the module's own dice: those are thrown alike in every process of the tests.
    dice = random.SystemRandom()
    for _ in range(1000):
        port = dice.randrange(LOWEST, _end())
        with suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def _end() -> int:
    with suppress(OSError):
        first = int(_HANDED_OUT.read_text().split()[0])
        if first > LOWEST:
            return first
    return 32_768
