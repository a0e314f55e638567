"""Joining a team by an invitation that carries a budget: accounts know no budgets, so both are done here."""

from __future__ import annotations

from django.db import transaction

from playground.accounts import audit, members
from playground.accounts.models import Membership, User
from playground.credits.budgets import Subject, set_budget
from playground.credits.models import Period


@transaction.atomic
def join(token: str, user: User) -> Membership | None:
    """Accept an invitation; its budget becomes the new member's, of live credits a month. None as `members.accept` says.

    Somebody who is in the team already keeps the role and the budgets they have.
    """
    invitation = members.find_invitation(token)
    if invitation is None:
        return None
    was_member = Membership.objects.filter(user=user, team_id=invitation.team_id).exists()
    membership = members.accept(token, user)
    limit = invitation.budget_millicredits
    if membership is not None and not was_member and limit:
        with audit.acting_as(audit.person(user)):
            subject = Subject.member(user.pk)
            # Who comes back may have spent more this month: the budget is what the invitation said all the same.
            set_budget(team=membership.team, mode="live", subject=subject, period=Period.MONTH, limit_millicredits=limit, confirmed=True)
    return membership
