"""HTTP ranges and validators as RFC 9110 has them, without any Django: text in, numbers out."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SINGLE_RANGE = re.compile(r"bytes=[ \t]*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))[ \t]*", re.ASCII | re.IGNORECASE)
_ENTITY_TAG = re.compile(r'(?:W/)?"[^"\x00-\x20\x7f]*"')


class Unsatisfiable(Exception):
    """The range is well formed and lies outside the file: 416."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`start` up to, not including, `end`."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.end - 1}/{size}"


def parse_range(header: str, size: int, *, max_bytes: int) -> ByteRange | None:
    """The part to send, cut to `max_bytes`; None for a header that is to be ignored. Raises Unsatisfiable.

    Several ranges at once are ignored, which the RFC allows: no player asks for them, and tiny overlapping ones are a
    known way to exhaust a server. Sending less than was asked is allowed too, and players come back for the rest.
    """
    match = _SINGLE_RANGE.fullmatch(header.strip(" \t"))
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size
        if int(suffix) == 0:
            raise Unsatisfiable
    else:
        start, end = int(first), int(last) + 1 if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return ByteRange(start, min(end, size, start + max_bytes))


def matches_any(header: str, etag: str, *, is_weak: bool) -> bool:
    """Whether an If-Match (strong) or If-None-Match (weak) header names this entity tag."""
    if header.strip() == "*":
        return True
    candidates = _ENTITY_TAG.findall(header)
    return any((tag.removeprefix("W/") if is_weak else tag) == etag for tag in candidates)
