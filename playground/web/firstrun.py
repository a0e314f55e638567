"""What a fresh installation prints: how its owner gets in for the first time."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.urls import reverse

from playground.accounts import services
from playground.accounts.models import Membership, Role, User

FIRST_EMAIL = "owner@localhost"


def announce() -> str:
    """The sentences for the terminal. Makes the first owner and team if there is nobody.

    A fresh link comes with every start for as long as no owner can get in; later it would be a way in for everyone who
    can read the log. Safe to call twice: every call makes its own link.
    """
    if not User.objects.exists():
        services.create_owner(email=FIRST_EMAIL)
    address = f"{settings.SITE_NAME} is at {settings.PUBLIC_URL}"
    owners = _owners()
    if not owners or any(can_get_in(owner) for owner in owners):
        return address
    token = services.create_sign_in_link(owners[0])
    link = f"{settings.PUBLIC_URL}{reverse('setup')}?token={token}"
    return f"{address}\nSet it up here (once, within {services.SIGN_IN_LINK_MINUTES} minutes): {link}"


def is_open_for(user: User) -> bool:
    """Whether this person may still set the installation up."""
    owners = _owners()
    return user in owners and not any(can_get_in(owner) for owner in owners)


def can_get_in(user: User) -> bool:
    """By something of their own: a password, a passkey, a connected service."""
    return (
        user.has_usable_password()
        or Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists()
        or SocialAccount.objects.filter(user=user).exists()
    )


def _owners() -> list[User]:
    """The active ones; who runs the installation first."""
    owners = Membership.objects.filter(role=Role.OWNER, user__is_active=True).select_related("user").order_by("-user__is_superuser", "pk")
    return list(dict.fromkeys(membership.user for membership in owners))
