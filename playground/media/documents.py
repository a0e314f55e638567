"""Which document a file is and how long it is, without a program that could be led astray: bounded reading, no rendering.

Taken are PDF (not encrypted), plain text and Markdown in UTF-8, and Word, PowerPoint and Excel files without macros.
"""

from __future__ import annotations

import os
import re
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import Any

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia, TooBig, Unsupported
from playground.media.pdf import count_pages
from playground.media.sniff import MediaType

MAX_TEXT_BYTES = 10 * 1024 * 1024
MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_PACKED_RATIO = 200
MAX_ENTRIES = 5000
_SMALL_ENTRY_BYTES = 1024 * 1024
_PIECE_BYTES = 1024 * 1024
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# Text that is a program or a list of other files for somebody; none of it is a document.
_NOT_PROSE = (
    b"#!", b"#extm3u", b"ffconcat", b"v=0\r", b"v=0\n", b"<!doctype", b"<html", b"<svg", b"<?xml", b"<?php", b"<script", b"%!ps",
    b"[playlist]", b"{\\rtf", b"<smil", b"<mpd", b"<asx", b"<playlist", b"push graphic-context",
)  # fmt: skip
_MAIN_PART = {"word/document.xml": MediaType.DOCX, "ppt/presentation.xml": MediaType.PPTX, "xl/workbook.xml": MediaType.XLSX}
_PAGES = re.compile(rb"<Pages>(\d{1,6})</Pages>")


def document_type(path: Path, name: str) -> MediaType | None:
    """What the bytes are; only between plain text and Markdown, which look the same, the name decides."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"%PDF-"):
        return MediaType.PDF
    if head.startswith(b"PK\x03\x04"):
        return _office_type(path)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not head or start.startswith(_NOT_PROSE) or _CONTROL.search(head):
        return None
    return MediaType.MARKDOWN if name.lower().endswith((".md", ".markdown")) else MediaType.TEXT


def inspect_document(source: Path, media_type: MediaType, folder: Path) -> dict[str, Any]:
    """Put the file, unchanged, at `clean.<extension>` in `folder`; returns type and pages. Raises MediaError."""
    pages: int | None = None
    if media_type is MediaType.PDF:
        pages = count_pages(source)
    elif media_type in (MediaType.TEXT, MediaType.MARKDOWN):
        _check_text(source)
    else:
        pages = _check_office(source)
    _link(source, folder / f"clean.{media_type.extension}")
    return {"type": media_type.name, "pages": pages}


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)


def _check_text(source: Path) -> None:
    if source.stat().st_size > MAX_TEXT_BYTES:
        raise TooBig(gettext_noop("The text is longer than %(megabytes)s MB."), megabytes=MAX_TEXT_BYTES // 1024**2)
    data = source.read_bytes()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise NotMedia(gettext_noop("The text is not in UTF-8. Save it in that encoding.")) from None
    if _CONTROL.search(data):
        raise NotMedia(gettext_noop("The file is not a plain text."))


def _office_type(path: Path) -> MediaType | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((media_type for part, media_type in _MAIN_PART.items() if part in names), None)


def _check_office(source: Path) -> int | None:
    """Pages or slides, where the file says. Every entry is unpacked once, to nowhere: what a header claims proves nothing."""
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            _check_entries(entries, source.stat().st_size)
            left = MAX_UNPACKED_BYTES
            for entry in entries:
                left = _unpack(archive, entry, left)
            slides = sum(bool(re.fullmatch(r"ppt/slides/slide\d+\.xml", entry.filename)) for entry in entries)
            return slides or _said_pages(archive, {entry.filename for entry in entries})
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise NotMedia(gettext_noop("The document is damaged.")) from error


def _check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise TooBig(gettext_noop("The document has more than %(count)s parts."), count=f"{MAX_ENTRIES:,}")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unsupported(gettext_noop("The document is encrypted. Save it without a password."))
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        raise Unsupported(gettext_noop("The document holds macros. Save it without them."))
    if any(entry.filename.startswith(("/", "\\")) or ".." in entry.filename.split("/") for entry in entries):
        raise NotMedia(gettext_noop("The document is damaged."))
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > _SMALL_ENTRY_BYTES and unpacked > size * MAX_PACKED_RATIO):
        raise TooBig(gettext_noop("The document unpacks to far more than it should."))


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    with archive.open(entry) as part:
        while piece := part.read(_PIECE_BYTES):
            left -= len(piece)
            if left < 0:
                raise TooBig(gettext_noop("The document unpacks to far more than it should."))
    return left


def _said_pages(archive: zipfile.ZipFile, names: set[str]) -> int | None:
    if "docProps/app.xml" not in names:
        return None
    with archive.open("docProps/app.xml") as part:
        found = _PAGES.search(part.read(_PIECE_BYTES))
    return int(found[1]) if found else None
