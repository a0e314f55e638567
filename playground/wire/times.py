"""Times on the wire: epoch milliseconds where they were measured, ISO or "YYYY-MM-DD HH:MM:SS" in the documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

# A local time without a zone is the provider's: its servers stand in China, its documents are silent.
_LOCAL_ZONES = (UTC, timezone(timedelta(hours=8)))
# Below this a number of seconds was meant: it is the year 1970 in milliseconds, 5138 in seconds.
_LEAST_MS = 100_000_000_000
# The end of the year 9999; no calendar shows what comes after it.
_MOST_MS = 253_402_300_799_000


def read_moments(value: object) -> tuple[int, ...]:
    """Every moment, in epoch ms, that a wire time may mean; empty for what is none."""
    if isinstance(value, bool) or value is None:
        return ()
    if isinstance(value, int | float):
        return _from_number(value)
    text = str(value).strip()
    if text.isascii() and text.isdigit():
        return _from_number(int(text[:16]))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ()
    zones = _LOCAL_ZONES if moment.tzinfo is None else (moment.tzinfo,)
    meant = (round(moment.replace(tzinfo=zone).timestamp() * 1000) for zone in zones)
    return tuple(milliseconds for milliseconds in meant if 0 < milliseconds <= _MOST_MS)


def _from_number(number: float) -> tuple[int, ...]:
    if not 0 < number <= _MOST_MS:
        return ()
    return (round(number if number >= _LEAST_MS else number * 1000),)
