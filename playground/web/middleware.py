"""What every request gets around its view: a number to be found by in the log, its viewer's time zone, compression."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone

from playground.core import ids

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


class CompressPages(GZipMiddleware):
    """Compresses HTML only: videos and their ranges must leave as they are.

    Django pads each compressed page by a random length, so its size tells nothing about secrets in it (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
