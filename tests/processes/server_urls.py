"""The product's addresses, and one stored file without the signature that its real address needs."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import include, path

from playground.media.models import StoredFile
from playground.media.serving import range_response


def stored_file(request: HttpRequest) -> HttpResponseBase:
    return range_response(request, StoredFile.objects.get())


urlpatterns = [path("stored-file", stored_file), path("", include("playground.urls"))]
