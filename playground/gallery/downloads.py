"""Several takes as one ZIP file, made while it is sent: stored and not deflated, for videos are as small as they get."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, cast

from django.utils import timezone
from django.utils.translation import gettext as _

from playground.jobs.models import Take
from playground.media import services as media
from playground.media.errors import Gone

PIECE_BYTES = 1024 * 1024
_MISSING = "missing.txt"


def name_of(take: Take, storage_name: str = "") -> str:
    """`veo-3-1-take-15.mp4`: what somebody finds again among downloads; `15b` when a job has several."""
    model = take.job.model_id.rpartition("/")[2]
    letter = chr(ord("a") + take.index) if 0 < take.index < 26 else f"-{take.index + 1}" if take.index else ""
    return f"{model}-take-{take.job.number}{letter}.{(storage_name or take.video.storage_name).rpartition('.')[2]}"


def zipped(takes: Iterable[Take]) -> Iterator[bytes]:
    """The file, piece by piece: at most about a megabyte of it is in memory. What is lost is named in a note inside."""
    pipe = _Pipe()
    lost = []
    names: Counter[str] = Counter()
    with zipfile.ZipFile(cast("IO[bytes]", pipe), "w", zipfile.ZIP_STORED) as archive:
        for take in takes:
            name = _unique(name_of(take), names)
            try:
                yield from _member(archive, pipe, take, name)
            except Gone:
                lost.append(name)
        if lost:
            archive.writestr(_MISSING, _("These files are no longer in the storage:") + "\n" + "\n".join(lost) + "\n")
    yield pipe.take()


def _member(archive: zipfile.ZipFile, pipe: _Pipe, take: Take, name: str) -> Iterator[bytes]:
    size = take.video.size_bytes
    # Asked for first: a file that is lost leaves no half entry behind.
    piece = media.open_range(take.video, 0, min(PIECE_BYTES, size))
    entry = zipfile.ZipInfo(name, _moment(take.created_at))
    entry.file_size = size
    entry.external_attr = 0o644 << 16
    with archive.open(entry, "w") as target:
        read = 0
        while piece:
            target.write(piece)
            yield pipe.take()
            read += len(piece)
            piece = media.open_range(take.video, read, min(read + PIECE_BYTES, size)) if read < size else b""
    yield pipe.take()


def _moment(moment: datetime) -> tuple[int, int, int, int, int, int]:
    local = timezone.localtime(moment)
    return local.year, local.month, local.day, local.hour, local.minute, local.second


def _unique(name: str, names: Counter[str]) -> str:
    """Models of two gateways may have the same name; the second is called `-2`."""
    names[name] += 1
    stem, dot, ending = name.rpartition(".")
    return name if names[name] == 1 else f"{stem}-{names[name]}{dot}{ending}"


class _Pipe:
    """What the archive writes into and the response takes from; it cannot go back, so sizes follow each file's bytes."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data
