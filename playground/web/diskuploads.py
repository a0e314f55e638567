"""Posted files go straight to the disk of the storage; a full disk is told, not crashed on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from playground.media.disk import DISK_FULL, MARK, is_disk_full

__all__ = ["DISK_FULL", "DiskHandler", "is_disk_full", "is_too_large", "longest_body", "too_large"]


def is_too_large(request: HttpRequest) -> bool:
    """Whether the server has left the body unread for its length: then there is no form in it and no token."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    return length.isdecimal() and int(length) > longest_body()


def longest_body() -> int:
    """Of a form with files, in bytes: the largest file, and some room for the fields around it."""
    return int(settings.UPLOAD_MAX_BYTES) + 1024 * 1024


def too_large(request: HttpRequest) -> HttpResponse:
    """413: a line in the zone that asked, else a page that leads back."""
    megabytes = settings.UPLOAD_MAX_BYTES // 1024**2
    if request.headers.get("HX-Request") != "true":
        back = request.path.removesuffix("/run").removesuffix("/quote") if request.path != reverse("upload") else "/"
        return render(request, "uploads/too_large.html", {"megabytes": megabytes, "back": back}, status=413)
    response = render(request, "uploads/_too_large.html", {"megabytes": megabytes}, status=413)
    response["HX-Reswap"] = "beforeend"
    return response


class DiskHandler(TemporaryFileUploadHandler):
    """Memory is not an option, however small the file: what arrives is foreign, and the child reads it from the disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        with _DiskFull(self.request):
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        with _DiskFull(self.request):
            super().receive_data_chunk(raw_data, start)
        return None  # no other handler comes after


class _DiskFull:
    def __init__(self, request: HttpRequest | None) -> None:
        self._request = request

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            if self._request is not None:
                self._request.META[MARK] = "1"
            # The rest is read and dropped, so that the client comes to read the answer.
            raise StopUpload(connection_reset=False) from error
