"""What a file is, by its first bytes alone: names and declared types come from outside and say nothing."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Literal

HEAD_BYTES = 4096

# ISO base media files that are pictures or locked sound; every other brand is left for the demuxer to judge.
_NOT_VIDEO_BRANDS = frozenset((b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"M4P "))
_SOUND_BRANDS = frozenset((b"M4A ", b"M4B "))
# MPEG-1, and MPEG-2 or 2.5, which speech at low rates has.
_MP3_KBITS = ((32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320), (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160))
_MP3_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_OFFICE = "application/vnd.openxmlformats-officedocument."


class MediaType(Enum):
    """The closed list of what is taken. `demuxer` is the only format that FFmpeg may use; pictures go to Pillow."""

    MP4 = ("mp4", "video", "video/mp4", "mov")
    MOV = ("mov", "video", "video/quicktime", "mov")
    WEBM = ("webm", "video", "video/webm", "matroska")
    MKV = ("mkv", "video", "video/x-matroska", "matroska")
    AVI = ("avi", "video", "video/avi", "avi")
    WAV = ("wav", "audio", "audio/wav", "wav")
    MP3 = ("mp3", "audio", "audio/mpeg", "mp3")
    OGG = ("ogg", "audio", "audio/ogg", "ogg")
    AAC = ("aac", "audio", "audio/aac", "aac")
    M4A = ("m4a", "audio", "audio/mp4", "mov")
    FLAC = ("flac", "audio", "audio/flac", "flac")
    JPEG = ("jpg", "image", "image/jpeg", "JPEG")
    PNG = ("png", "image", "image/png", "PNG")
    WEBP = ("webp", "image", "image/webp", "WEBP")
    GIF = ("gif", "image", "image/gif", "GIF")
    BMP = ("bmp", "image", "image/bmp", "BMP")
    TIFF = ("tiff", "image", "image/tiff", "TIFF")
    # Documents are never opened by a decoder; `documents` tells which of them a file is.
    PDF = ("pdf", "document", "application/pdf", "")
    TEXT = ("txt", "document", "text/plain", "")
    MARKDOWN = ("md", "document", "text/markdown", "")
    DOCX = ("docx", "document", f"{_OFFICE}wordprocessingml.document", "")
    PPTX = ("pptx", "document", f"{_OFFICE}presentationml.presentation", "")
    XLSX = ("xlsx", "document", f"{_OFFICE}spreadsheetml.sheet", "")

    def __init__(self, extension: str, kind: Literal["video", "audio", "image", "document"], content_type: str, demuxer: str) -> None:
        self.extension = extension
        self.kind = kind
        self.content_type = content_type
        self.demuxer = demuxer


CONTENT_TYPES = frozenset(media_type.content_type for media_type in MediaType)


def sniff(path: Path) -> MediaType | None:
    """The type of a file, or None for anything that is not on the list."""
    with path.open("rb") as file:
        return sniff_bytes(file.read(HEAD_BYTES))


_MAGIC = (
    (b"OggS\x00", MediaType.OGG),
    (b"fLaC\x00", MediaType.FLAC),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"GIF87a", MediaType.GIF),
    (b"GIF89a", MediaType.GIF),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"%PDF-", MediaType.PDF),
)
_RIFF = {b"WAVE": MediaType.WAV, b"WEBP": MediaType.WEBP, b"AVI ": MediaType.AVI}


def sniff_bytes(head: bytes) -> MediaType | None:
    """The type by the first bytes; office documents and plain text, which have none of their own, are None."""
    if head[4:8] == b"ftyp" and len(head) >= 12:
        return _iso_base_media(head)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _matroska(head[:64])
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if known := next((media_type for magic, media_type in _MAGIC if head.startswith(magic)), None):
        return known
    # Reserved bytes are zero and the header that follows has one of its known sizes: "BM" alone begins many a text.
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0" and head[14:18] in _BMP_HEADERS:
        return MediaType.BMP
    if (head.startswith(b"ID3") and len(head) > 10 and head[3] < 0x10) or _repeats(head, _mp3_frame_bytes):
        return MediaType.MP3
    return MediaType.AAC if _repeats(head, _adts_frame_bytes) else None


_BMP_HEADERS = tuple(size.to_bytes(4, "little") for size in (40, 52, 56, 64, 108, 124))


def _iso_base_media(head: bytes) -> MediaType | None:
    brand = head[8:12]
    if brand in _SOUND_BRANDS:
        return MediaType.M4A
    if brand in _NOT_VIDEO_BRANDS:
        return None
    return MediaType.MOV if brand == b"qt  " else MediaType.MP4


def _matroska(head: bytes) -> MediaType | None:
    if b"webm" in head:
        return MediaType.WEBM
    return MediaType.MKV if b"matroska" in head else None


def _repeats(head: bytes, frame_bytes: Callable[[bytes], int]) -> bool:
    """Two frame headers in a row: a single sync word of 11 bits turns up in random bytes far too often."""
    length = frame_bytes(head[:8])
    return bool(length) and frame_bytes(head[length : length + 8]) > 0


def _mp3_frame_bytes(header: bytes) -> int:
    """Length of a layer III frame, 0 if this is not the header of one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate_index, rate_index, padding = header[1] >> 3 & 3, header[2] >> 4, (header[2] >> 2) & 3, (header[2] >> 1) & 1
    if version not in _MP3_RATES or not 1 <= bitrate_index <= 14 or rate_index == 3:
        return 0
    kbits = _MP3_KBITS[version != 3][bitrate_index - 1]
    return (144_000 if version == 3 else 72_000) * kbits // _MP3_RATES[version][rate_index] + padding


def _adts_frame_bytes(header: bytes) -> int:
    """Length of an AAC frame in a stream of its own."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or (header[2] >> 2) & 15 > 12:
        return 0
    return (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
