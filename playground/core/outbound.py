"""The guarded HTTP client for addresses that people or providers hand to us.

The check happens where the connection is made, on the address that is connected to: a name that resolves to another
address a moment later, a redirect, a decimal or IPv4-mapped spelling all pass through the same door. Checking the URL
before the request (the rejected alternative) leaves the gap between look-up and connect.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx


class OutboundError(Exception):
    """Base: the request was not made, or was cut off."""


class BlockedAddress(OutboundError):
    """The address is private, loopback, link-local or otherwise not the public internet."""


class TooLarge(OutboundError):
    """The answer is larger than the caller allows."""


class TooSlow(OutboundError):
    """The whole transfer took longer than the caller allows."""


class Corrupt(OutboundError):
    """What arrived is not what the server said it would send."""


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """`allowed` holds `host` or `host:port` entries that may be private (setting OUTBOUND_ALLOW)."""

    allowed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[str]) -> OutboundPolicy:
        return cls(frozenset(entry.strip().lower() for entry in entries if entry.strip()))

    def permits(self, host: str, port: int) -> bool:
        return host.lower() in self.allowed or f"{host.lower()}:{port}" in self.allowed


def is_public_address(address: str) -> bool:
    """True for globally routable unicast. IPv4 inside IPv6 (mapped, 6to4, NAT64) is judged by the IPv4 address."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public_address(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def check_url(url: str, policy: OutboundPolicy, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """Check the form of a URL at the door (no look-up) and return it. Raises BlockedAddress or ValueError."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise ValueError(f"not a URL: {error}") from None
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"must be an absolute {' or '.join(schemes)} URL")
    if parts.username or parts.password:
        raise ValueError("must not carry a user name or password")
    if policy.permits(parts.hostname, port):
        return url
    host = parts.hostname
    literal = _literal_address(host)
    if literal is not None and not is_public_address(literal):
        raise BlockedAddress(f"{host} is not a public address")
    if literal is None and ("." not in host.rstrip(".") or host.rstrip(".").lower().endswith((".localhost", ".local", ".internal"))):
        raise BlockedAddress(f"{host} is not a public host name")
    return url


def _literal_address(host: str) -> str | None:
    """`127.1`, `0x7f000001` and `2130706433` are addresses too: inet_aton reads them as the resolver would."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


class _GuardedBackend(httpcore.SyncBackend):
    def __init__(self, policy: OutboundPolicy) -> None:
        self._policy = policy

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        if self._policy.permits(host, port):
            return super().connect_tcp(host, port, timeout, local_address, socket_options)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = [str(entry[4][0]) for entry in found]
        # One bad answer spoils the lot: a resolver that mixes public and private is playing games.
        if not addresses or not all(is_public_address(address) for address in addresses):
            raise BlockedAddress(f"{host} does not lead to a public address")
        return super().connect_tcp(addresses[0], port, timeout, local_address, socket_options)


@cache
def trust() -> ssl.SSLContext:
    """The certificates that outgoing connections trust: one context a process, for making one takes 50 ms of processor time."""
    return httpx.create_ssl_context()


def guarded_client(policy: OutboundPolicy, *, timeout_seconds: float = 15, follow_redirects: bool = False) -> httpx.Client:
    """A client whose every connection is checked; proxies from the environment are ignored on purpose."""
    transport = httpx.HTTPTransport(verify=trust(), trust_env=False)
    transport._pool = httpcore.ConnectionPool(ssl_context=trust(), network_backend=_GuardedBackend(policy), max_connections=10)
    return httpx.Client(transport=transport, timeout=timeout_seconds, follow_redirects=follow_redirects, max_redirects=3, trust_env=False)


def post_empty(url: str, policy: OutboundPolicy, *, timeout_seconds: float = 10) -> tuple[int, str]:
    """POST nothing; returns the status and the beginning of the answer. Raises OutboundError or httpx.HTTPError."""
    check_url(url, policy)
    with guarded_client(policy, timeout_seconds=timeout_seconds) as client, client.stream("POST", url) as reply:
        beginning = next(reply.iter_bytes(2048), b"")
        return reply.status_code, beginning.decode("utf-8", "replace")


def download(url: str, target: Path, policy: OutboundPolicy, *, max_bytes: int, max_seconds: float = 300) -> int:
    """Stream a GET to `target`; returns the size in bytes. Raises OutboundError or httpx.HTTPError.

    The length is held against Content-Length by the client itself, the bytes against every checksum that the server sends.
    """
    check_url(url, policy)
    end = monotonic() + max_seconds
    written = 0
    # As it is stored there: a checksum is of these bytes.
    headers = {"Accept-Encoding": "identity"}
    with (
        guarded_client(policy, timeout_seconds=20, follow_redirects=True) as client,
        client.stream("GET", url, headers=headers) as reply,
    ):
        reply.raise_for_status()
        if int(reply.headers.get("content-length", "0") or 0) > max_bytes:
            raise TooLarge(f"more than {max_bytes} bytes")
        promised = promised_digests(reply.headers)
        sums = {name: hashlib.new(name, usedforsecurity=False) for name in promised}
        with target.open("wb") as file:
            for chunk in reply.iter_bytes(64 * 1024):
                written += len(chunk)
                if written > max_bytes:
                    raise TooLarge(f"more than {max_bytes} bytes")
                if monotonic() > end:
                    raise TooSlow(f"not done after {max_seconds:g} s")
                for digest in sums.values():
                    digest.update(chunk)
                file.write(chunk)
    for name, digest in sums.items():
        if digest.digest() != promised[name]:
            raise Corrupt(f"the {name} checksum does not fit")
    return written


_DIGEST_HEADERS = (("content-md5", "md5"), ("x-amz-checksum-sha256", "sha256"))
_NAMED_DIGESTS = {"md5": "md5", "sha-256": "sha256", "sha-512": "sha512"}
_DIGEST_BYTES = {"md5": 16, "sha256": 32, "sha512": 64}


def promised_digests(headers: Mapping[str, str]) -> dict[str, bytes]:
    """The checksums that an answer names, by algorithm; an ETag is none, whatever it looks like."""
    if headers.get("content-encoding"):
        return {}
    found = {name: headers[header] for header, name in _DIGEST_HEADERS if header in headers}
    for header in ("digest", "repr-digest", "x-goog-hash"):
        for part in headers.get(header, "").split(","):
            name, _, value = part.strip().partition("=")
            if (algorithm := _NAMED_DIGESTS.get(name.lower())) is not None:
                found[algorithm] = value.strip(":")
    return {name: digest for name, value in found.items() if len(digest := _decoded(value)) == _DIGEST_BYTES[name]}


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return b""
