"""The only writer of stored files: `store_result`, `erase`, and the sweeping up after crashes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from playground.core import clock
from playground.core.speech import gettext_noop
from playground.media import errors, files
from playground.media.limited import LimitedError, run_limited
from playground.media.models import StoredFile
from playground.media.renditions import POSTER_NAME, PREVIEW_NAME, THUMB_NAME
from playground.media.sniff import MediaType

RENDER_CPU_SECONDS = 120
RENDER_WALL_SECONDS = 300
# Address space, not memory in use: decoders and NumPy reserve far more than they touch.
RENDER_MEMORY_BYTES = 3 * 1024**3
# What a child may write: a poster, a thumbnail and a preview of at most 1 MB.
RENDER_FILE_BYTES = 16 * 1024**2
TICK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A finished video and the pictures that stand for it."""

    video: StoredFile
    poster: StoredFile
    thumb: StoredFile
    preview: StoredFile


def store_result(
    *,
    team_id: int,
    source: Path,
    on_tick: Callable[[], None] | None = None,
    tick_seconds: float = TICK_SECONDS,
    metadata: Mapping[str, Any] | None = None,
) -> StoredResult:
    """Check a foreign video, make its pictures, move all into the storage and write the rows in one transaction.

    Locks nothing. `source` is moved away on success. `on_tick` runs every `tick_seconds` and ends the work by raising.
    Raises MediaError when the bytes are at fault and LimitedError when a limit was met; both leave nothing behind.
    Not safe to call twice for one result: that makes two files, so the caller settles first who may.
    """
    size_bytes = source.stat().st_size
    if size_bytes > settings.RESULT_MAX_BYTES:
        words = gettext_noop("The video has %(size)s bytes; at most %(limit)s are taken.")
        raise errors.TooBig(words, size=f"{size_bytes:,}", limit=f"{settings.RESULT_MAX_BYTES:,}")
    with files.work_directory() as name:
        folder = Path(name)
        facts = _render(source, folder, on_tick, tick_seconds)
        rows = [
            _row(team_id, source, MediaType[facts["video"]["type"]], facts["video"], dict(metadata or {})),
            _row(team_id, folder / POSTER_NAME, MediaType.WEBP, facts["poster"]),
            _row(team_id, folder / THUMB_NAME, MediaType.WEBP, facts["thumb"]),
            _row(team_id, folder / PREVIEW_NAME, MediaType.MP4, facts["preview"]),
        ]
        if on_tick:
            on_tick()
        paths = [source, folder / POSTER_NAME, folder / THUMB_NAME, folder / PREVIEW_NAME]
        try:
            # Bytes first, rows second: a crash between leaves files without rows, which the sweep removes.
            for row, path in zip(rows, paths, strict=True):
                files.put(path, row.storage_name)
            with transaction.atomic():
                StoredFile.objects.bulk_create(rows)
        except BaseException:
            for row in rows:
                files.delete(row.storage_name)
            raise
    return StoredResult(*rows)


def _render(source: Path, folder: Path, on_tick: Callable[[], None] | None, tick_seconds: float) -> dict[str, dict[str, Any]]:
    try:
        facts: dict[str, dict[str, Any]] = run_limited(
            "playground.media.renditions.render",
            str(source.resolve()),
            str(folder),
            cpu_seconds=RENDER_CPU_SECONDS,
            memory_bytes=RENDER_MEMORY_BYTES,
            wall_seconds=RENDER_WALL_SECONDS,
            file_bytes=RENDER_FILE_BYTES,
            on_tick=on_tick,
            tick_seconds=tick_seconds,
        )
    except LimitedError as error:
        if error.kind == "refused" and (found := errors.raised_in_child(error.error_type, error.details)):
            raise found from error
        raise
    return facts


def _row(team_id: int, path: Path, media_type: MediaType, facts: Mapping[str, Any], metadata: dict[str, Any] | None = None) -> StoredFile:
    codec = {"codec": facts["codec"]} if "codec" in facts else {}
    return StoredFile(
        team_id=team_id,
        storage_name=files.new_name(team_id, media_type.extension),
        content_type=media_type.content_type,
        size_bytes=path.stat().st_size,
        sha256=files.sha256_of(path),
        width=facts["width"],
        height=facts["height"],
        duration_ms=facts.get("duration_ms"),
        has_audio=facts.get("has_audio", False),
        fps=Decimal(facts["fps"]) if facts.get("fps") else None,
        metadata=codec | (metadata or {}),
    )


def open_range(stored: StoredFile, start: int, end: int) -> bytes:
    """Bytes from `start` up to, not including, `end`. Raises Gone when they were erased or lost."""
    if stored.deleted_at is not None:
        raise errors.Gone(gettext_noop("The file was erased."))
    return files.read(stored.storage_name, start, end)


def erase(stored: StoredFile) -> None:
    """Remove the bytes for good and keep the row with `deleted_at`. Safe to call twice and by two at once.

    The row goes first: a reader then gets "gone" and never half a file, and a crash between is mended by the sweep.
    """
    now = clock.now()
    StoredFile.objects.filter(pk=stored.pk, deleted_at=None).update(deleted_at=now)
    stored.deleted_at = stored.deleted_at or now
    files.delete(stored.storage_name)


def remove_leftovers(*, older_than: timedelta = timedelta(days=1)) -> int:
    """Delete what crashes left: files in the storage that no living row names, and old work folders. Returns the count.

    `older_than` must exceed the longest store_result by far, whose files are in place shortly before their rows.
    """
    before = clock.now() - older_than
    removed = 0
    batch: list[str] = []
    for name, changed_at in files.walk():
        if changed_at < before:
            batch.append(name)
        if len(batch) >= 500:
            removed += _delete_unnamed(batch)
            batch = []
    return removed + _delete_unnamed(batch) + _remove_old_work(before)


def _delete_unnamed(names: list[str]) -> int:
    rows = StoredFile.objects.filter(storage_name__in=names, deleted_at=None)
    living = set(rows.values_list("storage_name", flat=True))
    unnamed = [name for name in names if name not in living]
    for name in unnamed:
        files.delete(name)
    return len(unnamed)


def _remove_old_work(before: datetime) -> int:
    """Work folders, and what was being posted when the server went down."""
    place = Path(settings.DATA_DIR) / "tmp"
    old = [path for pattern in ("media-*", "*.upload*") for path in place.glob(pattern) if path.stat().st_mtime < before.timestamp()]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)
