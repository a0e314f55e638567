"""CSV files that are written while they are sent: constant memory whatever their length, and no cell that is a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse

from playground.core.cells import harmless

Row = TypeVar("Row", bound=Model)
BATCH = 1000
_CHUNK_CHARACTERS = 32_768


def cell(value: object) -> str:
    """A cell's text. Texts that a spreadsheet would compute begin with an apostrophe; numbers stay numbers, also negative ones."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | Decimal():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds")
    return harmless(str(value))


def stream(rows: Iterable[Sequence[object]], filename: str) -> StreamingHttpResponse:
    """The answer for a download; the first row is the heading."""
    response = StreamingHttpResponse(_chunks(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "no-store"
    return response


def below(found: QuerySet[Row], *, size: int = BATCH) -> Iterator[Row]:
    """Newest first, in batches below the last id: a slow reader holds no cursor and no transaction open."""
    rows: QuerySet[Any] = found.order_by("-pk")
    batch = list(rows[:size])
    while batch:
        yield from batch
        batch = list(rows.filter(pk__lt=batch[-1].pk)[:size]) if len(batch) == size else []


class _Lines:
    """What csv writes to: it keeps the lines until somebody takes them."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._length = 0

    def write(self, line: str) -> None:
        self._kept.append(line)
        self._length += len(line)

    @property
    def is_full(self) -> bool:
        return self._length >= _CHUNK_CHARACTERS

    def take(self) -> bytes:
        text = "".join(self._kept)
        self._kept.clear()
        self._length = 0
        return text.encode("utf-8", "replace")


def _chunks(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell(value) for value in row])
        if lines.is_full:
            yield lines.take()
    if rest := lines.take():
        yield rest
