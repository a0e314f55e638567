"""Aware datetimes inside, epoch milliseconds on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


def now() -> datetime:
    return _standing.get() or datetime.now(UTC)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """What is done meanwhile is done then: for a past that is told afterwards."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)


def to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def from_ms(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)


def now_ms() -> int:
    return to_ms(now())
