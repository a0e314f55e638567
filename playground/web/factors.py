"""Second factors: what allauth asks about our passkeys and authenticator apps."""

from __future__ import annotations

import base64
import os
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playground.accounts.models import User
from playground.core.sealing import Unreadable, seal, unseal

LABEL = "second factor"
# What each way of signing in is called in the audit log, which is kept in English.
WORDS = {
    "password": "password",
    "code": "code by mail",
    "link": "sign-in link",
    "setup": "set-up link",
    "join": "invitation",
    "totp": "authenticator app",
    "webauthn": "passkey",
    "recovery_codes": "recovery code",
}


class FactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": gettext_lazy("This code is not right.")}

    def encrypt(self, text: str) -> str:
        return seal(text, secret_key=settings.SECRET_KEY, label=LABEL)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(encrypted_text, secret_key=settings.SECRET_KEY, label=LABEL)
        except Unreadable:
            # A secret that nobody has, rather than an empty one that everybody has.
            return base64.b32encode(os.urandom(20)).decode()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1} if count else _("Passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the host that people use, whatever name a request came by."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "localhost", "name": settings.SITE_NAME}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        return super().get_public_key_credential_user_entity(user) | {"display_name": str(user)}


def factors_of(user: User) -> dict[str, list[Authenticator]]:
    """The person's authenticators by kind: totp, webauthn, recovery_codes."""
    found: dict[str, list[Authenticator]] = {"totp": [], "webauthn": [], "recovery_codes": []}
    for authenticator in Authenticator.objects.filter(user_id=user.pk).order_by("created_at", "pk"):
        found[authenticator.type].append(authenticator)
    return found


def unused_codes(authenticators: list[Authenticator]) -> list[str]:
    found: list[str] = authenticators[0].wrap().get_unused_codes() if authenticators else []  # type: ignore[no-untyped-call]
    return found
