"""How every view of the API begins and ends: method, key, its address, rate and scope, view; and an envelope whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from playground.accounts import audit, ratelimit
from playground.accounts.access import KeyIdentity, identity_for_key, note_use
from playground.accounts.addresses import client_address
from playground.accounts.models import ApiKey, Scope
from playground.api.admission import require_address, require_rate, require_scope
from playground.api.envelopes import UNAUTHORIZED, ApiError, failure
from playground.api.errors import server_error
from playground.serving.later import later_of

logger = logging.getLogger(__name__)
P = ParamSpec("P")
KeyView = Callable[Concatenate[HttpRequest, KeyIdentity, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def endpoint(method: str, scope: Scope | None = None, *, writes: bool = False) -> Callable[[KeyView[P]], View[P]]:
    """Wrap a view that takes the identity behind the request's key. The body is not read before the key is known.

    `scope` is what the key must have, kept as the view's `scope`; a view without one asks by itself (`require_scope`).
    `writes`: a GET that may make something, as a foreign contract has it; then HEAD is no way to ask.
    """
    methods = ("GET", "HEAD") if method == "GET" and not writes else (method,)

    def decorate(view: KeyView[P]) -> View[P]:
        @wraps(view)
        def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise ApiError(405, f"This address takes {method} only.", allow=", ".join(methods))
                return view(request, _identity(request, scope), *args, **kwargs)
            except ApiError as error:
                return failure(request, error)
            except Exception:
                logger.exception("request %s to %s failed", request.META.get("REQUEST_ID", ""), request.path)
                return server_error(request)

        wrapper.scope = scope  # type: ignore[attr-defined]
        # A key in a header is no cookie: no other site can make a browser send it.
        return csrf_exempt(wrapper)

    return decorate


def _identity(request: HttpRequest, scope: Scope | None) -> KeyIdentity:
    identity = identity_for_key(_secret(request))
    if identity is not None:
        require_address(request, identity)
        request.META[audit.ACTOR_KEY] = partial(_actor, request, identity)
        later = later_of(request.META)
        # One request, however often it is looked at; but a key that ended meanwhile has ended.
        if later is None or not later.is_resumed:
            require_rate(identity)
        note_use(identity.key_id, client_address(request))
        if scope is not None:
            require_scope(identity, scope)
        return identity
    # Counted only when wrong, so that a good key works even where many share one address.
    wait_seconds = ratelimit.allow("failed-key", client_address(request), settings.FAILED_KEYS_PER_MINUTE)
    if wait_seconds is not None:
        raise ApiError(429, "Too many requests with a wrong API key from this address.", retry_after_seconds=wait_seconds)
    raise ApiError(401, UNAUTHORIZED)


def _secret(request: HttpRequest) -> str:
    """`Authorization: Bearer …`, or ModKie's `X-Api-Key`, which counts only where there is no other."""
    authorization: str = request.META.get("HTTP_AUTHORIZATION", "")
    if not authorization:
        return str(request.META.get("HTTP_X_API_KEY", "")).strip()
    scheme, _, secret = authorization.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _actor(request: HttpRequest, identity: KeyIdentity) -> audit.Actor:
    """The key by its name, as the ledger calls it. Asked only when a line of the audit log is written."""
    name = ApiKey.objects.values_list("name", flat=True).get(pk=identity.key_id)
    return audit.Actor(
        f"Key: {name}",
        via="API",
        user_id=identity.user_id,
        ip=client_address(request) or None,
        request_id=request.META.get("REQUEST_ID", ""),
    )
