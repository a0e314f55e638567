"""Files at other people's addresses: fetched through the guarded client, looked at in the limited child, remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from django.conf import settings

from playground.catalog.facts import MediaFacts
from playground.core import clock
from playground.core.outbound import BlockedAddress, OutboundError, OutboundPolicy, TooLarge, TooSlow, download
from playground.core.speech import gettext_noop, said
from playground.media import errors, files
from playground.media.examination import examined
from playground.media.models import WebFile
from playground.media.sniff import MediaType

KNOWN_HOURS = 6
"""How long the facts of a web file are believed."""
UNREACHABLE_MINUTES = 2
"""How long an address that could not be fetched is not tried again."""
MAX_URL_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Unreachable:
    """`reason` is a sentence without the address."""

    reason: str


def fetch(url: str, target: Path, *, max_bytes: int) -> None:
    """Stream a public http(s) address to `target`. Raises FetchError, whose words fit behind "Could not be fetched:"."""
    if url[:5].lower() == "data:":
        raise errors.FetchError(gettext_noop("Data addresses are not taken. Upload the file instead."))
    if len(url) > MAX_URL_CHARACTERS:
        words = gettext_noop("The address is longer than %(count)s characters.")
        raise errors.FetchError(words, count=f"{MAX_URL_CHARACTERS:,}")
    try:
        download(url, target, OutboundPolicy.of(settings.OUTBOUND_ALLOW), max_bytes=max_bytes, max_seconds=settings.UPLOAD_FETCH_SECONDS)
    except BlockedAddress as error:
        raise errors.FetchError(gettext_noop("The address is not on the public internet.")) from error
    except TooLarge as error:
        words = gettext_noop("The file is larger than %(megabytes)s MB.")
        raise errors.FetchError(words, megabytes=f"{max_bytes / 1024**2:,.0f}") from error
    except TooSlow as error:
        words = gettext_noop("The server took longer than %(seconds)s s.")
        raise errors.FetchError(words, seconds=f"{settings.UPLOAD_FETCH_SECONDS:g}") from error
    except httpx.HTTPStatusError as error:
        raise errors.FetchError(gettext_noop("The server answered %(status)s."), status=error.response.status_code) from error
    except (ValueError, httpx.InvalidURL, UnicodeError) as error:
        raise errors.FetchError(gettext_noop("This is not an http or https address.")) from error
    except (OutboundError, httpx.HTTPError) as error:
        raise errors.FetchError(gettext_noop("The server cannot be reached.")) from error


def name_in(url: str) -> str:
    """What a file at this address would be called."""
    return unquote(urlsplit(url).path.rpartition("/")[2]) or "file"


def look_at_web_file(team_id: int, url: str) -> MediaFacts | Unreachable:
    """Fetch an address, measure what is there, keep the facts and nothing else. Known addresses are not fetched again.

    Takes up to UPLOAD_FETCH_SECONDS and the time of an inspection: not for a page's answer, and never in a transaction.
    """
    if row := _fresh(team_id, [url]).get(url):
        return Unreachable(said(row.reason)) if row.reason else _facts_in(row)
    try:
        with files.work_directory() as work:
            path, folder = Path(work) / "fetched", Path(work) / "looked"
            folder.mkdir()
            fetch(url, path, max_bytes=settings.UPLOAD_MAX_BYTES)
            measured = examined(path, folder, name_in(url))
            facts = _facts_of(measured, path.stat().st_size)
    except errors.MediaError as error:
        remember(team_id, url, error.as_written)
        return Unreachable(str(error))
    remember(team_id, url, facts)
    return facts


def _facts_of(measured: dict[str, Any], size_bytes: int) -> MediaFacts:
    milliseconds, fps = measured.get("duration_ms"), measured.get("fps")
    return MediaFacts(
        content_type=MediaType[measured["type"]].content_type,
        size_bytes=size_bytes,
        width=measured.get("width"),
        height=measured.get("height"),
        seconds=Decimal(milliseconds) / 1000 if milliseconds is not None else None,
        fps=Decimal(fps) if fps else None,
        has_audio=measured.get("has_audio"),
        pages=measured.get("pages"),
    )


def remember(team_id: int, url: str, found: MediaFacts | str) -> None:
    """Keep the facts of an address, or the reason why there are none."""
    if len(url) > MAX_URL_CHARACTERS:
        return
    facts = {} if isinstance(found, str) else {name: _plain(getattr(found, name)) for name in MediaFacts.__slots__}
    values = {"url": url, "reason": found[:300] if isinstance(found, str) else "", "facts": facts, "looked_at": clock.now()}
    WebFile.objects.update_or_create(team_id=team_id, url_sha256=_digest(url), defaults=values)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def remembered(team_id: int, urls: Iterable[str]) -> dict[str, MediaFacts]:
    """The facts of those addresses that were looked at in the last hours."""
    return {url: _facts_in(row) for url, row in _fresh(team_id, urls).items() if not row.reason}


def unreachable(team_id: int, urls: Iterable[str]) -> dict[str, str]:
    """Why some addresses could not be fetched a moment ago."""
    return {url: said(row.reason) for url, row in _fresh(team_id, urls).items() if row.reason}


def _fresh(team_id: int, urls: Iterable[str]) -> dict[str, WebFile]:
    digests = {_digest(url): url for url in urls}
    if not digests:
        return {}
    now = clock.now()
    rows = WebFile.objects.filter(team_id=team_id, url_sha256__in=digests, looked_at__gt=now - timedelta(hours=KNOWN_HOURS))
    recent = now - timedelta(minutes=UNREACHABLE_MINUTES)
    return {digests[row.url_sha256]: row for row in rows if not row.reason or row.looked_at > recent}


def _facts_in(row: WebFile) -> MediaFacts:
    numbers = {name: Decimal(value) for name in ("seconds", "fps") if (value := row.facts.get(name)) is not None}
    return MediaFacts(**(row.facts | numbers))


def forget_old() -> None:
    WebFile.objects.filter(looked_at__lt=clock.now() - timedelta(hours=KNOWN_HOURS)).delete()


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()
