"""The people of a team: roles, leaving, removing, the team's name, and new teams."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.accounts import members, services
from playground.accounts.models import Membership, Role
from playground.accounts.permissions import Permission
from playground.accounts.services import AccountsError
from playground.web.access import allowed, member_required, person_required, status_of_refusal
from playground.web.context import TEAM_KEY
from playground.web.htmx import fresh, is_htmx
from playground.web.leaving import leaving_of
from playground.web.monthly import month_start
from playground.web.team_page import member_rows, team_page


@require_safe
@member_required
def team(request: HttpRequest, membership: Membership) -> HttpResponse:
    return team_page(request, membership)


@require_POST
@allowed(Permission.TEAM)
def rename(request: HttpRequest, membership: Membership) -> HttpResponse:
    try:
        services.rename_team(membership.team, request.POST.get("name", ""))
    except AccountsError as error:
        return team_page(request, membership, status=422, name_problem=str(error), new_name=request.POST.get("name", ""))
    messages.success(request, _("The team is called %(name)s now.") % {"name": membership.team.name})
    return redirect("team")


@require_http_methods(["GET", "HEAD", "POST"])
@person_required
def new_team(request: HttpRequest) -> HttpResponse:
    """Any signed-in person may make one, and owns it."""
    name = request.POST.get("name", "")
    if request.method != "POST":
        return fresh(request, "team/new.html", {})
    assert request.user.is_authenticated  # person_required
    try:
        made = services.new_team(name, request.user)
    except AccountsError as error:
        return fresh(request, "team/new.html", {"problem": str(error), "new_name": name}, status=422)
    request.session[TEAM_KEY] = made.slug
    messages.success(request, _("You own %(name)s now, and you are in it.") % {"name": made.name})
    return redirect("team")


@require_POST
@allowed(Permission.MEMBERS)
def change_role(request: HttpRequest, membership: Membership, member_id: int) -> HttpResponse:
    """One member's role. The table comes back to htmx; whose own role changed gets a whole page, which looks different now."""
    try:
        member = members.change_role(membership, member_id, request.POST.get("role", ""))
    except Membership.DoesNotExist:
        raise Http404("There is no such member.") from None
    except AccountsError as error:
        return _members(request, membership, status=status_of_refusal(error), problem=str(error))
    words = _("%(name)s is %(role)s now.") % {"name": member.user, "role": Role(member.role).label}
    if is_htmx(request) and member.pk != membership.pk:
        return _members(request, membership, said=words)
    messages.success(request, words)
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("team")})
    return redirect("team")


def _members(request: HttpRequest, membership: Membership, *, status: int = 200, problem: str = "", said: str = "") -> HttpResponse:
    if not is_htmx(request):
        return team_page(request, membership, status=status, problem=problem)
    context = {"rows": member_rows(request, membership), "month": month_start(), "problem": problem, "said": said}
    return fresh(request, "team/_members.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def remove(request: HttpRequest, membership: Membership, member_id: int) -> HttpResponse:
    """GET asks and says what it means; POST does it. One's own membership is left, somebody else's ended."""
    try:
        member = members.member_of(membership.team_id, member_id)
        members.require_removal(membership, member)
        leaving = leaving_of(membership, member)
        if request.method != "POST":
            return fresh(request, "team/remove.html", {"nav": "team", "leaving": leaving})
        user = members.remove(membership, member_id)
    except Membership.DoesNotExist:
        raise Http404("There is no such member.") from None
    except members.NotAllowed as error:
        raise PermissionDenied(str(error)) from None
    except AccountsError as error:
        return fresh(request, "team/remove.html", {"nav": "team", "leaving": leaving, "problem": str(error)}, status=422)
    if not leaving.is_oneself:
        words = _("%(name)s is out of %(team)s. Keys and sessions ended; the takes stay.")
        messages.success(request, words % {"name": user, "team": membership.team.name})
        return redirect("team")
    user.refresh_from_db()
    # All sessions ended with the membership; this browser goes on, in another team or in none.
    update_session_auth_hash(request, user)
    messages.success(request, _("You left %(name)s.") % {"name": membership.team.name})
    return redirect("home")
