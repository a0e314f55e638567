"""What it means when somebody leaves a team or is taken out of it, told before it is done."""

from __future__ import annotations

from dataclasses import dataclass

from playground.accounts import members
from playground.accounts.models import ApiKey, Membership
from playground.jobs import queries


@dataclass(frozen=True, slots=True)
class Leaving:
    """`stays` says why the member cannot go, or is empty."""

    member: Membership
    is_oneself: bool
    keys: int
    has_jobs: bool
    stays: str


def leaving_of(reader: Membership, member: Membership) -> Leaving:
    keys = ApiKey.objects.filter(team_id=member.team_id, created_by_id=member.user_id, revoked_at=None)
    return Leaving(
        member=member,
        is_oneself=reader.pk == member.pk,
        keys=keys.count(),
        has_jobs=queries.has_jobs(member.team_id, user_id=member.user_id),
        stays=members.last_owner_reason(members.members_of(member.team_id), member),
    )
