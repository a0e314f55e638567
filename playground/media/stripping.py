"""Copy a picture without what it does not need to be seen: places, names, dates, comments, and whatever was glued to it.

The pixels stay as they are coded: only the parts of the container that carry them are copied, and the copy ends where
the picture ends, so a second file hidden behind or inside it does not come along. Saving anew was rejected for the usual
case: it costs quality and several times the memory. Runs in the limited child; nothing but the standard library.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import IO

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia, TooBig
from playground.media.sniff import MediaType

MAX_CHUNK_BYTES = 4 * 1024 * 1024
"""Of a colour profile or a palette. Pixel data may be as long as the file."""
MAX_FRAMES = 1000
MAX_FRAME_PIXELS = 500_000_000
"""Of all frames of an animation together."""
_COPY_BYTES = 1024 * 1024
_CUT_OFF = gettext_noop("The picture is cut off.")
_DAMAGED = gettext_noop("The picture cannot be read: it is damaged.")


def strip(source: Path, target: Path, media_type: MediaType) -> bytes:
    """Write the picture alone to `target` and return its EXIF block (b"" without one), for the orientation in it.

    Raises NotMedia for what is damaged or cut off, TooBig for an endless animation.
    """
    with source.open("rb") as file, target.open("wb") as output, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return _STRIPPERS[media_type](data, output)
        except (IndexError, struct.error):
            raise NotMedia(_CUT_OFF) from None


def can_strip(media_type: MediaType) -> bool:
    return media_type in _STRIPPERS


def _copy(data: mmap.mmap, start: int, end: int, output: IO[bytes]) -> None:
    if end > len(data):
        raise NotMedia(_CUT_OFF)
    for position in range(start, end, _COPY_BYTES):
        output.write(data[position : min(end, position + _COPY_BYTES)])


def _small(data: mmap.mmap, start: int, end: int) -> bytes:
    if end > len(data):
        raise NotMedia(_CUT_OFF)
    if end - start > MAX_CHUNK_BYTES:
        raise TooBig(gettext_noop("The picture carries a colour profile or a text of absurd size."))
    return data[start:end]


# --- JPEG ---------------------------------------------------------------------------------------------------------
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
# Tables, frames and scans; APP0 is the density, APP14 how the colours are coded.
_JPEG_KEPT = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0xE0, 0xEE})
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"


def _strip_jpeg(data: mmap.mmap, output: IO[bytes]) -> bytes:
    exif = b""
    output.write(b"\xff\xd8")
    position = 2
    while True:
        if position + 1 >= len(data) or data[position] != 0xFF:
            raise NotMedia(_CUT_OFF if position + 1 >= len(data) else _DAMAGED)
        marker = data[position + 1]
        if marker == 0xFF:  # a filler byte
            position += 1
            continue
        if marker == _EOI:
            output.write(b"\xff\xd9")
            return exif
        end = position + 2 + struct.unpack(">H", data[position + 2 : position + 4])[0]
        is_profile = marker == 0xE2 and data[position + 4 : position + 16] == _ICC
        if marker == 0xE1 and data[position + 4 : position + 10] == _EXIF:
            exif = exif or _small(data, position + 10, end)
        elif marker in _JPEG_KEPT or is_profile:
            _copy(data, position, end, output)
        elif marker == _SOS:
            end = _end_of_scan(data, end)
            _copy(data, position, end, output)
        elif not 0xE0 <= marker <= 0xFE:
            raise NotMedia(_DAMAGED)
        position = end


def _end_of_scan(data: mmap.mmap, start: int) -> int:
    """Where the coded pixels end: at the next marker that is neither a restart nor an escaped 0xFF."""
    found = _MARKER.search(data, start)
    if found is None:
        raise NotMedia(_CUT_OFF)
    return found.start()


# --- PNG ----------------------------------------------------------------------------------------------------------
_PNG_KEPT = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD", b"pHYs"))
_PNG_LONG = frozenset((b"IDAT",))


def _strip_png(data: mmap.mmap, output: IO[bytes]) -> bytes:
    exif = b""
    output.write(data[:8])
    position = 8
    while True:
        length = struct.unpack(">I", data[position : position + 4])[0]
        name, end = data[position + 4 : position + 8], position + 12 + length
        if end > len(data):
            raise NotMedia(_CUT_OFF)
        if name in _PNG_KEPT:
            if name not in _PNG_LONG:
                _small(data, position, end)
            _copy(data, position, end, output)
        elif name == b"eXIf":
            exif = _small(data, position + 8, end - 4)
        elif not name.isalpha():
            raise NotMedia(_DAMAGED)
        if name == b"IEND":
            return exif
        position = end


# --- WebP ---------------------------------------------------------------------------------------------------------
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"))
_HAS_EXIF, _HAS_XMP, _IS_ANIMATED = 0x08, 0x04, 0x02


def _strip_webp(data: mmap.mmap, output: IO[bytes]) -> bytes:
    exif = b""
    said_end = 8 + struct.unpack("<I", data[4:8])[0]
    if said_end > len(data):
        raise NotMedia(_CUT_OFF)
    output.write(b"RIFF\0\0\0\0WEBP")
    position = 12
    while position + 8 <= said_end:
        name, length = data[position : position + 4], struct.unpack("<I", data[position + 4 : position + 8])[0]
        end = position + 8 + length + length % 2
        if position + 8 + length > said_end:
            raise NotMedia(_CUT_OFF)
        if name == b"VP8X":
            flags = data[position + 8]
            if flags & _IS_ANIMATED:
                raise NotMedia(gettext_noop("An animated WebP is not taken. Save it as a single picture or as a video."))
            output.write(data[position : position + 8] + bytes([flags & ~(_HAS_EXIF | _HAS_XMP)]))
            output.write(_small(data, position + 9, min(end, said_end)))
        elif name in _WEBP_KEPT:
            _copy(data, position, min(end, said_end), output)
        elif name == b"EXIF":
            exif = _small(data, position + 8, position + 8 + length).removeprefix(_EXIF)
        position = end
    size = output.tell()
    output.seek(4)
    output.write(struct.pack("<I", size - 8))
    return exif


# --- GIF ----------------------------------------------------------------------------------------------------------
def _strip_gif(data: mmap.mmap, output: IO[bytes]) -> bytes:
    width, height, flags = struct.unpack("<HHB", data[6:11])
    position = 13 + _palette_bytes(flags)
    _copy(data, 0, position, output)
    frames = pixels = 0
    while data[position] != 0x3B:
        if data[position] == 0x2C:
            left, top, wide, high, flags = struct.unpack("<HHHHB", data[position + 1 : position + 10])
            frames, pixels = frames + 1, pixels + wide * high
            if left + wide > width or top + high > height:
                raise NotMedia(_DAMAGED)
            if frames > MAX_FRAMES or pixels > MAX_FRAME_PIXELS:
                raise TooBig(gettext_noop("The animation is too long: at most %(count)s pictures are taken."), count=MAX_FRAMES)
            end = _end_of_blocks(data, position + 11 + _palette_bytes(flags))
            _copy(data, position, end, output)
        elif data[position] == 0x21:
            end = _end_of_blocks(data, position + 2)
            # The timing of an animation and whether it loops; comments and everything else stay behind.
            is_loop = data[position + 1] == 0xFF and data[position + 3 : position + 14] == b"NETSCAPE2.0" and end - position < 64
            if is_loop or (data[position + 1] == 0xF9 and end - position == 8):
                _copy(data, position, end, output)
        else:
            raise NotMedia(_DAMAGED)
        position = end
    if not frames:
        raise NotMedia(gettext_noop("There is no picture in the file."))
    if len(data) - position > _COPY_BYTES or data[position + 1 :].strip(b"\0 \r\n"):
        raise NotMedia(gettext_noop("There is something else behind the picture."))
    output.write(b"\x3b")
    return b""


def _palette_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_blocks(data: mmap.mmap, position: int) -> int:
    while length := data[position]:
        position += 1 + length
    return position + 1


_STRIPPERS: dict[MediaType, Callable[[mmap.mmap, IO[bytes]], bytes]] = {
    MediaType.JPEG: _strip_jpeg,
    MediaType.PNG: _strip_png,
    MediaType.WEBP: _strip_webp,
    MediaType.GIF: _strip_gif,
}
