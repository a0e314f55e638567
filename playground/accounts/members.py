"""The only writer of memberships and invitations: joining a team, changing roles, leaving.

Every change locks the team's memberships first, so that two owners who demote each other leave one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts import audit, permissions
from playground.accounts.audit import Action
from playground.accounts.models import ApiKey, Invitation, Membership, Role, Team, User
from playground.accounts.permissions import Permission
from playground.accounts.services import AccountsError, end_sessions, revoke_key
from playground.core import clock, ids

INVITATION_DAYS = 7
MOST_OPEN_INVITATIONS = 200
MOST_AT_ONCE = 50


class NotAllowed(AccountsError):
    """The role does not allow it; the message names the role that does."""


class LastOwner(AccountsError):
    """A team without an owner would be nobody's."""


class NotInvited(AccountsError):
    """Nobody was invited; `refusals` says why, a sentence each."""

    def __init__(self, refusals: Sequence[str]) -> None:
        super().__init__(" ".join(refusals))
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Invited:
    """`token` is shown or sent once; the caller builds the URL."""

    invitation: Invitation
    token: str


def require(membership: Membership, permission: Permission) -> None:
    if not permissions.allows(membership.role, permission):
        raise NotAllowed(permissions.refusal(membership, permission))


# --- invitations ----------------------------------------------------------------------------------------------------
@transaction.atomic
def invite(by: Membership, *, email: str, role: str = Role.MEMBER, budget_millicredits: int | None = None) -> Invited:
    """Invite an address into the team; an open invitation of the same address is replaced. Raises AccountsError.

    Whether the address has an account is neither asked nor told.
    """
    require(by, Permission.MEMBERS)
    if role not in Role.values:
        raise AccountsError(_("There is no such role."))
    _require_owner_for(by, role)
    email = checked_email(email)
    if budget_millicredits is not None and budget_millicredits <= 0:
        raise AccountsError(_("A budget is more than nothing; leave it out for none."))
    memberships = _locked(by.team_id)
    if any(membership.user.email == email for membership in memberships):
        raise AccountsError(_("%(email)s is in the team already.") % {"email": email})
    open_ones = Invitation.objects.filter(team=by.team, accepted_at=None, revoked_at=None)
    if open_ones.exclude(email=email).filter(expires_at__gt=clock.now()).count() >= MOST_OPEN_INVITATIONS:
        raise AccountsError(_("%(count)s invitations are open. Revoke some first.") % {"count": MOST_OPEN_INVITATIONS})
    open_ones.filter(email=email).update(revoked_at=clock.now())
    token = ids.new_secret()
    invitation = Invitation.objects.create(
        team=by.team,
        email=email,
        role=role,
        budget_millicredits=budget_millicredits,
        token_hash=ids.hash_secret(token),
        invited_by=by.user,
        expires_at=clock.now() + timedelta(days=INVITATION_DAYS),
    )
    audit.record(Action.INVITED, team=by.team, subject=email, role=role, budget_millicredits=budget_millicredits)
    return Invited(invitation, token)


def invite_several(by: Membership, emails: Sequence[str], *, role: str, budget_millicredits: int | None = None) -> list[Invited]:
    """Invite all of them or none. Raises NotInvited with a sentence for every address that cannot be invited."""
    if not emails:
        raise NotInvited([_("Name at least one e-mail address.")])
    if len(emails) > MOST_AT_ONCE:
        raise NotInvited([_("At most %(count)s people can be invited at once.") % {"count": MOST_AT_ONCE}])
    invited, refusals = [], []
    with transaction.atomic():
        for email in dict.fromkeys(email.strip().lower() for email in emails):
            try:
                invited.append(invite(by, email=email, role=role, budget_millicredits=budget_millicredits))
            except NotAllowed:
                raise
            except AccountsError as error:
                refusals.append(str(error))
        if refusals:
            raise NotInvited(refusals)
    return invited


@transaction.atomic
def renew_invitation(by: Membership, invitation: Invitation) -> Invited:
    """A new link, good for the full time again; the old one ends. Raises AccountsError."""
    require(by, Permission.MEMBERS)
    _require_owner_for(by, invitation.role)
    token = ids.new_secret()
    changes = {"token_hash": ids.hash_secret(token), "expires_at": clock.now() + timedelta(days=INVITATION_DAYS)}
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(**changes):
        raise AccountsError(_("The invitation was used or taken back in the meantime."))
    audit.record(Action.INVITATION_RENEWED, team=by.team, subject=invitation.email)
    invitation.refresh_from_db()
    return Invited(invitation, token)


@transaction.atomic
def revoke_invitation(by: Membership, invitation: Invitation) -> None:
    """Take an invitation back. Raises AccountsError when it was used already."""
    require(by, Permission.MEMBERS)
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=clock.now()):
        raise AccountsError(_("The invitation was used or taken back in the meantime."))
    audit.record(Action.INVITATION_REVOKED, team=by.team, subject=invitation.email)


def find_invitation(token: str) -> Invitation | None:
    """The invitation if it can still be used; reading does not use it up."""
    found = Invitation.objects.select_related("team", "invited_by").filter(token_hash=ids.hash_secret(token)).first()
    return found if found is not None and found.is_open else None


@transaction.atomic
def accept(token: str, user: User) -> Membership | None:
    """Join the team; None when the link cannot be used (any more). Of two who race with one link, one joins.

    Somebody who is in the team already keeps the role they have.
    """
    invitation = find_invitation(token)
    if invitation is None:
        return None
    used = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(accepted_at=clock.now(), accepted_by=user)
    if not used:
        return None
    membership, is_new = Membership.objects.get_or_create(user=user, team=invitation.team, defaults={"role": invitation.role})
    if is_new:
        who, detail = audit.person(user), {"role": membership.role, "invited": invitation.email}
        audit.record(Action.JOINED, team=invitation.team, subject=user.email, by=who, **detail)
    return membership


# --- members --------------------------------------------------------------------------------------------------------
@transaction.atomic
def change_role(by: Membership, member_id: int, role: str) -> Membership:
    """Give a member of the same team another role. Raises AccountsError; DoesNotExist for somebody else's member."""
    require(by, Permission.MEMBERS)
    if role not in Role.values:
        raise AccountsError(_("There is no such role."))
    memberships = _locked(by.team_id)
    member = _one(memberships, member_id)
    _require_owner_for(by, member.role, role)
    before = member.role
    if role == before:
        return member
    if before == Role.OWNER and _owners(memberships) == 1:
        raise LastOwner(_("The team needs an owner: make somebody else an owner first."))
    member.role = role
    member.save(update_fields=["role"])
    audit.record(Action.ROLE_CHANGED, team=by.team, subject=member.user.email, before=before, role=role)
    return member


@transaction.atomic
def remove(by: Membership, member_id: int) -> User:
    """Take somebody out of the team, or leave it. Takes stay with the team; keys and sessions end at once.

    Raises AccountsError; DoesNotExist for somebody else's member.
    """
    memberships = _locked(by.team_id)
    member = _one(memberships, member_id)
    require_removal(by, member)
    is_leaving = member.user_id == by.user_id
    if member.role == Role.OWNER and _owners(memberships) == 1:
        raise LastOwner(_("The last owner cannot leave: make somebody else an owner first."))
    for key in ApiKey.objects.filter(team_id=by.team_id, created_by_id=member.user_id, revoked_at=None):
        revoke_key(key)
    user = member.user
    member.delete()
    end_sessions(user)
    audit.record(Action.LEFT if is_leaving else Action.REMOVED, team=by.team, subject=user.email, role=member.role)
    return user


def require_removal(by: Membership, member: Membership) -> None:
    """Raises NotAllowed where the role does not allow it. Anybody may leave."""
    if member.user_id != by.user_id:
        require(by, Permission.MEMBERS)
        _require_owner_for(by, member.role)


def last_owner_reason(memberships: list[Membership], member: Membership) -> str:
    """Why this member cannot go, or ""."""
    is_last = member.role == Role.OWNER and _owners(memberships) == 1
    return _("The last owner cannot leave. Make somebody else an owner first.") if is_last else ""


def open_invitations(team_id: int) -> list[Invitation]:
    """What was sent and neither used nor taken back, the newest first; also what has expired, since it can be renewed."""
    invitations = Invitation.objects.filter(team_id=team_id, accepted_at=None, revoked_at=None)
    return list(invitations.select_related("invited_by").order_by("-created_at", "pk")[:MOST_OPEN_INVITATIONS])


def invitation_of(team_id: int, invitation_id: UUID) -> Invitation:
    """One of the team's open invitations. Raises DoesNotExist, also for another team's."""
    return Invitation.objects.select_related("team").get(pk=invitation_id, team_id=team_id, accepted_at=None, revoked_at=None)


def member_of(team_id: int, member_id: int) -> Membership:
    """Raises DoesNotExist, also for another team's."""
    return Membership.objects.select_related("user", "team").get(pk=member_id, team_id=team_id)


def members_of(team_id: int) -> list[Membership]:
    return list(Membership.objects.filter(team_id=team_id).select_related("user", "team").order_by("joined_at", "pk"))


def checked_email(email: str) -> str:
    """In lower case. Raises AccountsError."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise AccountsError(_("%(email)r is not an e-mail address.") % {"email": email[:120]}) from None
    return email


def _locked(team_id: int) -> list[Membership]:
    # The team's row is the lock: it is there even while its memberships come and go.
    Team.objects.select_for_update().get(pk=team_id)
    return members_of(team_id)


def _one(memberships: list[Membership], member_id: int) -> Membership:
    for membership in memberships:
        if membership.pk == member_id:
            return membership
    raise Membership.DoesNotExist


def _owners(memberships: list[Membership]) -> int:
    return sum(membership.role == Role.OWNER for membership in memberships)


def _require_owner_for(by: Membership, *roles: str) -> None:
    if Role.OWNER in roles:
        require(by, Permission.OWNERS)
