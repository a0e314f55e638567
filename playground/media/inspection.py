"""The child's work on an upload: find out what it is, make a clean copy and a thumbnail, say the facts.

The entry point is `inspect`, called by `limited.run_limited`. What is needed for a kind is imported with it, because
both the start and the memory of the child count.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia, TooBig, Unsupported
from playground.media.sniff import HEAD_BYTES, MediaType, sniff_bytes

# Long enough that coded pixels or sound never hold one by chance; metadata of real cameras holds none of them.
_SCRIPT = re.compile(
    rb"<script|<html|<!doctype|<\?php|<svg[\s>]|%PDF-1\.|#!/(?:usr/)?bin/|\*/\s*=\s*\w|#EXTM3U|ffconcat version", re.IGNORECASE
)
# These are read by mapping them, which counts as memory.
MAX_MAPPED_BYTES = 128 * 1024 * 1024
_EDGE_BYTES = 1024 * 1024
THUMB_NAME = "thumb.webp"
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc")
_PLAYLISTS = (b"#extm3u", b"ffconcat", b"[playlist]", b"v=0\r", b"v=0\n", b"<smil", b"<mpd", b"<asx")


def inspect(source: str, folder: str, name: str) -> dict[str, Any]:
    """Leave `clean.<extension>` and, for pictures and videos, `thumb.webp` in `folder`.

    Returns type (a name of MediaType) and what applies of width, height, duration_ms, fps (text), has_audio, codec and
    pages. `name` is what the file is called by its owner; it never decides more than whether a text is Markdown.
    """
    path, target = Path(source), Path(folder)
    media_type = type_of(path, name)
    if media_type.kind in ("image", "document") and path.stat().st_size > MAX_MAPPED_BYTES:
        is_picture = media_type.kind == "image"
        words = gettext_noop("A picture may have %(megabytes)s MB at most.")
        raise TooBig(
            words if is_picture else gettext_noop("A document may have %(megabytes)s MB at most."), megabytes=MAX_MAPPED_BYTES // 1024**2
        )
    refuse_second_file(path, media_type)
    if media_type.kind == "image":
        from playground.media.pictures import inspect_picture

        return inspect_picture(path, media_type, target)
    if media_type.kind == "document":
        from playground.media.documents import inspect_document

        return inspect_document(path, media_type, target)
    from playground.media.tracks import inspect_track

    return inspect_track(path, media_type, target)


def type_of(path: Path, name: str) -> MediaType:
    """Raises NotMedia or Unsupported, in words that say what to do instead where that is known."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise NotMedia(gettext_noop("The file is empty."))
    media_type = sniff_bytes(head)
    if media_type is None:
        from playground.media.documents import document_type

        media_type = document_type(path, name)
    if media_type is None:
        raise Unsupported(_what_it_is(head))
    return media_type


def refuse_second_file(path: Path, media_type: MediaType) -> None:
    """Raises Unsupported for a file that is another one for another program: an archive behind it, a script within.

    The clean copy would leave the second file behind; but who builds such a thing is told so.
    """
    import zipfile

    is_office = media_type in (MediaType.DOCX, MediaType.PPTX, MediaType.XLSX)
    if not is_office and zipfile.is_zipfile(path):
        raise Unsupported(gettext_noop("This is two files in one: there is an archive in it."))
    if media_type.kind != "document" and any(_SCRIPT.search(part) for part in _edges(path)):
        raise Unsupported(gettext_noop("This is two files in one: there is a page or a script in it."))


def _edges(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        head = file.read(_EDGE_BYTES)
        file.seek(max(len(head), path.stat().st_size - _EDGE_BYTES))
        return head, file.read(_EDGE_BYTES)


def _what_it_is(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF:
        return gettext_noop("HEIC pictures are not taken here. Save it as JPEG.")
    if head[4:8] == b"ftyp":
        return gettext_noop("This kind of file is not taken here. Save a picture as JPEG, sound as MP3.")
    if start.startswith(_PLAYLISTS):
        return gettext_noop("This is a list of other files, not a file of its own. Choose the file itself.")
    if start.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html")):
        return gettext_noop("This is a page or a drawing in text. Save a picture as PNG or JPEG.")
    if head.startswith(b"PK\x03\x04"):
        return gettext_noop("This is an archive. Take the file out of it.")
    return gettext_noop("The file is not of a kind that is known here.")
