"""How tests sign in: by the doors that people use."""

from __future__ import annotations

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.conf import LazySettings
from django.test import Client

from playground.accounts.models import AuditEvent, Membership, User
from tests.factories import make_owner

PASSWORD = "correct horse battery"


def make_person(email: str = "alice@example.com", team_slug: str = "northlight", *, is_proven: bool = True) -> Membership:
    """An owner with a password, and an address that counts as proven."""
    membership = make_owner(email, team_slug)
    membership.user.set_password(PASSWORD)
    membership.user.save()
    EmailAddress.objects.create(user=membership.user, email=email, primary=True, verified=is_proven)
    return membership


def sign_in(client: Client, email: str = "alice@example.com", password: str = PASSWORD) -> str:
    """Where the sign-in page leads to."""
    response = client.post("/login", {"login": email, "password": password})
    assert response.status_code == 302, response.text
    return str(response["Location"])


def is_signed_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def confirm(client: Client) -> None:
    """Give the password again, as changes of how one signs in want it."""
    assert client.post("/account/confirm", {"password": PASSWORD}).status_code == 302


def totp_code(secret: str, steps: int = 0) -> str:
    value: str = auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30 + steps))
    return value


def add_app(user: User) -> str:
    """The secret of a new authenticator app."""
    secret: str = auth.generate_totp_secret()
    auth.TOTP.activate(user, secret)
    return secret


def ways_in_the_log() -> list[str]:
    return [event.detail["way"] for event in AuditEvent.objects.filter(action="sign_in").order_by("pk")]


def has_factor(user: User, kind: str) -> bool:
    return Authenticator.objects.filter(user=user, type=kind).exists()


@pytest.fixture
def mail(settings: LazySettings) -> None:
    """The installation has a mail server."""
    settings.MAIL_CONFIGURED = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_LOGIN_BY_CODE_ENABLED = True
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
