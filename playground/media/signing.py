"""Signed links to media: who holds one may read one rendition of one take until it expires.

The signature says only that this house made the link. Whether the take, the share or the key behind `audience` still
exists is asked by the view on every request, so that revoking works at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.core import signing as django_signing

from playground.core import clock
from playground.core.speech import gettext_noop
from playground.media.errors import MediaError

PAGE_TTL_SECONDS = 20 * 60
API_TTL_SECONDS = 24 * 60 * 60

_SALT = "rushes.media.link.v1"
_MAX_TOKEN_CHARACTERS = 1000
_EXTENSIONS = {"video": "mp4", "preview": "mp4", "poster": "webp", "thumb": "webp"}


class BadLink(MediaError):
    """Not made by this house, or altered."""


@dataclass(frozen=True, slots=True)
class MediaGrant:
    """What a link allows. `audience` is `job` or `share:<id>`; it must still be checked."""

    take_id: UUID
    rendition: str
    audience: str
    expires_at: datetime


class LinkExpired(MediaError):
    """Genuine, but too old; `grant` is what it allowed."""

    def __init__(self, grant: MediaGrant) -> None:
        super().__init__(gettext_noop("This link has expired."))
        self.grant = grant


def sign(take_id: UUID, rendition: str, *, audience: str, expires_at: datetime) -> str:
    """The token that carries all four."""
    return _token(take_id, rendition, audience, int(expires_at.timestamp()), settings.SECRET_KEY)


@lru_cache(maxsize=20_000)
def _token(take_id: UUID, rendition: str, audience: str, expires: int, _key: str) -> str:
    """Remembered, because pages and programs ask for the same links again and again until `signed_url` rounds them up."""
    return _signer().sign_object([take_id.hex, rendition, audience, expires])


def verify(token: str) -> MediaGrant:
    """Raises BadLink or LinkExpired."""
    if len(token) > _MAX_TOKEN_CHARACTERS:
        raise BadLink(gettext_noop("This link is not valid."))
    try:
        take_hex, rendition, audience, expires = _signer().unsign_object(token)
        grant = MediaGrant(UUID(take_hex), rendition, audience, clock.from_ms(expires * 1000))
    except (django_signing.BadSignature, ValueError, TypeError):
        raise BadLink(gettext_noop("This link is not valid.")) from None
    if grant.expires_at <= clock.now():
        raise LinkExpired(grant)
    return grant


def signed_url(take_id: UUID, rendition: str, *, audience: str, ttl_seconds: int, name: str = "") -> str:
    """An absolute link under PUBLIC_URL (never the request's Host), good for at most `ttl_seconds`.

    The expiry is rounded down to a tenth of the time to live, so pages drawn shortly after each other carry the same
    URL and the browser keeps what it has; nine tenths of the time are always left. `name` is for people only.
    """
    step = max(1, ttl_seconds // 10)
    expires = (int(clock.now().timestamp()) + ttl_seconds) // step * step
    token = sign(take_id, rendition, audience=audience, expires_at=clock.from_ms(expires * 1000))
    return f"{settings.PUBLIC_URL}/media/{token}/{name or rendition + '.' + _EXTENSIONS.get(rendition, 'bin')}"


def _signer() -> django_signing.Signer:
    return django_signing.Signer(salt=_SALT)
