"""Joining a team by invitation, and making an account where SIGNUP lets anybody."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.account.models import Login
from allauth.account.views import SignupView
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from playground.accounts import members, people
from playground.accounts.models import Invitation, User
from playground.credits import joining
from playground.web import invitation_mail, social
from playground.web.account_forms import NewPersonForm
from playground.web.context import TEAM_KEY
from playground.web.htmx import fresh
from playground.web.signin import enter, is_throttled, note_address, too_many_tries

CLOSED = "accounts/closed.html"


class SignUpView(SignupView):
    """An account without an invitation, while SIGNUP is open."""

    template_name = "accounts/sign_up.html"

    def closed(self) -> HttpResponse:
        return render(self.request, CLOSED, {"signup": settings.SIGNUP}, status=403)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """GET says who invites whom into what, and changes nothing; POST joins."""
    if settings.SIGNUP == "closed":
        return render(request, CLOSED, {"signup": "closed", "has_invitation": True}, status=403)
    invitation = members.find_invitation(token)
    if invitation is None:
        return too_many_tries(request) if is_throttled(request) else _gone(request)
    if request.method != "POST":
        return _page(request, invitation, token, NewPersonForm())
    if request.user.is_authenticated:
        return _accept(request, request.user, token)
    if is_throttled(request):
        return too_many_tries(request)
    form = NewPersonForm(request.POST)
    return _create(request, invitation, token, form) if form.is_valid() else _page(request, invitation, token, form, status=422)


def _page(request: HttpRequest, invitation: Invitation, token: str, form: NewPersonForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "invitation": invitation,
        "form": form,
        "path": reverse("join", args=[token]),
        "proof": request.POST.get(invitation_mail.PROOF) or request.GET.get(invitation_mail.PROOF, ""),
        "services": [] if request.user.is_authenticated else social.providers(request),
    }
    return fresh(request, "accounts/join.html", context, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    """Expired, revoked, used and unknown look the same: what there was is nobody's business."""
    return fresh(request, "accounts/join_gone.html", {"days": members.INVITATION_DAYS}, status=410)


def _accept(request: HttpRequest, user: User, token: str) -> HttpResponse:
    membership = joining.join(token, user)
    if membership is None:
        return _gone(request)
    request.session[TEAM_KEY] = membership.team.slug
    words = {"team": membership.team.name, "role": membership.get_role_display()}
    messages.success(request, _("You are in %(team)s as %(role)s.") % words)
    return redirect("home")


def _create(request: HttpRequest, invitation: Invitation, token: str, form: NewPersonForm) -> HttpResponse:
    name, password = form.cleaned_data["name"], form.cleaned_data["password1"]
    is_proven = invitation_mail.came_by_mail(invitation, request.POST.get(invitation_mail.PROOF, ""))
    if settings.MAIL_CONFIGURED and not is_proven:
        return _create_unproven(request, invitation, token, name, password)
    try:
        membership = people.create_and_join(token, invitation.email, name, password, join=joining.join)
    except people.AddressTaken:
        form.add_error(None, _("There is an account for %(email)s. Sign in with it to join.") % {"email": invitation.email})
        return _page(request, invitation, token, form, status=422)
    if membership is None:
        return _gone(request)
    note_address(membership.user, is_verified=is_proven and settings.MAIL_CONFIGURED)
    request.session[TEAM_KEY] = membership.team.slug
    return enter(request, membership.user, "join")


def _create_unproven(request: HttpRequest, invitation: Invitation, token: str, name: str, password: str) -> HttpResponse:
    """A copied link proves no mailbox: a code goes there first, and the answer is the same for an address that has an account."""
    try:
        person = people.create(invitation.email, name, password)
    except people.AddressTaken:
        answer: HttpResponse = prevent_enumeration(request, email=invitation.email)
        return answer
    note_address(person, is_verified=False)
    back = reverse("join", args=[token])
    answer = perform_login(request, Login(user=person, email=person.email, signup=True, redirect_url=back))
    return answer
