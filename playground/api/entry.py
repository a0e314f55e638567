"""How every view of the API begins and ends: method, key, rate, view; and an envelope whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from playground.accounts import ratelimit
from playground.accounts.access import KeyIdentity, identity_for_key
from playground.api.envelopes import UNAUTHORIZED, ApiError, failure
from playground.api.errors import server_error

logger = logging.getLogger(__name__)
P = ParamSpec("P")
KeyView = Callable[Concatenate[HttpRequest, KeyIdentity, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def endpoint(method: str) -> Callable[[KeyView[P]], View[P]]:
    """Wrap a view that takes the identity behind the request's key. The body is not read before the key is known."""
    methods = ("GET", "HEAD") if method == "GET" else (method,)

    def decorate(view: KeyView[P]) -> View[P]:
        @wraps(view)
        def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise ApiError(405, f"This address takes {method} only.", allow=", ".join(methods))
                return view(request, _identity(request), *args, **kwargs)
            except ApiError as error:
                return failure(request, error)
            except Exception:
                logger.exception("request %s to %s failed", request.META.get("REQUEST_ID", ""), request.path)
                return server_error(request)

        # A key in a header is no cookie: no other site can make a browser send it.
        return csrf_exempt(wrapper)

    return decorate


def _identity(request: HttpRequest) -> KeyIdentity:
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    identity = identity_for_key(secret.strip()) if scheme.lower() == "bearer" else None
    if identity is not None:
        return identity
    # Counted only when wrong, so that a good key works even where many share one address.
    wait_seconds = ratelimit.allow("failed-key", request.META.get("REMOTE_ADDR", ""), settings.FAILED_KEYS_PER_MINUTE)
    if wait_seconds is not None:
        raise ApiError(429, "Too many requests with a wrong API key from this address.", retry_after_seconds=wait_seconds)
    raise ApiError(401, UNAUTHORIZED)
