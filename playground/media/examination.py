"""Foreign files and the limited child, seen from our side: every way in which it can go wrong becomes a MediaError."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django.conf import settings

from playground.core.speech import gettext_noop
from playground.media import errors
from playground.media.limited import LimitedError, run_limited
from playground.media.sniff import sniff

logger = logging.getLogger(__name__)
CPU_SECONDS = 60
WALL_SECONDS = 90
# Encoding a clip takes a multiple of reading it.
MENDING_SECONDS = 150
# Address space. A picture is decoded without FFmpeg, whose libraries take a good third of this before they do anything.
PICTURE_MEMORY_BYTES = 300 * 1024**2
TRACK_MEMORY_BYTES = 360 * 1024**2
# Only of files that were examined before: decoded pictures of the source and of the copy are held at once.
MENDING_MEMORY_BYTES = 640 * 1024**2


def examined(path: Path, folder: Path, name: str) -> dict[str, Any]:
    """The facts of `inspection.inspect`, from the limited child. Raises MediaError for whatever goes wrong there."""
    media_type = sniff(path)
    is_track = media_type is not None and media_type.kind in ("video", "audio")
    facts: dict[str, Any] = in_child(
        "playground.media.inspection.inspect",
        str(path.resolve()),
        str(folder),
        name[-200:],
        memory_bytes=TRACK_MEMORY_BYTES if is_track else PICTURE_MEMORY_BYTES,
    )
    return facts


def in_child(function: str, *arguments: Any, memory_bytes: int, seconds: int | None = None) -> Any:
    """Call a function on foreign bytes under the limits of uploads; every failure becomes a MediaError."""
    try:
        return run_limited(
            function,
            *arguments,
            cpu_seconds=seconds or CPU_SECONDS,
            memory_bytes=memory_bytes,
            wall_seconds=seconds or WALL_SECONDS,
            file_bytes=settings.UPLOAD_MAX_BYTES + 64 * 1024**2,
        )
    except LimitedError as error:
        if error.kind == "refused" and (found := errors.raised_in_child(error.error_type, error.details)):
            raise found from error
        # What the child's function did not foresee is a gap of ours, even if the file is at fault.
        level = logging.WARNING if error.kind == "refused" else logging.INFO
        logger.log(level, "An upload was refused: %s %s %s %s", error.kind, error.error_type, error.message, error.diagnostics[-500:])
        words = {
            "memory": errors.TooBig(gettext_noop("The file needs more memory to be worked on than is allowed.")),
            "cpu": errors.TooBig(gettext_noop("The file takes too long to be worked on.")),
            "time": errors.TooBig(gettext_noop("The file takes too long to be worked on.")),
        }
        raise words.get(error.kind, errors.NotMedia(gettext_noop("The file cannot be read: it is damaged."))) from error
