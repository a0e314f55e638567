"""What allauth tells of people signing in and changing how they do, as lines of the audit log."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext

from playground.accounts import audit, services
from playground.accounts.audit import Action
from playground.accounts.models import User
from playground.web import social as services_in
from playground.web.factors import WORDS


@receiver(account.user_logged_in)
def signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    ways = [_way(record) for record in get_authentication_records(request, user)]
    audit.record_about(user, Action.SIGNED_IN, by=audit.person(user), way=", then ".join(dict.fromkeys(ways)) or "unknown")


def _way(record: dict[str, Any]) -> str:
    method = str(record.get("type") if record.get("method") == "mfa" else record.get("provider") or record.get("method"))
    return WORDS.get(method, method)


@receiver([account.password_set, account.password_changed, account.password_reset])
def password_was_set(user: User, **_: Any) -> None:
    audit.record_about(user, Action.PASSWORD_SET, by=audit.person(user))


@receiver(account.email_changed)
def email_was_changed(user: User, from_email_address: EmailAddress | None, **_: Any) -> None:
    user.refresh_from_db(fields=["email"])
    before = from_email_address.email if from_email_address else ""
    audit.record_about(user, Action.EMAIL_CHANGED, before=before)


@receiver(account.user_signed_up)
def signed_up(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Who comes by an invitation joins its team; everybody else begins with a team of their own."""
    login = kwargs.get("sociallogin")
    path = login.get_redirect_url(request) if login else request.POST.get("next")
    if settings.SIGNUP == "open" and services_in.invitation_token(path) is None:
        services.new_team(gettext("%(name)s’s team") % {"name": str(user).partition("@")[0][:60]}, user)


@receiver([mfa.authenticator_added, mfa.authenticator_reset])
def factor_was_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    audit.record_about(user, Action.FACTOR_ADDED, factor=_factor(authenticator))


@receiver(mfa.authenticator_removed)
def factor_was_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    audit.record_about(user, Action.FACTOR_REMOVED, factor=_factor(authenticator))


def _factor(authenticator: Authenticator) -> str:
    return "recovery codes" if authenticator.type == Authenticator.Type.RECOVERY_CODES else WORDS[authenticator.type]


@receiver(social.social_account_added)
def service_was_connected(sociallogin: Any, **_: Any) -> None:
    user = sociallogin.user
    audit.record_about(user, Action.SERVICE_CONNECTED, by=audit.person(user), service=str(sociallogin.account.provider))


@receiver(social.social_account_removed)
def service_was_disconnected(socialaccount: Any, **_: Any) -> None:
    audit.record_about(socialaccount.user, Action.SERVICE_DISCONNECTED, service=str(socialaccount.provider))
