"""Whether a container is as long as it says: FFmpeg plays what is there of a file that was cut off, and reports no error."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia
from playground.media.sniff import MediaType

_CUT_OFF = gettext_noop("The file is cut off in the middle.")
_SEGMENT = b"\x18\x53\x80\x67"
_BOXES = 1000


def check_container(path: Path, media_type: MediaType) -> None:
    """Raises NotMedia for a container whose outermost parts reach beyond the end of the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if media_type in (MediaType.WEBM, MediaType.MKV):
            end = _end_of_segment(file)
        elif media_type in (MediaType.MP4, MediaType.MOV, MediaType.M4A):
            end = _end_of_boxes(file, size)
        elif media_type is MediaType.WAV:
            end = _end_of_samples(file)
        elif media_type is MediaType.AVI:
            end = 8 + int.from_bytes(file.read(8)[4:], "little")
        else:
            return
    if end > size:
        raise NotMedia(_CUT_OFF)


def _end_of_boxes(file: IO[bytes], size: int) -> int:
    position = 0
    for _ in range(_BOXES):
        file.seek(position)
        header = file.read(16)
        if len(header) < 8 or position >= size:
            return position
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length == 0:  # up to the end of the file
            return size
        if length < 8:
            raise NotMedia(gettext_noop("The file is damaged."))
        position += length
    return position


def _end_of_segment(file: IO[bytes]) -> int:
    """The EBML header, then the segment; a size of all ones is "not known", as live recordings have it."""
    file.seek(4)
    length, _ = _number(file)
    file.seek(length, 1)
    if file.read(4) != _SEGMENT:
        return 0  # something stands before it; FFmpeg will find it or say no
    length, is_known = _number(file)
    return file.tell() + length if is_known else 0


def _number(file: IO[bytes]) -> tuple[int, bool]:
    first = file.read(1)
    if not first or not first[0]:
        raise NotMedia(_CUT_OFF)
    width = 8 - first[0].bit_length()
    rest = file.read(width)
    value = (first[0] & ((1 << (7 - width)) - 1)) << (8 * width) | int.from_bytes(rest, "big")
    return value, value != (1 << (7 * (width + 1))) - 1


def _end_of_samples(file: IO[bytes]) -> int:
    file.seek(12)
    while len(header := file.read(8)) == 8:
        length = int.from_bytes(header[4:], "little")
        if header[:4] == b"data":
            # Recorders that never came to write the length leave 0 or the largest number.
            return file.tell() + length if length not in (0, 0xFFFFFFFF) else 0
        file.seek(length + length % 2, 1)
    return 0
