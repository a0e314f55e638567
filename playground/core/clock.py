"""Aware datetimes inside, epoch milliseconds on the wire."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def from_ms(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)


def now_ms() -> int:
    return to_ms(now())
