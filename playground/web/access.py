"""The one question that every page asks first: who is this, and for which team?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import trigger_client_event

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
        if is_elsewhere(request):
            return moved(request)
        return view(request, membership, *args, **kwargs)

    return wrapper


def is_elsewhere(request: HttpRequest) -> bool:
    """True for a fragment of a page that was made for another team or mode than the person is in by now.

    Answered as usual, a page that says Test would be given the price, the balance and the button of Live.
    """
    made_for = request.headers.get("X-Rushes-Place", "")
    return bool(made_for) and made_for != shell_for(request).place


def moved(request: HttpRequest) -> HttpResponse:
    """The page stays as it is; only a reload may change what it is for."""
    shell = shell_for(request)
    slug, _, mode = request.headers["X-Rushes-Place"].partition("/")
    names = {team.slug: team.name for team in shell.teams}
    before, now = f"{mode[:4].capitalize()} in {names.get(slug, slug[:60])}", f"{shell.mode.capitalize()} in {shell.team}"
    response = HttpResponse(status=409)
    response["HX-Reswap"] = "none"
    words = f"This page was made for {before}; you are in {now} now. Nothing was spent, and what you typed is kept."
    return trigger_client_event(response, "page-moved", {"value": words})


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
