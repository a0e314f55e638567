"""Media types by the names that providers use for them, and in words for people."""

from __future__ import annotations

from collections.abc import Iterable

from playground.catalog.values import in_words
from playground.core.speech import gettext, gettext_noop

# Several names for one thing; what is told apart here is told apart by the first bytes of a file.
_SAME = {
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/x-aac": "audio/aac",
    "audio/x-flac": "audio/flac",
    "video/x-msvideo": "video/avi",
    # A text in Markdown is a text.
    "text/markdown": "text/plain",
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_WORDS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/heic": "HEIC",
    "image/heif": "HEIF",
    "video/mp4": "MP4",
    "video/quicktime": "MOV",
    "video/webm": "WebM",
    "video/x-matroska": "MKV",
    "video/avi": "AVI",
    "audio/mpeg": "MP3",
    "audio/wav": "WAV",
    "audio/ogg": "OGG",
    "audio/aac": "AAC",
    "audio/mp4": "M4A",
    "audio/flac": "FLAC",
    "audio/x-ms-wma": "WMA",
    "application/pdf": "PDF",
    "text/plain": gettext_noop("text"),
    f"{_OFFICE}wordprocessingml.document": "Word",
    f"{_OFFICE}presentationml.presentation": "PowerPoint",
    f"{_OFFICE}spreadsheetml.sheet": "Excel",
}
# What a file can be written as here, best first.
_WRITABLE = {
    "image": ("image/jpeg", "image/png", "image/webp"),
    "video": ("video/mp4",),
    "audio": ("audio/mpeg", "audio/wav", "audio/mp4", "audio/aac"),
}


def canonical(content_type: str) -> str:
    """One name for each type: `audio/mpeg` for `audio/mp3`."""
    name = content_type.partition(";")[0].strip().lower()
    return _SAME.get(name, name)


def kind_of(content_type: str) -> str:
    """`image`, `video`, `audio`, else the first half of the type, as in `application`."""
    return content_type.partition("/")[0]


def type_in_words(content_type: str) -> str:
    name = canonical(content_type)
    return gettext(_WORDS[name]) if name in _WORDS else name


def types_in_words(content_types: Iterable[str]) -> str:
    return in_words(list(dict.fromkeys(type_in_words(name) for name in content_types)))


def writable_among(accepted: Iterable[str], kind: str) -> str:
    """The best accepted type of this kind that a file can be written as, or ""."""
    names = {canonical(name) for name in accepted}
    return next((name for name in _WRITABLE.get(kind, ()) if name in names), "")
