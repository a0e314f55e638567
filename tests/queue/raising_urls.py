"""The product's addresses and one more."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from playground.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def raising(request: HttpRequest) -> HttpResponse:
    key = settings.KIE_API_KEY
    raise RuntimeError(f"refused: Authorization: Bearer {key}")


urlpatterns = [path("raise", raising), path("", include("playground.urls"))]
