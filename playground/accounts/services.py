"""The only writer of people, teams, memberships, keys and sign-in links."""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext as _

from playground.accounts import access, audit, keyring
from playground.accounts.audit import Action
from playground.accounts.errors import AccountsError as AccountsError
from playground.accounts.keyring import KeySettings
from playground.accounts.models import ApiKey, Membership, Mode, Role, SignInLink, Team, User
from playground.core import clock, ids

SIGN_IN_LINK_MINUTES = 30
LONGEST_TEAM_NAME = 80


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
        # Whoever is here first runs the installation, and pays its providers.
        user = User.objects.create_user(email, password, name=name, is_superuser=not User.objects.exists())
    elif password:
        user.set_password(password)
        user.save(update_fields=["password"])
    _membership, is_new = Membership.objects.update_or_create(user=user, team=team, defaults={"role": Role.OWNER})
    if is_new:
        audit.record(Action.JOINED, team=team, subject=user.email, role=Role.OWNER)
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


def new_team(name: str, owner: User) -> Team:
    """A team of this person's own. Raises AccountsError."""
    with transaction.atomic():
        team = Team.objects.create(slug=_free_slug(checked_team_name(name)), name=name.strip())
        Membership.objects.create(user=owner, team=team, role=Role.OWNER)
        audit.record(Action.TEAM_CREATED, team=team, subject=team.name, by=audit.person(owner))
    return team


def rename_team(team: Team, name: str) -> None:
    """The slug stays: programs and links name it. Raises AccountsError."""
    name, before = checked_team_name(name), team.name
    if name == before:
        return
    with transaction.atomic():
        team.name = name
        team.save(update_fields=["name"])
        audit.record(Action.TEAM_RENAMED, team=team, subject=name, before=before)


def checked_team_name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_TEAM_NAME:
        raise AccountsError(_("A team's name has 1 to %(most)s characters.") % {"most": LONGEST_TEAM_NAME})
    return name


def _free_slug(name: str) -> str:
    wanted = slugify(name)[:40] or "team"
    taken = set(Team.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for number in itertools.count(1) if (slug := wanted if number == 1 else f"{wanted}-{number}") not in taken)


def end_sessions(user: User) -> None:
    """Every browser in which this person is signed in has to sign in again."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)


# --- keys -----------------------------------------------------------------------------------------------------------
def create_key(
    *,
    team: Team,
    mode: Mode,
    name: str = "",
    created_by: User | None = None,
    expires_at: datetime | None = None,
    wanted: KeySettings | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown once and cannot be read again. `wanted` says all of it. Raises AccountsError."""
    kept = keyring.checked(wanted or KeySettings(name, expires_at=expires_at))
    secret = ids.new_secret(f"sk-{mode}-")
    with transaction.atomic():
        key = ApiKey.objects.create(
            team=team,
            created_by=created_by,
            mode=mode,
            prefix=secret[: keyring.KEPT_PREFIX],
            suffix=secret[-4:],
            secret_hash=ids.hash_secret(secret),
            **asdict(kept),
        )
        audit.record(Action.KEY_CREATED, team=team, subject=kept.name, mode=mode, prefix=key.prefix, scope=kept.scope)
    return key, secret


def revoke_key(key: ApiKey) -> bool:
    """End a key with all of its secrets; False if it was revoked before. Other processes may know it for a second more."""
    with transaction.atomic():
        if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
            return False
        audit.record(Action.KEY_REVOKED, team=key.team_id, subject=key.name, prefix=key.prefix)
    access.forget_keys()
    return True


# --- links ----------------------------------------------------------------------------------------------------------
def create_sign_in_link(user: User) -> str:
    """The token of a fresh link; the caller builds the URL."""
    token = ids.new_secret()
    expires_at = clock.now() + timedelta(minutes=SIGN_IN_LINK_MINUTES)
    with transaction.atomic():
        SignInLink.objects.create(user=user, token_hash=ids.hash_secret(token), expires_at=expires_at)
        audit.record_about(user, Action.SIGN_IN_LINK_MADE)
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
