"""Error pages: what happened and what to do next, never how the machine looks inside."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from playground.web.diskuploads import is_too_large, too_large

# Fields of the form machinery, which are worthless in the next form.
_NOT_TYPED = {"csrfmiddlewaretoken", "nonce", "next", "password", "old_password", "new_password1", "new_password2", "provider_key", "kind"}
# Pages whose forms are sent to addresses below their own.
_PAGES = ("/team", "/settings/keys", "/credits", "/providers", "/shares")
_TYPED_MAXIMUM = 20_000


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from an earlier session. htmx gets an event and keeps the page; a page request gets its texts back."""
    if is_too_large(request):
        return too_large(request)
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=403)
        response["HX-Trigger"] = "csrf-stale"
        response["HX-Reswap"] = "none"
        return response
    context = {"typed": typed_of(request), "back": page_of_form(request)}
    return render(request, "errors/stale.html", context, status=403)


def typed_of(request: HttpRequest) -> list[tuple[str, str]]:
    """What stood in the fields of a form that was not sent, without its secrets and its machinery."""
    return [
        (name, value[:_TYPED_MAXIMUM])
        for name, values in request.POST.lists() if name not in _NOT_TYPED and not name.startswith("_")
        for value in values if value.strip()
    ]  # fmt: skip


def page_of_form(request: HttpRequest) -> str:
    """Where the form stood. The refused POST itself is never offered again: it may have come from another site."""
    path = request.path
    if path in (reverse("prefs"), reverse("sign-out")):
        return reverse("home")
    if path.startswith(("/takes/", "/collections")):
        return reverse("gallery")
    page = next((page for page in _PAGES if path.startswith(f"{page}/")), None)
    return page or path.removesuffix("/run").removesuffix("/quote").removesuffix("/cancel")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "403.html", 403, {"reason": str(exception)})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "404.html", 404, {})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also a wrong host name, the most likely mistake of a first installation: the page names the setting."""
    if isinstance(exception, DisallowedHost):
        context = {"public_url": settings.PUBLIC_URL, "host": request.META.get("HTTP_HOST", "")[:200]}
        return HttpResponse(_plain("errors/wrong_host.html", request, context), status=400)
    return HttpResponse(_plain("400.html", request, {}), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Uses no database and no session: they may be what is broken."""
    try:
        body = _plain("500.html", request, {})
    except Exception:  # even the template may be unreadable
        body = _("Something failed on this server. Request %(number)s") % {"number": _request_id(request)}
    return HttpResponse(body, status=500)


def _page(request: HttpRequest, template: str, status: int, context: dict[str, Any]) -> HttpResponse:
    """htmx gets a toast instead of a page inside its page."""
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=status)
        response["HX-Reswap"] = "none"
        return response
    return render(request, template, context, status=status)


def _plain(template: str, request: HttpRequest, context: dict[str, Any]) -> str:
    return render_to_string(template, {"site_name": settings.SITE_NAME, "request_id": _request_id(request), **context})


def _request_id(request: HttpRequest) -> str:
    return str(request.META.get("REQUEST_ID", ""))
