"""Envelopes for what fails outside of any view: a wrong host name, a fault in a middleware."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from playground.api.envelopes import ApiError, failure


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = "The request is malformed."
    if isinstance(exception, DisallowedHost):
        message = f"This server answers at {settings.PUBLIC_URL}. Another host name must be set as PUBLIC_URL."
    return failure(request, ApiError(400, message))


def server_error(request: HttpRequest) -> HttpResponse:
    """Nothing of what went wrong, only a number under which the log has it."""
    return failure(request, ApiError(500, f"Something failed on this server. Request {request.META.get('REQUEST_ID', '')}."))
