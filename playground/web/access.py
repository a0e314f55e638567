"""The one question that every page asks first: who is this, and for which team?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from playground.accounts import access, permissions
from playground.accounts.members import NotAllowed
from playground.accounts.models import Membership
from playground.accounts.permissions import Permission
from playground.accounts.services import AccountsError
from playground.web.context import shell_for
from playground.web.errors import page_of_form, typed_of
from playground.web.htmx import is_htmx

PLACE_FIELD = "_place"
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
            return without_team(request)
        if is_elsewhere(request):
            return moved(request)
        # A tab left open asks by itself; that is no visit.
        if request.headers.get("HX-Trigger") != "pulse":
            access.note_visit(membership)
        return view(request, membership, *args, **kwargs)

    return wrapper


def without_team(request: HttpRequest) -> HttpResponse:
    """Where anybody may sign up, anybody may make a team; elsewhere only an invitation leads on."""
    may_make_team = settings.SIGNUP == "open"
    return render(request, "accounts/no_team.html", {"may_make_team": may_make_team}, status=403)


def person_required(view: View[P]) -> View[P]:
    """For what needs a person and no team: a team of their own, their account."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.user.is_authenticated else to_sign_in(request)

    return wrapper


def status_of_refusal(error: AccountsError) -> int:
    """403 where the role is what is wrong, else 422."""
    return 403 if isinstance(error, NotAllowed) else 422


def allowed(permission: Permission) -> Callable[[MemberView[P]], View[P]]:
    """Like `member_required`, for views of those whose role has this permission; others get 403 and the role's name."""

    def decorate(view: MemberView[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, membership: Membership, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not permissions.allows(membership.role, permission):
                raise PermissionDenied(permissions.refusal(membership, permission))
            return view(request, membership, *args, **kwargs)

        return member_required(checked)

    return decorate


def made_for(request: HttpRequest) -> str:
    """The `team` or `team/mode` for which the page was made that asks; "" if it does not say.

    htmx says it in a header, a form without script in the hidden field of shell/_place.html.
    """
    return request.headers.get("X-Rushes-Place", "") or (request.POST.get(PLACE_FIELD, "") if request.method == "POST" else "")


def is_elsewhere(request: HttpRequest) -> bool:
    """True for a fragment or form of a page that was made for another team or mode than the person is in by now.

    Answered as usual, a page that says Test would be given the price, the balance and the button of Live, and a form of
    one team would change another. A place without a mode holds in both.
    """
    place = made_for(request)
    now = shell_for(request).place
    return bool(place) and place != (now if "/" in place else now.partition("/")[0])


def moved(request: HttpRequest) -> HttpResponse:
    """The page stays as it is; only a reload may change what it is for. Without script a page says so, with what was typed."""
    shell = shell_for(request)
    slug, _slash, mode = made_for(request).partition("/")
    teams = {team.slug: team for team in shell.teams}
    old_team = teams.get(slug)
    before = _place_words(old_team.name if old_team else slug[:60], mode)
    now = _place_words(str(shell.team), mode and shell.mode)
    if is_htmx(request):
        response = HttpResponse(status=409)
        response["HX-Reswap"] = "none"
        words = _("This page was made for %(before)s; you are in %(now)s now. Nothing was spent, and what you typed is kept.")
        return trigger_client_event(response, "page-moved", {"value": words % {"before": before, "now": now}})
    context = {
        "before": before,
        "now": now,
        "old_team": old_team,
        "old_mode": mode,
        "typed": typed_of(request),
        "back": page_of_form(request),
    }
    return render(request, "errors/moved.html", context, status=409)


def _place_words(team: str, mode: str) -> str:
    words = {"test": _("Test"), "live": _("Live")}.get(mode, mode[:4].capitalize())
    return _("%(mode)s in %(team)s") % {"mode": words, "team": team} if mode else team


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """A fragment cannot follow a redirect to a whole page, so htmx is told to leave; it comes back to its own page."""
    if not is_htmx(request):
        return redirect(_sign_in_url(request.get_full_path() if request.method == "GET" else ""))
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    response = HttpResponse(status=204)
    response["HX-Redirect"] = _sign_in_url(urlunsplit(("", "", shown.path, shown.query, "")))
    return response


def _sign_in_url(back: str) -> str:
    return f"{reverse('sign-in')}?{urlencode({'next': back})}" if back not in ("", "/") else reverse("sign-in")
