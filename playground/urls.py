from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from playground.api import errors as api_errors
from playground.web import errors as web_errors
from playground.web import signin

urlpatterns = [
    path("", include("playground.api.urls")),
    path("", include("playground.web.urls")),
]

_API = ("/api/", "/modkie/api/")


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also a wrong host name, which is refused before any view is chosen: programs get an envelope there too."""
    if request.path.startswith(_API):
        return api_errors.bad_request(request, exception)
    return web_errors.bad_request(request, exception)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return web_errors.permission_denied(request, exception)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return web_errors.not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    return api_errors.server_error(request) if request.path.startswith(_API) else web_errors.server_error(request)


def handler429(request: HttpRequest) -> HttpResponse:
    """allauth asks for it; ours are answered where they are counted."""
    return signin.too_many_tries(request)
