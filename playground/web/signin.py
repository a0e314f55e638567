"""Signing in: allauth's views and flows under our pages, words, throttle and rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import EmailAddress, Login
from allauth.account.views import LoginView
from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy

from playground.accounts.addresses import client_address
from playground.accounts.models import User
from playground.web import outgoing

THROTTLE_SECONDS = 60
METHODS = ("GET", "HEAD", "POST")


class AccountAdapter(DefaultAccountAdapter):
    """Invited people only unless SIGNUP says otherwise, links made from PUBLIC_URL, mail through the queue."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": gettext_lazy("This e-mail and password do not belong together."),
        "too_many_login_attempts": gettext_lazy("Too many tries. Wait a few minutes and try again."),
        "incorrect_code": gettext_lazy("This code is not right."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "enter_current_password": gettext_lazy("This is not your password."),
        "rate_limited": gettext_lazy("This came too often. Wait a moment and try again."),
        "email_taken": gettext_lazy("Somebody here has this address."),
        "same_as_current": gettext_lazy("This is your address already."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP == "open")

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """No greetings: being on the page says that it worked. Only what went wrong is said."""
        if kwargs.get("message"):
            super().add_message(request, level, *args, **kwargs)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data.get("name", "") or user.name
        return super().save_user(request, user, form, commit)

    def is_safe_url(self, url: str | None) -> bool:
        """Our own pages only: also no other host that we answer to."""
        return bool(url) and str(url).startswith("/") and url_has_allowed_host_and_scheme(str(url), allowed_hosts=None)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.PUBLIC_URL}{path.replace('UID-KEY', key)}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The same work whoever it is for: written here, sent by the queue."""
        addresses = {name: f"{settings.PUBLIC_URL}{reverse(name)}" for name in ("account_signup", "account_reset_password", "sign-in")}
        words = {**context, "email": email, "site_name": settings.SITE_NAME, "urls": addresses, "signup": settings.SIGNUP}
        message: EmailMessage = self.render_mail(template_prefix, email, words)
        if outgoing.is_possible():
            outgoing.post(message)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return f"{client_address(request)}:{str(credentials.get('email', '')).lower()}"


def enter(request: HttpRequest, user: User, way: str, *, to: str = "") -> HttpResponse:
    """Sign somebody in who came by one of our links. A second factor is asked for as behind a password."""
    record_authentication(request, user, method=way)
    # Whoever holds the link was given it by the server or a mail: an unproven address keeps nobody out here.
    login = Login(user=user, email_verification="none", redirect_url=to or reverse("home"))
    response: HttpResponse = perform_login(request, login)
    return response


def note_address(user: User, *, is_verified: bool) -> None:
    """Keep whether the person's address is proven; never the other way round."""
    address, _ = EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True, "verified": is_verified})
    if is_verified and not address.verified:
        address.verified = True
        address.save(update_fields=["verified"])


# --- throttle -------------------------------------------------------------------------------------------------------
def is_throttled(request: HttpRequest) -> bool:
    """Count a try from this address; True when there were too many in the running minute. Shared by all processes."""
    key = f"sign-in:{client_address(request)}"
    cache.add(key, 0, THROTTLE_SECONDS)
    try:
        return cache.incr(key) > settings.SIGN_INS_PER_MINUTE
    except ValueError:
        # It expired between the two calls: a new minute has begun.
        return False


def too_many_tries(request: HttpRequest) -> HttpResponse:
    response = render(request, "accounts/too_many.html", {"seconds": THROTTLE_SECONDS}, status=429)
    response["Retry-After"] = str(THROTTLE_SECONDS)
    return response


def entrance(view: Callable[..., HttpResponseBase], *, by_mail: bool = False) -> Callable[..., HttpResponseBase]:
    """One of allauth's views as a page of ours: throttled by address, 422 for a refused form, kept by nobody.

    `by_mail` pages are there only when mail can be sent.
    """

    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if by_mail and not outgoing.is_possible():
            return render(request, "accounts/no_mail.html", status=404)
        if request.method == "POST" and not request.user.is_authenticated and is_throttled(request):
            return too_many_tries(request)
        response = view(request, *args, **kwargs)
        if request.method == "POST" and isinstance(response, TemplateResponse) and response.status_code == 200:
            # So that a refused code is not a success to caches, tests and screen readers' page titles.
            response.status_code = 422
        add_never_cache_headers(response)
        return response

    return page


class SignInView(LoginView):
    template_name = "accounts/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"services": get_adapter().list_providers(self.request), "mail": outgoing.is_possible(), "signup": settings.SIGNUP}
        context: dict[str, Any] = super().get_context_data(**kwargs) | more
        return context


sign_in = entrance(SignInView.as_view())
