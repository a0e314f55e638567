"""Inviting people, and what can still be done with an invitation until it is used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from playground.accounts import members
from playground.accounts.members import Invited, NotAllowed, NotInvited
from playground.accounts.models import Invitation, Membership
from playground.accounts.permissions import Permission
from playground.accounts.services import AccountsError
from playground.core.money import to_millicredits
from playground.web import invitation_mail
from playground.web.access import allowed, status_of_refusal
from playground.web.team_page import InviteForm, Link, team_page

_NAMED = re.compile(r"[^<>,;\n]*<([^<>]*)>")


@require_POST
@allowed(Permission.MEMBERS)
def invite(request: HttpRequest, membership: Membership) -> HttpResponse:
    """All addresses or none. The links stand on the answer itself, once, where no mail goes out."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return team_page(request, membership, status=422, form=form)
    budget = form.cleaned_data["budget"]
    try:
        invited = members.invite_several(
            membership,
            addresses_in(form.cleaned_data["emails"]),
            role=form.cleaned_data["role"],
            budget_millicredits=None if budget is None else to_millicredits(budget),
        )
    except NotAllowed as error:
        form.add_error("role", str(error))
        return team_page(request, membership, status=403, form=form)
    except NotInvited as error:
        for refusal in error.refusals:
            form.add_error("emails", refusal)
        return team_page(request, membership, status=422, form=form)
    return team_page(request, membership, links=_links(invited))


def addresses_in(text: str) -> list[str]:
    """Separated by anything that people separate them by, also as `Bob Miller <bob@example.com>`."""
    named = _NAMED.sub(r"\n\1\n", text)
    return [address for address in re.split(r"[\s,;]+", named) if address]


def _links(invited: Sequence[Invited]) -> list[Link]:
    return [_link(one) for one in invited]


def _link(invited: Invited) -> Link:
    url = f"{settings.PUBLIC_URL}{reverse('join', args=[invited.token])}"
    is_sent = invitation_mail.send(invited.invitation, url)
    return Link(invited.invitation, "" if is_sent else url)


@require_POST
@allowed(Permission.MEMBERS)
def renew(request: HttpRequest, membership: Membership, invitation_id: UUID) -> HttpResponse:
    try:
        invited = members.renew_invitation(membership, _invitation(membership, invitation_id))
    except AccountsError as error:
        return team_page(request, membership, status=status_of_refusal(error), problem=str(error))
    return team_page(request, membership, links=[_link(invited)])


@require_POST
@allowed(Permission.MEMBERS)
def revoke(request: HttpRequest, membership: Membership, invitation_id: UUID) -> HttpResponse:
    invitation = _invitation(membership, invitation_id)
    try:
        members.revoke_invitation(membership, invitation)
    except AccountsError as error:
        return team_page(request, membership, status=422, problem=str(error))
    words = _("The invitation of %(email)s was taken back. Its link no longer works.")
    messages.success(request, words % {"email": invitation.email})
    return redirect("team")


def _invitation(membership: Membership, invitation_id: UUID) -> Invitation:
    try:
        return members.invitation_of(membership.team_id, invitation_id)
    except Invitation.DoesNotExist:
        raise Http404("There is no such invitation.") from None
