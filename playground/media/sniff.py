"""What a file is, by its first bytes alone: names and declared types come from outside and say nothing."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Literal

HEAD_BYTES = 4096

# ISO base media files that are pictures or sound only; every other brand is left for the demuxer to judge.
_NOT_VIDEO_BRANDS = frozenset((b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"M4A ", b"M4B ", b"M4P "))
_MP3_KBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)


class MediaType(Enum):
    """The closed list of what is taken. `demuxer` is the only format that FFmpeg may use; pictures go to Pillow."""

    MP4 = ("mp4", "video", "video/mp4", "mov")
    MOV = ("mov", "video", "video/quicktime", "mov")
    WEBM = ("webm", "video", "video/webm", "matroska")
    MKV = ("mkv", "video", "video/x-matroska", "matroska")
    WAV = ("wav", "audio", "audio/wav", "wav")
    MP3 = ("mp3", "audio", "audio/mpeg", "mp3")
    OGG = ("ogg", "audio", "audio/ogg", "ogg")
    JPEG = ("jpg", "image", "image/jpeg", "JPEG")
    PNG = ("png", "image", "image/png", "PNG")
    WEBP = ("webp", "image", "image/webp", "WEBP")

    def __init__(self, extension: str, kind: Literal["video", "audio", "image"], content_type: str, demuxer: str) -> None:
        self.extension = extension
        self.kind = kind
        self.content_type = content_type
        self.demuxer = demuxer


CONTENT_TYPES = frozenset(media_type.content_type for media_type in MediaType)


def sniff(path: Path) -> MediaType | None:
    """The type of a file, or None for anything that is not on the list."""
    with path.open("rb") as file:
        return sniff_bytes(file.read(HEAD_BYTES))


def sniff_bytes(head: bytes) -> MediaType | None:
    if head[4:8] == b"ftyp" and len(head) >= 12:
        return _iso_base_media(head)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _matroska(head[:64])
    if head.startswith(b"RIFF"):
        return {b"WAVE": MediaType.WAV, b"WEBP": MediaType.WEBP}.get(head[8:12])
    if head.startswith(b"OggS\x00"):
        return MediaType.OGG
    if head.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if (head.startswith(b"ID3") and len(head) > 10 and head[3] < 0x10) or _is_mp3_stream(head):
        return MediaType.MP3
    return None


def _iso_base_media(head: bytes) -> MediaType | None:
    brand = head[8:12]
    if brand in _NOT_VIDEO_BRANDS:
        return None
    return MediaType.MOV if brand == b"qt  " else MediaType.MP4


def _matroska(head: bytes) -> MediaType | None:
    if b"webm" in head:
        return MediaType.WEBM
    return MediaType.MKV if b"matroska" in head else None


def _is_mp3_stream(head: bytes) -> bool:
    """Two frame headers in a row: a single 11-bit sync word turns up in random bytes far too often."""
    length = _mp3_frame_bytes(head[:4])
    return bool(length) and _mp3_frame_bytes(head[length : length + 4]) > 0


def _mp3_frame_bytes(header: bytes) -> int:
    """Length of an MPEG-1 layer III frame, 0 if this is not the header of one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xFE != 0xFA:
        return 0
    bitrate_index, rate_index, padding = header[2] >> 4, (header[2] >> 2) & 3, (header[2] >> 1) & 1
    if not 1 <= bitrate_index <= len(_MP3_KBITS) or rate_index == 3:
        return 0
    return 144_000 * _MP3_KBITS[bitrate_index - 1] // (44_100, 48_000, 32_000)[rate_index] + padding
