"""How many pages a PDF has, from its own page tree. No renderer, no script, bounded unpacking.

The objects are found by their headings and not by the cross-reference table, which damaged and hostile files bend; of
several versions of an object the last one counts, as every reader has it. Objects inside compressed streams count too.
"""

from __future__ import annotations

import mmap
import re
import zlib
from pathlib import Path

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia, TooBig, Unsupported

MAX_OBJECTS = 300_000
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
_MAX_PACKED_BYTES = 32 * 1024 * 1024
_HEAD_BYTES = 4096
_OBJECT = re.compile(rb"(?<![0-9])(\d{1,10})[ \t\r\n]{1,4}\d{1,5}[ \t\r\n]{1,4}obj\b")
_ROOT = re.compile(rb"/Root\s{0,8}(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R")
_PAGES = re.compile(rb"/Pages\s{0,8}(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R")
_COUNT = re.compile(rb"/Count\s{0,8}(\d{1,7})\b")
_LENGTH = re.compile(rb"/Length\s{0,8}(\d{1,10})(?!\s{1,8}\d{1,5}\s{1,8}R)")
_FIRST = re.compile(rb"/First\s{0,8}(\d{1,9})")
_ENCRYPT = re.compile(rb"/Encrypt\s{0,8}(?:\d{1,10}\s{1,8}\d{1,5}\s{1,8}R|<<)")
_UNREADABLE = gettext_noop("The PDF cannot be read: it is damaged or cut off.")


def count_pages(path: Path) -> int:
    """Raises NotMedia for what is no whole PDF, Unsupported for an encrypted one, TooBig for absurd ones."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.rfind(b"%%EOF", max(0, len(data) - 2048)) < 0:
            raise NotMedia(_UNREADABLE)
        if _ENCRYPT.search(data):
            raise Unsupported(gettext_noop("The PDF is encrypted. Save it without a password."))
        objects, roots = _index(data)
        for root in reversed(roots):
            pages = _PAGES.search(objects.get(root, b""))
            count = _COUNT.search(objects.get(int(pages[1]), b"")) if pages else None
            if count and int(count[1]):
                return int(count[1])
    raise NotMedia(_UNREADABLE)


def _index(data: mmap.mmap) -> tuple[dict[int, bytes], list[int]]:
    """The beginnings of all objects that matter, by number, and the numbers that are called the root."""
    objects: dict[int, bytes] = {}
    left = MAX_UNPACKED_BYTES
    for number, found in enumerate(_OBJECT.finditer(data)):
        if number > MAX_OBJECTS:
            raise TooBig(gettext_noop("The PDF has too many parts."))
        head = data[found.end() : found.end() + _HEAD_BYTES].partition(b"endobj")[0]
        if b"/ObjStm" in head.partition(b"stream")[0]:
            left = _unpack(data, found.end(), head, objects, left)
        elif b"/Pages" in head:
            objects[int(found[1])] = head
    return objects, [int(found[1]) for found in _ROOT.finditer(data)]


def _unpack(data: mmap.mmap, start: int, head: bytes, objects: dict[int, bytes], left: int) -> int:
    """Add the objects of a compressed stream; returns how much may still be unpacked."""
    dictionary, word, _ = head.partition(b"stream")
    first, length = _FIRST.search(dictionary), _LENGTH.search(dictionary)
    if not word or not first:
        return left
    begin = start + len(dictionary) + len(word)
    begin += 2 if data[begin : begin + 2] == b"\r\n" else 1
    end = begin + int(length[1]) if length else data.find(b"endstream", begin)
    packed = data[begin : min(end if end > begin else len(data), begin + _MAX_PACKED_BYTES)]
    try:
        text = zlib.decompressobj().decompress(packed, left) if b"/FlateDecode" in dictionary else packed[:left]
    except zlib.error:
        raise NotMedia(_UNREADABLE) from None
    if len(text) >= left:
        raise TooBig(gettext_noop("The PDF unpacks to far more than it should."))
    offset = int(first[1])
    pairs = text[:offset].split()
    places = [
        (int(number), offset + int(place)) for number, place in zip(pairs[::2], pairs[1::2], strict=False) if _are_digits(number, place)
    ]
    for index, (number, place) in enumerate(places):
        until = places[index + 1][1] if index + 1 < len(places) else len(text)
        part = text[place : min(until, place + _HEAD_BYTES)]
        if b"/Pages" in part:
            objects[number] = part
    return left - len(text)


def _are_digits(*words: bytes) -> bool:
    return all(word.isdigit() and len(word) < 10 for word in words)
