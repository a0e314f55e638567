"""What the Team page shows: members with what they spent, invitations, and the table of who may do what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from playground.accounts import members, permissions
from playground.accounts.models import Invitation, Membership, Role
from playground.accounts.permissions import Permission
from playground.web import monthly
from playground.web.context import shell_for
from playground.web.htmx import fresh
from playground.web.monthly import NOTHING, Spending, month_start

MOST_CREDITS = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """`roles` are those that the reader may give, empty where they may give none; `stays` says why somebody cannot go."""

    membership: Membership
    is_reader: bool
    spending: Spending
    roles: Sequence[Role]
    may_remove: bool
    stays: str


@dataclass(frozen=True, slots=True)
class Link:
    """An invitation just made. `url` is shown once, and empty where the link went out by mail."""

    invitation: Invitation
    url: str


class InviteForm(forms.Form):
    emails = forms.CharField(max_length=20_000, strip=True, error_messages={"required": gettext_lazy("Name at least one e-mail address.")})
    role = forms.ChoiceField(choices=Role.choices, initial=Role.MEMBER)
    budget = forms.DecimalField(required=False, min_value=Decimal("0.001"), max_value=MOST_CREDITS, decimal_places=3)


def given_roles(reader: Membership) -> list[Role]:
    """The roles that somebody may give to others."""
    if not permissions.allows(reader.role, Permission.MEMBERS):
        return []
    return [role for role in Role if role != Role.OWNER or permissions.allows(reader.role, Permission.OWNERS)]


def member_rows(request: HttpRequest, reader: Membership) -> list[MemberRow]:
    memberships = members.members_of(reader.team_id)
    account = shell_for(request).account
    spending = monthly.of_members(account.pk) if account else {}
    return [_row(membership, memberships, reader, spending.get(membership.user_id, NOTHING)) for membership in memberships]


def _row(membership: Membership, memberships: list[Membership], reader: Membership, spending: Spending) -> MemberRow:
    is_reader = membership.pk == reader.pk
    roles = given_roles(reader)
    is_above = membership.role not in roles
    return MemberRow(
        membership=membership,
        is_reader=is_reader,
        spending=spending,
        roles=[] if is_above else roles,
        may_remove=is_reader or bool(roles and not is_above),
        stays=members.last_owner_reason(memberships, membership),
    )


def team_page(request: HttpRequest, reader: Membership, *, status: int = 200, **changes: Any) -> HttpResponse:
    """The whole page. `changes`: form, refusals, links, problem, new_name."""
    may_invite = permissions.allows(reader.role, Permission.MEMBERS)
    context: dict[str, Any] = {
        "nav": "team",
        "form": InviteForm(),
        "rows": member_rows(request, reader),
        "month": month_start(),
        "roles": Role,
        "given_roles": given_roles(reader),
        "invitations": members.open_invitations(reader.team_id) if may_invite else [],
        "invitation_days": members.INVITATION_DAYS,
        "rules": [(rule.words, [role in rule.roles for role in Role]) for rule in permissions.TABLE.values()],
    }
    return fresh(request, "team/team.html", context | changes, status=status)
