"""The person's own page, one-time links, signing out, and the password."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.logout import logout
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.accounts import people, services
from playground.accounts.models import User
from playground.web import social
from playground.web.access import to_sign_in
from playground.web.account_forms import NameForm, NewEmailForm
from playground.web.factors import factors_of, unused_codes
from playground.web.htmx import fresh
from playground.web.signin import enter, is_throttled, too_many_tries


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button and changes nothing, so that a mail scanner's visit does not use the link up; POST does."""
    link = services.find_sign_in_link(token)
    # Only a wrong token counts as a try, so opening one's own link twice is never held against anybody.
    if link is None and is_throttled(request):
        return too_many_tries(request)
    user = services.use_sign_in_link(token) if link and request.method == "POST" else None
    if user is not None:
        return enter(request, user, "link")
    if link is None or request.method == "POST":
        return render(request, "accounts/link_gone.html", {"minutes": services.SIGN_IN_LINK_MINUTES}, status=410)
    return render(request, "accounts/link.html", {"person": link.user})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Also out of a sign-in that waits for a code."""
    logout(request)
    return redirect("sign-in")


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return to_sign_in(request)
    return _account_page(request, request.user, NameForm(initial={"name": request.user.name}))


def _account_page(request: HttpRequest, user: User, form: NameForm, status: int = 200) -> HttpResponse:
    factors = factors_of(user)
    address = EmailAddress.objects.filter(user=user, email=user.email).first()
    codes = unused_codes(factors["recovery_codes"])
    context: dict[str, Any] = {
        "form": form,
        "is_verified": bool(address and address.verified),
        "mail": settings.MAIL_CONFIGURED,
        "passkeys": factors["webauthn"],
        "has_app": bool(factors["totp"]),
        "has_codes": bool(factors["recovery_codes"]),
        "codes_left": len(codes),
        "services": social.providers(request),
        "connected": list(user.socialaccount_set.order_by("pk")),
    }
    return fresh(request, "accounts/account.html", context, status=status)


@require_POST
def rename(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return to_sign_in(request)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _account_page(request, request.user, form, status=422)
    people.rename(request.user, form.cleaned_data["name"])
    messages.success(request, _("Name saved."))
    return redirect("account")


@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return to_sign_in(request)
    people.sign_out_everywhere(request.user)
    logout(request)
    return redirect("sign-in")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Set the first password, or change it after the old one was given."""
    if not request.user.is_authenticated:
        return to_sign_in(request)
    user = request.user
    if request.method == "POST" and is_throttled(request):
        return too_many_tries(request)
    form_class = PasswordChangeForm if user.has_usable_password() else SetPasswordForm
    form = form_class(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        people.set_password(user, form.cleaned_data["new_password1"])
        # Other sessions of this person end with the old password; this one goes on.
        update_session_auth_hash(request, user)
        messages.success(request, _("Password saved."))
        return redirect("home")
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unproven_email(request: HttpRequest) -> HttpResponse:
    """Another address where no mail can be sent: whoever knows the password may say what it is."""
    if not request.user.is_authenticated:
        return to_sign_in(request)
    if request.method == "POST" and is_throttled(request):
        return too_many_tries(request)
    form = NewEmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            people.change_email(request.user, form.cleaned_data["email"])
        except people.AddressTaken as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("You sign in with %(email)s from now on.") % {"email": request.user.email})
            return redirect("account")
    return fresh(request, "accounts/email_unproven.html", {"form": form}, status=422 if form.errors else 200)
