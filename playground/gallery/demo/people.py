"""The demo team: people, keys, credits, and budgets near their ends."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from playground.accounts import audit, members, people, services
from playground.accounts.models import ApiKey, Membership, Mode, Role, Team, User
from playground.core import ids
from playground.credits import budgets, joining, sums
from playground.credits import services as ledger
from playground.credits.budgets import Subject
from playground.credits.models import Period

TEAM, SLUG, DOMAIN = "Northlight Studio", "northlight-studio", "northlight.example"
PEOPLE = (
    ("Mara Kovač", "mara", Role.OWNER),
    ("Jonas Okafor", "jonas", Role.ADMIN),
    ("Aiko Tan", "aiko", Role.MEMBER),
    ("Lena Fischer", "lena", Role.MEMBER),
    ("Tom Brandt", "tom", Role.VIEWER),
)
MODES: tuple[Mode, ...] = ("test", "live")
# Per cent of a month's budget that are used, for the team and the first members.
USED = (62, 71, 88, 46)


@dataclass(frozen=True, slots=True)
class Cast:
    """In the order of PEOPLE; one key per mode."""

    team: Team
    members: list[Membership]
    keys: dict[str, ApiKey]

    @property
    def owner(self) -> User:
        return self.members[0].user


def gather() -> Cast:
    """A team of its own beside those that are there. People who exist from an earlier time join this one, too."""
    taken = set(Team.objects.filter(slug__startswith=SLUG).values_list("slug", flat=True))
    slug = next(slug for number in itertools.count(1) if (slug := SLUG if number == 1 else f"{SLUG}-{number}") not in taken)
    (name, local, _), *others = PEOPLE
    with audit.acting_as(audit.COMMAND_LINE):
        made = services.create_owner(email=f"{local}@{DOMAIN}", team_slug=slug, name=name)
        services.rename_team(made.team, TEAM)
    owner = Membership.objects.select_related("user", "team").get(team=made.team, user=made.user)
    with audit.acting_as(audit.person(made.user)):
        memberships = [owner, *(_join(owner, name, f"{local}@{DOMAIN}", role) for name, local, role in others)]
        members.invite(owner, email=f"noah@{DOMAIN}", role=Role.MEMBER)
        keys = {
            "live": services.create_key(team=made.team, name="production", mode="live", created_by=memberships[0].user)[0],
            "test": services.create_key(team=made.team, name="render farm", mode="test", created_by=memberships[1].user)[0],
        }
    return Cast(made.team, memberships, keys)


def _join(owner: Membership, name: str, email: str, role: str) -> Membership:
    token = members.invite(owner, email=email, role=role).token
    known = User.objects.filter(email=email).first()
    if known:
        joined = joining.join(token, known)
    else:
        joined = people.create_and_join(token, email, name, ids.new_secret(), join=joining.join)
    assert joined is not None
    return Membership.objects.select_related("user", "team").get(pk=joined.pk)


def fill_purses(cast: Cast, millicredits: int) -> None:
    """What was bought: the pack that all of the story is paid from, in either mode."""
    for mode in MODES:
        ledger.grant(team=cast.team, mode=mode, millicredits=millicredits, note="Pack of credits", actor=cast.owner)


def set_budgets(cast: Cast) -> None:
    """By what was used: they stand where they stand on any day of any month."""
    with audit.acting_as(audit.person(cast.owner)):
        for mode in MODES:
            account_id = ledger.account_id_for(cast.team.pk, mode)
            persons = [Subject.member(one.user_id) for one in cast.members[: len(USED) - 1]]
            subjects = [Subject.team(), *persons, Subject.key(cast.keys[mode].pk)]
            for subject, percent in zip(subjects, (*USED, 12), strict=True):
                used = sums.used_in_period(account_id, subject.kind, subject.id, Period.MONTH)
                # The next whole hundred of credits: a little less than the percentage.
                limit = (max(used, 1000) * 100 // percent // 100_000 + 1) * 100_000
                budgets.set_budget(team=cast.team, mode=mode, subject=subject, period=Period.MONTH, limit_millicredits=limit)
