"""Uploads: files that people give as input for models. The only writer of `Upload` rows.

A file is looked at and copied clean in the limited child before anything is stored, so what the storage holds is what
was measured. Checking when a job is made (the rejected alternative) would tell people about a wrong file after they
have written the prompt, and would leave hostile bytes in the storage until then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import transaction
from django.db.models import Max

from playground.catalog.facts import MediaFacts
from playground.core import clock
from playground.core.speech import gettext_noop
from playground.media import errors, files, web_files
from playground.media.errors import FetchError
from playground.media.examination import examined
from playground.media.inspection import THUMB_NAME
from playground.media.models import StoredFile, Upload
from playground.media.services import erase
from playground.media.serving import safe_filename
from playground.media.sniff import MediaType
from playground.media.upload_links import signed_url, upload_id_of, url_of

__all__ = [
    "FetchError",
    "Unreachable",
    "erase_upload",
    "facts_of",
    "facts_of_urls",
    "fetch_upload",
    "give_label",
    "harmless_label",
    "local_file",
    "look_at_web_file",
    "mark_used",
    "missing",
    "remove_unused",
    "signed_url",
    "store_upload",
    "upload_for_team",
    "upload_id_of",
    "uploads_of_urls",
    "url_of",
]  # fmt: skip

UNUSED_DAYS = 7
NAME_CHARACTERS = 120
LABEL_CHARACTERS = 160
_REMOVED_AT_ONCE = 2000

look_at_web_file = web_files.look_at_web_file
Unreachable = web_files.Unreachable


def store_upload(
    team_id: int, user_id: int | None, path: Path, name: str, *, source: str = "file", derived_from: Upload | None = None
) -> Upload:
    """Look at a local file, make a clean copy and a thumbnail, store both and write the rows in one transaction.

    `path` is left where it is. Locks nothing; called twice it makes two uploads. Raises MediaError in words for people,
    whatever the file does to the child; nothing is left behind then. OSError (a full disk) is the caller's to word.
    """
    size_bytes = path.stat().st_size
    if size_bytes > settings.UPLOAD_MAX_BYTES:
        words = gettext_noop("The file has %(megabytes)s MB; at most %(limit)s MB are taken.")
        raise errors.TooBig(words, megabytes=f"{size_bytes / 1024**2:,.0f}", limit=f"{settings.UPLOAD_MAX_BYTES / 1024**2:,.0f}")
    with files.work_directory() as work:
        folder = Path(work)
        facts = examined(path, folder, name)
        media_type = MediaType[facts["type"]]
        clean, thumb = folder / f"clean.{media_type.extension}", folder / THUMB_NAME
        stored = _stored(team_id, clean, media_type, facts)
        picture = _stored(team_id, thumb, MediaType.WEBP, {}) if thumb.exists() else None
        upload = Upload(
            team_id=team_id, user_id=user_id, stored=stored, thumb=picture, name=own_name(name, media_type), kind=media_type.kind,
            pages=facts.get("pages"), source=source, derived_from=derived_from,
        )  # fmt: skip
        _write(upload, [(stored, clean), *([(picture, thumb)] if picture else [])])
    return upload


def own_name(name: str, media_type: MediaType) -> str:
    """What people see: without folders, control and direction characters, with one ending, that of the bytes."""
    safe = safe_filename(name.replace("\\", "/").rpartition("/")[2])
    stem, dot, ending = safe.rpartition(".")
    stem = stem if dot and len(ending) <= 5 else safe
    return f"{stem[: NAME_CHARACTERS - 10] or media_type.kind}.{media_type.extension}"


def _stored(team_id: int, path: Path, media_type: MediaType, facts: dict[str, Any]) -> StoredFile:
    return StoredFile(
        team_id=team_id,
        storage_name=files.new_name(team_id, media_type.extension),
        content_type=media_type.content_type,
        size_bytes=path.stat().st_size,
        sha256=files.sha256_of(path),
        width=facts.get("width"),
        height=facts.get("height"),
        duration_ms=facts.get("duration_ms"),
        has_audio=facts.get("has_audio", False),
        fps=Decimal(facts["fps"]) if facts.get("fps") else None,
        metadata={"codec": facts["codec"]} if "codec" in facts else {},
    )


def _write(upload: Upload, moves: list[tuple[StoredFile, Path]]) -> None:
    """Bytes first, rows second: a crash between leaves files without rows, which the sweep removes."""
    try:
        for stored, path in moves:
            files.put(path, stored.storage_name)
        with transaction.atomic():
            StoredFile.objects.bulk_create([stored for stored, _ in moves])
            upload.save(force_insert=True)
    except BaseException:
        for stored, _ in moves:
            files.delete(stored.storage_name)
        raise


def fetch_upload(team_id: int, user_id: int | None, url: str, *, name: str = "") -> Upload:
    """Fetch a public address and store it like a file, under its own name unless one is given. Raises FetchError when
    nothing comes from there, and MediaError for what comes."""
    with files.work_directory() as work:
        path = Path(work) / "fetched"
        web_files.fetch(url, path, max_bytes=settings.UPLOAD_MAX_BYTES)
        upload = store_upload(team_id, user_id, path, name or web_files.name_in(url), source=url[:2000])
    web_files.remember(team_id, url, facts_of(upload))
    return upload


def harmless_label(text: str) -> str:
    """What a program calls a folder: each part as a file's name would be made harmless, and no part that climbs."""
    parts = (safe_filename(part) for part in text.replace("\\", "/").split("/") if part.strip(". "))
    return "/".join(parts)[:LABEL_CHARACTERS] or "files"


def give_label(upload: Upload, label: str) -> None:
    """Note what a program calls a fresh upload. An older one of the same label stays what it is: this is its next version."""
    alike = Upload.objects.filter(team_id=upload.team_id, label=label).exclude(pk=upload.pk)
    upload.label, upload.version = label, (alike.aggregate(last=Max("version"))["last"] or 0) + 1
    upload.save(update_fields=["label", "version"])


def facts_of(upload: Upload) -> MediaFacts:
    stored = upload.stored
    is_heard = upload.kind in ("video", "audio")
    return MediaFacts(
        content_type=stored.content_type,
        size_bytes=stored.size_bytes,
        width=stored.width,
        height=stored.height,
        seconds=Decimal(stored.duration_ms) / 1000 if stored.duration_ms is not None else None,
        fps=stored.fps,
        has_audio=stored.has_audio if is_heard else None,
        pages=upload.pages,
    )


def upload_for_team(team_id: int, upload_id: UUID) -> Upload | None:
    """An upload of this team whose bytes are still there."""
    rows = Upload.objects.filter(team_id=team_id, stored__deleted_at=None).select_related("stored", "thumb")
    return rows.filter(pk=upload_id).first()


def uploads_of_urls(team_id: int, urls: Iterable[str]) -> dict[str, Upload]:
    """The team's uploads among some addresses, by the address as it was given."""
    wanted = {url: upload_id for url in urls if (upload_id := upload_id_of(url))}
    if not wanted:
        return {}
    rows = Upload.objects.filter(team_id=team_id, stored__deleted_at=None, pk__in=set(wanted.values())).select_related("stored", "thumb")
    found = {upload.pk: upload for upload in rows}
    return {url: found[upload_id] for url, upload_id in wanted.items() if upload_id in found}


def facts_of_urls(team_id: int, urls: Iterable[str]) -> dict[str, MediaFacts]:
    """What is known of each address: the team's uploads, and web files that were looked at in the last hours."""
    asked = list(dict.fromkeys(urls))
    own = {url: facts_of(upload) for url, upload in uploads_of_urls(team_id, asked).items()}
    others = [url for url in asked if url not in own and upload_id_of(url) is None]
    return own | web_files.remembered(team_id, others)


def missing(team_id: int, urls: Iterable[str]) -> set[str]:
    """Addresses of uploads here that are gone, never were, or belong to another team."""
    asked = {url for url in urls if upload_id_of(url)}
    return asked - uploads_of_urls(team_id, asked).keys()


def local_file(team_id: int, url: str) -> Path | None:
    """The bytes behind an address of the team, on this machine's disk; None when they are elsewhere or not there."""
    upload = uploads_of_urls(team_id, [url]).get(url)
    storage = files.default_storage()
    if upload is None or not isinstance(storage, FileSystemStorage):
        return None
    path = Path(storage.path(upload.stored.storage_name))
    return path if path.is_file() else None


def mark_used(team_id: int, urls: Iterable[str]) -> int:
    """A job refers to these now, so they stay. Safe to call twice and inside the job's own transaction."""
    wanted = {upload_id for url in urls if (upload_id := upload_id_of(url))}
    if not wanted:
        return 0
    unused = Upload.objects.filter(team_id=team_id, pk__in=wanted, used_at=None)
    # Locked in one order, so that two jobs with the same files never wait for each other.
    locked = list(unused.select_for_update().order_by("pk").values_list("pk", flat=True))
    return unused.filter(pk__in=locked).update(used_at=clock.now()) if locked else 0


def erase_upload(upload: Upload) -> bool:
    """Remove an upload that no job uses: the row, then the bytes (a crash between leaves rows that name them). Was it?"""
    with transaction.atomic():
        # Locked before it goes: a job may begin to use it at this moment.
        unused = Upload.objects.select_for_update().filter(pk=upload.pk, used_at=None).first()
        if unused is None:
            return False
        unused.delete()
    for stored in (upload.stored, upload.thumb):
        if stored:
            erase(stored)
    return True


def remove_unused(*, older_than: timedelta = timedelta(days=UNUSED_DAYS)) -> int:
    """Erase uploads that no job has used for so long, and old looks at the web. Returns the number of uploads."""
    web_files.forget_old()
    unused = Upload.objects.filter(used_at=None, created_at__lt=clock.now() - older_than).select_related("stored", "thumb")
    return sum(erase_upload(upload) for upload in unused[:_REMOVED_AT_ONCE])
