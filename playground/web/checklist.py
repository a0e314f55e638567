"""What is left to do after the first run, on the Models page until it is done or hidden."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from playground.accounts.models import ApiKey, Invitation, Membership
from playground.accounts.permissions import Permission, allows

COOKIE = "checklist"
_A_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Step:
    words: str
    why: str
    url: str
    is_done: bool


def steps_for(request: HttpRequest, membership: Membership) -> list[Step]:
    """For owners; empty once everything is done."""
    if not allows(membership.role, Permission.OWNERS) or request.COOKIES.get(COOKIE) == "hidden":
        return []
    team_id = membership.team_id
    has_company = Membership.objects.filter(team_id=team_id).count() > 1 or Invitation.objects.filter(team_id=team_id).exists()
    has_key = ApiKey.objects.filter(team_id=team_id).exists()
    found = [
        Step(_("Invite somebody"), _("Takes, credits and prices are shared in a team."), _url("team"), has_company),
        Step(_("Make an API key"), _("Programs run the same models over HTTP."), _url("keys"), has_key),
    ]
    found = [step for step in found if step.url]
    return found if any(not step.is_done for step in found) else []


def hide(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    response.set_cookie(COOKIE, "hidden", max_age=_A_YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure())
    return response


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
