"""From which address a request comes: the one function that throttles, the audit log and the API ask; and lists of addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network

from django.conf import settings
from django.http import HttpRequest

Network = IPv4Network | IPv6Network


def client_address(request: HttpRequest) -> str:
    """The peer's address; behind TRUSTED_PROXY_COUNT proxies, what the outermost of them wrote into X-Forwarded-For.

    Anybody can send that header, so it counts for nothing unless proxies are trusted, and then from the right end only.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    count: int = settings.TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")] if count > 0 else []
    return _valid(hops[-count]) or peer if len(hops) >= count > 0 else peer


def _valid(text: str) -> str:
    """Without port and brackets; empty for what is no address."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0] if text.count(":") == 1 else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return ""


def networks_in(text: str) -> tuple[Network, ...]:
    """Of addresses and networks with white space between them. Raises ValueError."""
    return tuple(ipaddress.ip_network(part) for part in text.split())


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks. An IPv4 address that comes by IPv6 is what it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in networks)
