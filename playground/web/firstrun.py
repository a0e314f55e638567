"""What a fresh installation prints: who the owner is and how to get in for the first time."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from playground.accounts import services
from playground.accounts.models import Membership, Role, User

FIRST_EMAIL = "owner@localhost"


def announce() -> str:
    """The sentences for the terminal. Makes the first owner and team if there is nobody.

    A fresh link comes with every start for as long as no owner has a password; later it would be a way in for
    everyone who can read the log. Safe to call twice: every call makes its own link.
    """
    if not User.objects.exists():
        services.create_owner(email=FIRST_EMAIL)
    owners = [membership.user for membership in Membership.objects.filter(role=Role.OWNER).select_related("user").order_by("pk")]
    active = [owner for owner in owners if owner.is_active]
    address = f"{settings.SITE_NAME} is at {settings.PUBLIC_URL}"
    if not active or any(owner.has_usable_password() for owner in active):
        return address
    token = services.create_sign_in_link(active[0])
    link = f"{settings.PUBLIC_URL}{reverse('sign-in-link', args=[token])}"
    return f"{address}\nSign in as {active[0].email} (once, within {services.SIGN_IN_LINK_MINUTES} minutes): {link}"
