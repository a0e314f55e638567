"""What every request gets around its view: a number to be found by in the log, its viewer's time zone and language, compression."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone

from playground.accounts import audit
from playground.accounts.addresses import client_address
from playground.accounts.models import User
from playground.core import ids
from playground.web.auditlines import NOT_SIGNED_IN

GetResponse = Callable[[HttpRequest], HttpResponseBase]
ZONE_COOKIE = "tz"
_ZONE_NAME = re.compile(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+){0,2}")


class RequestId:
    """Gives the request an id, which the response carries and error pages print.

    Made here and never taken from the client: it ends in log lines.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = ids.new_id().hex[:12]
        request.META["REQUEST_ID"] = request_id
        with _viewers_zone(request):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        if response.get("Content-Type", "").startswith("text/html"):
            # Under no-referrer, which holds for everything else, browsers send "Origin: null" with a form, and
            # Django's CSRF check rightly refuses that.
            response.headers.setdefault("Referrer-Policy", "same-origin")
        return response


def _viewers_zone(request: HttpRequest) -> timezone.override | nullcontext[None]:
    """The zone that the browser told in a cookie (zone.js); the server's own until then."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    if len(name) > 64 or not _ZONE_NAME.fullmatch(name):
        return nullcontext()
    try:
        return timezone.override(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return nullcontext()


class Language(LocaleMiddleware):
    """Pages in the language that the browser asks for, if there is a translation; programs do not come here (`programs`)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return super().process_response(request, response) if len(settings.LANGUAGES) > 1 else response


class Acting:
    """Tells the audit log who is behind a request, should it change anything."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with audit.acting_as(partial(actor_of, request)):
            return self.get_response(request)


def actor_of(request: HttpRequest) -> audit.Actor:
    """The person of the page, or what the API found behind its key."""
    if (asked := request.META.get(audit.ACTOR_KEY)) is not None:
        known: audit.Actor = asked()
        return known
    user = getattr(request, "user", None)
    where = {"via": "page", "ip": client_address(request) or None, "request_id": request.META.get("REQUEST_ID", "")}
    if isinstance(user, User):
        return audit.Actor(audit.words_of(user), user_id=user.pk, **where)
    return audit.Actor(NOT_SIGNED_IN, **where)


class CompressPages(GZipMiddleware):
    """Compresses HTML only: videos and their ranges must leave as they are.

    Django pads each compressed page by a random length, so its size tells nothing about secrets in it (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
