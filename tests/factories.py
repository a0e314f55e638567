"""Objects for tests. Alice owns the first team, Bob is a member of it, Charlie owns another team."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from playground.accounts.models import Membership, Mode, Role, Team, User
from playground.accounts.services import create_key
from playground.core import clock
from playground.credits.services import account_for
from playground.jobs.creation import CreatedJob, NewJob, create_job

VEO = "google/veo-3-1"
KLING = "kling/kling-3-0"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = Sequence(lambda number: f"person{number}@example.com")
    name = Sequence(lambda number: f"Person {number}")


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team

    slug = Sequence(lambda number: f"team-{number}")
    name = Sequence(lambda number: f"Team {number}")


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = SubFactory(UserFactory)
    team = SubFactory(TeamFactory)
    role = Role.MEMBER
    # Like most requests: whoever was here a moment ago is not noted again.
    last_active_at = LazyFunction(clock.now)


def make_owner(email: str = "alice@example.com", team_slug: str = "northlight") -> Membership:
    """A person who owns a team with the usual test credits."""
    membership: Membership = MembershipFactory.create(
        user__email=email, user__name=email.split("@")[0].title(), team__slug=team_slug, team__name=team_slug.title(), role=Role.OWNER
    )
    account_for(membership.team_id, "test")
    return membership


@dataclass
class Personas:
    """Alice (owner) and Bob (member) share a team; Charlie owns another."""

    alice: Membership = field(default_factory=make_owner)
    bob: Membership = field(init=False)
    charlie: Membership = field(default_factory=lambda: make_owner("charlie@example.com", "elsewhere"))

    def __post_init__(self) -> None:
        self.bob = MembershipFactory.create(user__email="bob@example.com", user__name="Bob", team=self.alice.team, role=Role.MEMBER)


def make_key(membership: Membership, mode: Mode = "test", name: str = "test key") -> str:
    """The secret of a new API key of the membership's team."""
    return create_key(team=membership.team, name=name, mode=mode, created_by=membership.user)[1]


def new_job(membership: Membership, **changes: Any) -> NewJob:
    values: dict[str, Any] = {
        "team_id": membership.team_id,
        "mode": "test",
        "model_id": VEO,
        "payload": {"prompt": "A keyboard whose keys are made of candy", "aspect_ratio": "16:9", "duration": 5},
        "source": "web",
        "user_id": membership.user_id,
    }
    return NewJob(**(values | changes))


def make_job(membership: Membership, **changes: Any) -> CreatedJob:
    return create_job(new_job(membership, **changes))
