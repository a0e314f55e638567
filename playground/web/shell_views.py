"""What the top bar's controls do: theme, Test or Live, team."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from playground.web.context import MODE_KEY, TEAM_KEY, THEME_COOKIE, shell_for

A_YEAR_SECONDS = 365 * 24 * 3600


@require_POST
def prefs(request: HttpRequest) -> HttpResponse:
    """Keep a choice and go back to the page it was made on (303, so that a reload repeats nothing)."""
    response = HttpResponse(status=303)
    response["Location"] = _back(request)
    theme = request.POST.get("theme")
    if theme in ("light", "dark"):
        response.set_cookie(THEME_COOKIE, theme, max_age=A_YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure())
    if shell_for(request).membership:
        slug, _, mode = request.POST.get("place", "").partition("/")
        _keep_mode(request, request.POST.get("mode", mode))
        _keep_team(request, request.POST.get("team", slug))
    return response


def _keep_mode(request: HttpRequest, mode: str) -> None:
    shell = shell_for(request)
    if mode == "live" and not shell.live_available:
        messages.error(request, shell.live_reason)
    elif mode in ("test", "live"):
        request.session[MODE_KEY] = mode


def _keep_team(request: HttpRequest, slug: str) -> None:
    if slug in {team.slug for team in shell_for(request).teams}:
        request.session[TEAM_KEY] = slug


def _back(request: HttpRequest) -> str:
    """The given page if it is ours. Its query names takes and filters of the old mode, so only a theme keeps it."""
    url = request.POST.get("next", "")
    if not url.startswith("/") or not url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        return reverse("home")
    return url if "theme" in request.POST else urlsplit(url).path
