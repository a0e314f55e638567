"""Signing in with a password: allauth's view and flows under our page, words and throttle."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import LoginView
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

THROTTLE_SECONDS = 60


class AccountAdapter(DefaultAccountAdapter):
    """Invited people only, and no greetings: being on the page says that it worked."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        return None


def is_throttled(request: HttpRequest) -> bool:
    """Count a try from this address; True when there were too many in the running minute. Shared by all processes."""
    key = f"sign-in:{request.META.get('REMOTE_ADDR', '')}"
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


class SignInView(LoginView):
    template_name = "accounts/sign_in.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_throttled(request):
            return too_many_tries(request)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """422, so that a refused password is not a success to caches, tests and screen readers' page titles."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


sign_in = SignInView.as_view()
