"""The only writer of people, teams, memberships, keys and sign-in links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from playground.accounts.models import ApiKey, Membership, Role, SignInLink, Team, User
from playground.core import clock, ids

Mode = Literal["test", "live"]
SIGN_IN_LINK_MINUTES = 30


class AccountsError(Exception):
    """Something that a person can put right; the message is for them."""


@dataclass(frozen=True, slots=True)
class NewOwner:
    user: User
    team: Team
    is_new_user: bool
    is_new_team: bool


@transaction.atomic
def create_owner(*, email: str, password: str | None = None, team_slug: str = "", name: str = "") -> NewOwner:
    """Make (or find) a person and make them owner of a team. Safe to call twice; a given password replaces the old one."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise AccountsError(f"{email!r} is not an e-mail address.") from None
    team, is_new_team = _team_for_owner(team_slug)
    user = User.objects.filter(email=email).first()
    is_new_user = user is None
    if user is None:
        user = User.objects.create_user(email, password, name=name)
    elif password:
        user.set_password(password)
        user.save(update_fields=["password"])
    Membership.objects.update_or_create(user=user, team=team, defaults={"role": Role.OWNER})
    return NewOwner(user, team, is_new_user, is_new_team)


def _team_for_owner(slug: str) -> tuple[Team, bool]:
    if not slug:
        first = first_team()
        return (first, False) if first else (Team.objects.create(slug="first-team", name="First team"), True)
    if slugify(slug) != slug:
        raise AccountsError(f"{slug!r} is not a team slug: use lower-case letters, digits and hyphens.")
    return Team.objects.get_or_create(slug=slug, defaults={"name": slug.replace("-", " ").capitalize()})


def first_team() -> Team | None:
    return Team.objects.order_by("pk").first()


def team_by_slug(slug: str) -> Team:
    """The team with this slug, or the first one for an empty slug. Raises AccountsError."""
    team = Team.objects.filter(slug=slug).first() if slug else first_team()
    if team is None:
        raise AccountsError(f"There is no team {slug!r}." if slug else "There is no team yet: run create_owner first.")
    return team


def create_key(*, team: Team, name: str, mode: Mode, created_by: User | None = None) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown once and cannot be read again."""
    secret = ids.new_secret(f"sk-{mode}-")
    key = ApiKey.objects.create(
        team=team, created_by=created_by, name=name, mode=mode, prefix=secret[:14], secret_hash=ids.hash_secret(secret)
    )
    return key, secret


def create_sign_in_link(user: User) -> str:
    """The token of a fresh link; the caller builds the URL."""
    token = ids.new_secret()
    expires_at = clock.now() + timedelta(minutes=SIGN_IN_LINK_MINUTES)
    SignInLink.objects.create(user=user, token_hash=ids.hash_secret(token), expires_at=expires_at)
    return token


def find_sign_in_link(token: str) -> SignInLink | None:
    """The link if it can still be used; reading does not use it up."""
    return (
        SignInLink.objects.select_related("user")
        .filter(token_hash=ids.hash_secret(token), used_at=None, expires_at__gt=clock.now(), user__is_active=True)
        .first()
    )


def use_sign_in_link(token: str) -> User | None:
    """Use the link up. Of two that race one gets the person, the other None."""
    link = find_sign_in_link(token)
    if link is None or not SignInLink.objects.filter(pk=link.pk, used_at=None).update(used_at=clock.now()):
        return None
    return link.user
