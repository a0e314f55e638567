"""The one question that every page asks first: who is this, and for which team?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from playground.accounts.models import Membership
from playground.web.context import shell_for

P = ParamSpec("P")
MemberView = Callable[Concatenate[HttpRequest, Membership, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def member_required(view: MemberView[P]) -> View[P]:
    """Calls the view with the person's membership; others are sent to the sign-in page or told that they have no team."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        membership = shell_for(request).membership
        if membership is None:
            return render(request, "accounts/no_team.html", status=403)
        return view(request, membership, *args, **kwargs)

    return wrapper


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """A fragment cannot follow a redirect to a whole page, so htmx is told to leave; it comes back to its own page."""
    if request.headers.get("HX-Request") != "true":
        return redirect(_sign_in_url(request.get_full_path() if request.method == "GET" else ""))
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    response = HttpResponse(status=204)
    response["HX-Redirect"] = _sign_in_url(urlunsplit(("", "", shown.path, shown.query, "")))
    return response


def _sign_in_url(back: str) -> str:
    return f"{reverse('sign-in')}?{urlencode({'next': back})}" if back not in ("", "/") else reverse("sign-in")
