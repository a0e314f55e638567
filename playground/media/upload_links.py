"""The addresses of uploads: made, recognised, signed. An upload's address stands in payloads and never changes."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from playground.core import clock
from playground.media import signing
from playground.media.models import Upload

_AUDIENCE = "upload"
_PATH = re.compile(r"/uploads/([0-9a-fA-F-]{32,36})(?:/[^/]*)?")
_NAME_CHARACTERS = 80


def url_of(upload: Upload) -> str:
    """`<PUBLIC_URL>/uploads/<id>/<name>`, in characters that every client takes; only the id counts."""
    return f"{settings.PUBLIC_URL}/uploads/{upload.pk}/{address_name(upload)}"


def address_name(upload: Upload) -> str:
    """The owner's name for it in plain letters, with the ending that the bytes deserve and no other."""
    stem = upload.name.rpartition(".")[0] or upload.name
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")[:_NAME_CHARACTERS]
    return f"{plain or upload.kind}.{upload.stored.storage_name.rpartition('.')[2]}"


def signed_url(upload: Upload, seconds: int) -> str:
    """An address that anybody may read from for so long: for providers, who have no key of ours."""
    token = signing.sign(upload.pk, _AUDIENCE, audience=_AUDIENCE, expires_at=clock.now() + timedelta(seconds=seconds))
    return f"{url_of(upload)}?token={token}"


def is_signed_for(upload_id: UUID, token: str) -> bool:
    try:
        grant = signing.verify(token)
    except (signing.BadLink, signing.LinkExpired):
        return False
    return (grant.take_id, grant.rendition, grant.audience) == (upload_id, _AUDIENCE, _AUDIENCE)


def upload_id_of(url: str) -> UUID | None:
    """The upload that an address of this house means, whether it exists or not; None for every other address."""
    own = urlsplit(settings.PUBLIC_URL)
    try:
        parts = urlsplit(url)
        is_ours = (parts.scheme.lower(), parts.netloc.lower()) == (own.scheme, own.netloc.lower())
        found = _PATH.fullmatch(parts.path.removeprefix(own.path)) if is_ours else None
        return UUID(found[1]) if found else None
    except ValueError:
        return None
