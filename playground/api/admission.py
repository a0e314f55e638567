"""What a key may do, from where and how often: asked once, at the API's entry, before a body is read."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from playground.accounts import ratelimit
from playground.accounts.access import KeyIdentity
from playground.accounts.addresses import client_address, is_within
from playground.accounts.models import Scope
from playground.api.envelopes import ApiError

# Each holds what stands before it.
_ORDER = {Scope.READ: 0, Scope.GENERATE: 1, Scope.MANAGE: 2}


def require_scope(identity: KeyIdentity, needed: Scope) -> None:
    """Raises ApiError 403, which names the scope. Endpoints say theirs to `endpoint`; whoever finds out later asks here."""
    if _ORDER[identity.scope] < _ORDER[needed]:
        words = f"This API key has the scope {identity.scope.value}; this address needs {needed.value}."
        raise ApiError(403, words, data={"scope": identity.scope.value, "needed": needed.value})


def require_address(request: HttpRequest, identity: KeyIdentity) -> None:
    """Raises ApiError 403, with the address as it is seen here: behind proxies that is what goes wrong."""
    if not identity.networks:
        return
    address = client_address(request)
    if not is_within(address, identity.networks):
        raise ApiError(403, f"This API key may not be used from {address or 'an unknown address'}.")


def require_rate(identity: KeyIdentity) -> None:
    """Count one request. Raises ApiError 429 beyond the key's rate, with `Retry-After`.

    A process takes a fiftieth of the minute's requests at a time, so reading costs no write of its own.
    """
    per_minute = settings.KEY_REQUESTS_PER_MINUTE if identity.requests_per_minute is None else identity.requests_per_minute
    # A rate that was changed is counted by itself, so that it holds at once.
    wait_seconds = ratelimit.allow("key", f"{identity.key_id}/{per_minute}", per_minute)
    if wait_seconds is not None:
        words = f"Too many requests with this API key: it may have {per_minute:,} a minute."
        raise ApiError(429, words, retry_after_seconds=wait_seconds)
