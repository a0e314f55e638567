"""One-time links, signing out, and the password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from playground.accounts import services
from playground.web.access import to_sign_in
from playground.web.signin import is_throttled, too_many_tries


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button and changes nothing, so that a mail scanner's visit does not use the link up; POST does."""
    link = services.find_sign_in_link(token)
    # Only a wrong token counts as a try, so opening one's own link twice is never held against anybody.
    if link is None and is_throttled(request):
        return too_many_tries(request)
    user = services.use_sign_in_link(token) if link and request.method == "POST" else None
    if user is not None:
        login(request, user)
        return redirect("home")
    if link is None or request.method == "POST":
        return render(request, "accounts/link_gone.html", {"minutes": services.SIGN_IN_LINK_MINUTES}, status=410)
    return render(request, "accounts/link.html", {"person": link.user})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@never_cache
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Set the first password, or change it after the old one was given."""
    if not request.user.is_authenticated:
        return to_sign_in(request)
    user = request.user
    form_class = PasswordChangeForm if user.has_usable_password() else SetPasswordForm
    form = form_class(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        # Other sessions of this person end with the old password; this one goes on.
        update_session_auth_hash(request, user)
        messages.success(request, "Password saved.")
        return redirect("home")
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200)
