"""Signing in by another service: who may come in that way, and as whom.

A service's account joins an existing person only if the service has verified the address and the person has proven it
here too. With one side alone, somebody could make an account with a stranger's address and wait for them to walk in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

from playground.accounts import members
from playground.accounts.models import User


class SocialAdapter(DefaultSocialAccountAdapter):
    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if not sociallogin.account._state.adding or sociallogin.state.get("process") == "connect":
            return
        verified = [address for address in sociallogin.email_addresses if address.verified]
        if not verified:
            raise ImmediateHttpResponse(_refused(request, sociallogin, "unverified"))
        if sociallogin._did_authenticate_by_email:
            return
        address = next((address for address in verified if address.primary), verified[0])
        address.email = address.email.lower()
        if User.objects.filter(email=address.email).exists():
            raise ImmediateHttpResponse(_refused(request, sociallogin, "exists"))
        sociallogin.email_addresses = [address]
        sociallogin.user.email = address.email

    def authenticate_by_email(self, sociallogin: Any) -> tuple[Any, str] | None:
        found = super().authenticate_by_email(sociallogin)
        if found is None or not EmailAddress.objects.filter(user_id=found[0].pk, email__iexact=found[1], verified=True).exists():
            return None
        return found

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        user = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        user.name = str(data.get("name") or " ".join(str(part) for part in parts if part) or "")[:120]
        return user

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Who comes from an invitation is invited; everybody else follows SIGNUP."""
        if settings.SIGNUP == "closed":
            return False
        return settings.SIGNUP == "open" or invitation_token(sociallogin.get_redirect_url(request)) is not None


def invitation_token(path: str | None) -> str | None:
    """The token of a usable invitation, if this is the path of its page."""
    try:
        match = resolve((path or "").partition("?")[0])
    except Resolver404:
        return None
    token = str(match.kwargs.get("token", ""))
    return token if match.url_name == "join" and members.find_invitation(token) else None


def providers(request: HttpRequest) -> list[Any]:
    """The services that the settings name."""
    found: list[Any] = get_adapter().list_providers(request)
    return found


def configured(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """404 for a service without settings."""

    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except SocialApp.DoesNotExist:
            raise Http404("No such service is set up.") from None

    return checked


def _refused(request: HttpRequest, sociallogin: Any, why: str) -> HttpResponse:
    return render(request, "accounts/social_refused.html", {"why": why, "service": sociallogin.provider.name}, status=403)
