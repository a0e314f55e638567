"""Requests of programs go to their views without what only pages need: sessions, forms, messages, languages.

`Programs` stands in the list of middlewares where the page's part of it begins, `pages_end` where it ends. What lies between
is most of what a small answer costs. Safe by default: Django still asks the CSRF check about every view, and it refuses
whatever is neither a reading nor marked as exempt, because nobody has read the cookie here.
Rejected: a list of middlewares of its own for a second handler. Tests ask Django's own handler, and would prove the other one.
"""

from __future__ import annotations

from functools import partial

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation

from playground.accounts import audit
from playground.web.middleware import GetResponse, actor_of

PREFIXES = ("/api/", "/modkie/api/", "/hooks/", "/healthz")
_views: GetResponse


def pages_end(get_response: GetResponse) -> GetResponse:
    """The last of the middlewares, and so the first that Django makes: what it is given leads to the views."""
    global _views
    _views = get_response
    return get_response


class Programs:
    def __init__(self, get_response: GetResponse) -> None:
        self._pages = get_response
        self._views = _views
        self._headers = {"X-Frame-Options": settings.X_FRAME_OPTIONS, HEADER: build_policy()}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIXES):
            return self._pages(request)
        # Raises DisallowedHost, as for pages.
        request.get_host()
        translation.activate("en")
        with audit.acting_as(partial(actor_of, request)):
            response = self._views(request)
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response
