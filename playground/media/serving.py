"""Stored files over HTTP, so that a slow reader costs memory by the megabyte and never a server thread.

Players get at most 1 MiB per range request and come back for more, which RFC 9110 allows. A request without a range is
owed the whole file, as no 206 may answer it; it goes out as a FileResponse, which the server reads at the client's pace
through `wsgi.file_wrapper`. Under a server without one a download holds a thread until its reader is done, so far fewer
are let in at once.
"""

from __future__ import annotations

import re
import unicodedata

from django.core.files import File
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from playground.core.speech import gettext as _
from playground.media import files
from playground.media.errors import Gone
from playground.media.models import StoredFile
from playground.media.ranges import Unsatisfiable, matches_any, parse_range
from playground.media.services import open_range
from playground.media.slots import Slot, Slots
from playground.media.sniff import CONTENT_TYPES

MAX_PIECE_BYTES = 1024 * 1024
CACHE_SECONDS = 20 * 60
_RETRY_AFTER_SECONDS = "5"
# Opened as a page of its own, a file may show itself and nothing else: no script, no form, an origin of its own.
_POLICY = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
# Chromium's page around a video asks for it again as that page, which an origin of its own is not allowed to do.
# Scripts stay off, so there is nothing that could use the origin.
_VIDEO_POLICY = _POLICY.replace("sandbox", "sandbox allow-same-origin")


def range_response(
    request: HttpRequest,
    stored: StoredFile,
    *,
    filename: str | None = None,
    as_download: bool = False,
    client_key: str = "",
    cache_seconds: int = CACHE_SECONDS,
) -> HttpResponseBase:
    """Answer GET or HEAD for a file that the caller has already found this reader entitled to.

    `client_key` names the reader (key, person or address) for the limit on whole-file downloads. 200, 206, 304, 405,
    410 (erased or lost), 412, 416, or 503 with Retry-After when all download slots are taken.
    """
    response = _answer(request, stored, client_key)
    is_known = stored.content_type in CONTENT_TYPES
    response["X-Content-Type-Options"] = "nosniff"
    is_video = is_known and stored.content_type.startswith("video/")
    response["Content-Security-Policy"] = _VIDEO_POLICY if is_video else _POLICY
    if response.status_code >= 400:
        response["Cache-Control"] = "no-store"
        return response
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag_of(stored)
    response["Cache-Control"] = f"private, max-age={cache_seconds}"
    if response.status_code != 304:
        response["Content-Type"] = stored.content_type if is_known else "application/octet-stream"
        name = safe_filename(filename or stored.storage_name.rpartition("/")[2])
        response["Content-Disposition"] = content_disposition_header(as_download or not is_known, name) or "attachment"
    return response


def etag_of(stored: StoredFile) -> str:
    return f'"{stored.sha256}"'


def safe_filename(name: str) -> str:
    """Without path, control and direction characters, and at most 120 characters; the ending survives."""
    kept = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    kept = re.sub(r'[/\\:*?"<>|]+', "-", kept).strip(" .-")
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:110]}{dot}{ending[:9]}" if dot and stem else kept[:120] or "file"


def _answer(request: HttpRequest, stored: StoredFile, client_key: str) -> HttpResponseBase:
    """Preconditions in the order of RFC 9110, 13.2.2, then the range, then the bytes."""
    if request.method not in ("GET", "HEAD"):
        return _words(405, _("Only GET and HEAD."), Allow="GET, HEAD")
    if stored.deleted_at is not None:
        return _words(410, _("This file was erased."))
    etag = etag_of(stored)
    if (wanted := request.headers.get("If-Match")) is not None and not matches_any(wanted, etag, is_weak=False):
        return _words(412, _("The file is another one by now."))
    if (known := request.headers.get("If-None-Match")) is not None and matches_any(known, etag, is_weak=True):
        return HttpResponse(status=304)
    if request.method == "HEAD":
        return _head(stored)
    try:
        return _ranged(request, stored, etag) or _whole(request, stored, client_key)
    except Unsatisfiable:
        return _words(416, _("The range lies outside the file."), **{"Content-Range": f"bytes */{stored.size_bytes}"})
    except Gone:
        return _words(410, _("This file is no longer there."))


def _words(status: int, text: str, **headers: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)


def _head(stored: StoredFile) -> HttpResponseBase:
    return HttpResponse(headers={"Content-Length": str(stored.size_bytes)})


def _ranged(request: HttpRequest, stored: StoredFile, etag: str) -> HttpResponse | None:
    header = request.headers.get("Range")
    # A date in If-Range never matches: there is no Last-Modified here, the entity tag is exact.
    if header is None or request.headers.get("If-Range", etag).strip() != etag:
        return None
    part = parse_range(header, stored.size_bytes, max_bytes=MAX_PIECE_BYTES)
    if part is None:
        return None
    headers = {"Content-Range": part.content_range(stored.size_bytes), "Content-Length": str(part.end - part.start)}
    return HttpResponse(open_range(stored, part.start, part.end), status=206, headers=headers)


def _whole(request: HttpRequest, stored: StoredFile, client_key: str) -> HttpResponseBase:
    headers = {"Content-Length": str(stored.size_bytes)}
    if stored.size_bytes <= MAX_PIECE_BYTES:
        return HttpResponse(open_range(stored, 0, stored.size_bytes), headers=headers)
    slot = _slots_of(request).take(client_key)
    if slot is None:
        return _words(503, _("Too many downloads at once. Try again soon."), **{"Retry-After": _RETRY_AFTER_SECONDS})
    try:
        file = files.open_file(stored.storage_name)
    except BaseException:
        slot.release()
        raise
    return FileResponse(_Download(file, slot), headers=headers)


def _slots_of(request: HttpRequest) -> Slots:
    return patient_slots if "wsgi.file_wrapper" in request.META else threaded_slots


# What a download costs: an open file where the server waits for the client, else one of its few threads.
patient_slots = Slots(total=128, per_client=8)
threaded_slots = Slots(total=8, per_client=3)


class _Download:
    """An open file that gives its slot back when closed, or dropped by a server that never came to read it."""

    def __init__(self, file: File[bytes], slot: Slot) -> None:
        self._file = file
        self._slot = slot

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(size)
        return data

    def close(self) -> None:
        self._file.close()
        self._slot.release()

    def __del__(self) -> None:
        self._slot.release()
