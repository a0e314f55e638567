"""KIE's three ways to give a file, on our own host: `/api/file-{stream,base64,url}-upload`.

The file goes through what the page's uploads go through (looked at, measured, copied clean in the limited child); whether
a model takes it is said where it is used. `uploadPath` and `fileName` are labels and never paths. The same label again is
a new version with an address of its own; the older one stays what it is, for jobs may refer to it.
"""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from playground.accounts import ratelimit
from playground.accounts.access import KeyIdentity
from playground.accounts.models import Scope
from playground.api.bodies import json_object
from playground.api.entry import endpoint
from playground.api.envelopes import ApiError, answer
from playground.core import clock
from playground.media import disk, uploads
from playground.media.errors import MediaError
from playground.media.models import Upload
from playground.media.slots import Slots
from playground.wire.uploads import stored_answer

LINK_SECONDS = 3 * 24 * 3600
MOST_BASE64_BYTES = 10 * 1024**2
# Base64 makes three bytes four; the rest is room for the other fields.
_LONGEST_JSON = MOST_BASE64_BYTES // 3 * 4 + 64 * 1024
_LONGEST_TEXT = 200
_FULL = "The server's disk is full. Nothing was stored."
# An inspection takes a processor and memory of its own; the other threads have pages and tasks to answer.
_slots = Slots(total=3, per_client=2)


@endpoint("POST", Scope.GENERATE)
def stream(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """multipart/form-data with `file`."""
    with _Turn(identity):
        form, file = _form_of(request)
        if disk.is_disk_full(request):
            raise ApiError(507, _FULL)
        if file is None:
            raise ApiError(400, "file is required, as a part of a multipart/form-data body.")
        folder, name = _labels(form)
        path = Path(file.temporary_file_path())  # type: ignore[attr-defined]
        return _stored(folder, name, lambda: uploads.store_upload(identity.team_id, identity.user_id, path, name or file.name or ""))


@endpoint("POST", Scope.GENERATE)
def by_base64(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """JSON with `base64Data`, bare or as a data URL."""
    with _Turn(identity):
        body = json_object(request, most_bytes=_LONGEST_JSON)
        folder, name = _labels(body)
        content = _decoded(body.pop("base64Data", None))
        with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:

            def store() -> Upload:
                file.write(content)
                file.flush()
                return uploads.store_upload(identity.team_id, identity.user_id, Path(file.name), name or "file")

            return _stored(folder, name, store)


@endpoint("POST", Scope.GENERATE)
def by_url(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """JSON with `fileUrl`, which is fetched through the guard of all outgoing connections."""
    with _Turn(identity):
        body = json_object(request)
        folder, name = _labels(body)
        url = _text(body, "fileUrl", required=True)
        return _stored(folder, name, lambda: uploads.fetch_upload(identity.team_id, identity.user_id, url, name=name))


def _form_of(request: HttpRequest) -> tuple[dict[str, Any], UploadedFile[Any] | None]:
    """The fields and the file. Whatever is wrong with the body is the client's to hear, and no fault of this server's."""
    most = settings.UPLOAD_MAX_BYTES // 1024**2
    too_large = ApiError(413, f"The file may have at most {most:,} MB.")
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isascii() or not length.isdigit() or int(length[:20]) > settings.UPLOAD_MAX_BYTES + 1024**2:
        raise too_large
    if not str(request.META.get("CONTENT_TYPE", "")).startswith("multipart/form-data"):
        raise ApiError(400, "file is required, as a part of a multipart/form-data body.")
    try:
        form, file = request.POST.dict(), request.FILES.get("file")
    except UnreadablePostError:
        raise ApiError(400, "The body did not arrive in full.") from None
    except RequestDataTooBig:
        raise ApiError(413, "The fields beside the file are too large.") from None
    except (MultiPartParserError, SuspiciousOperation, ValueError) as error:
        raise ApiError(400, f"The body is not multipart/form-data that can be read: {str(error)[:200]}") from None
    if file is not None and (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise too_large
    return form, file


def _labels(body: dict[str, Any]) -> tuple[str, str]:
    return _text(body, "uploadPath", required=True), _text(body, "fileName")


def _text(body: dict[str, Any], name: str, *, required: bool = False) -> str:
    value = body.get(name)
    if value in (None, ""):
        if required:
            raise ApiError(400, f"{name} is required.")
        return ""
    if not isinstance(value, str):
        raise ApiError(400, f"{name} must be text.")
    if name != "fileUrl" and len(value) > _LONGEST_TEXT:
        raise ApiError(400, f"{name} may have at most {_LONGEST_TEXT} characters.")
    return value


def _decoded(data: object) -> bytes:
    if data in (None, ""):
        raise ApiError(400, "base64Data is required.")
    if not isinstance(data, str):
        raise ApiError(400, "base64Data must be text.")
    text = data.partition(",")[2] if data[:5].lower() == "data:" else data
    if not text.isascii():
        raise ApiError(400, "base64Data is not base64.")
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise ApiError(400, "base64Data is not base64.") from None
    if len(content) > MOST_BASE64_BYTES:
        raise ApiError(413, f"A file in base64 may have at most {MOST_BASE64_BYTES // 1024**2} MB; use file-stream-upload.")
    if not content:
        raise ApiError(400, "base64Data holds no file.")
    return content


def _stored(folder: str, name: str, store: Callable[[], Upload]) -> HttpResponse:
    try:
        upload = store()
    except uploads.FetchError as error:
        raise ApiError(400, f"fileUrl could not be fetched: {error}") from None
    except MediaError as error:
        raise ApiError(422, str(error)) from None
    except OSError as error:
        if error.errno not in disk.DISK_FULL:
            raise
        raise ApiError(507, _FULL) from None
    label = uploads.harmless_label(folder)
    if name:
        uploads.give_label(upload, f"{label}/{upload.name}")
    return answer(
        stored_answer(
            upload_id=upload.pk.hex,
            name=upload.name,
            label=f"{label}/{upload.name}",
            url=uploads.signed_url(upload, LINK_SECONDS),
            size_bytes=upload.stored.size_bytes,
            content_type=upload.stored.content_type,
            stored_at=upload.created_at.isoformat(timespec="milliseconds"),
            expires_at=clock.from_ms(clock.to_ms(upload.created_at) + LINK_SECONDS * 1000).isoformat(timespec="milliseconds"),
            version=upload.version,
        )
    )


class _Turn:
    """One file of this key at work, within the rate and beside not too many others. Taken before the body is read."""

    def __init__(self, identity: KeyIdentity) -> None:
        self._name = f"key:{identity.key_id}"

    def __enter__(self) -> None:
        wait_seconds = ratelimit.allow("upload", self._name, settings.UPLOADS_PER_MINUTE)
        if wait_seconds is not None:
            raise ApiError(429, "Too many files in a minute with this API key.", retry_after_seconds=wait_seconds)
        slot = _slots.take(self._name)
        if slot is None:
            raise ApiError(429, "Other files are still being looked at. Try again in a moment.", retry_after_seconds=2)
        self._slot = slot

    def __exit__(self, *error: object) -> None:
        self._slot.release()
