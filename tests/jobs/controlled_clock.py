"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from playground.core import clock


class ControlledClock:
    """Replaces what `playground.core.clock` reads, so that defaults of model fields follow it too."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.restart()
        controlled = self

        class Standing(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return controlled.now

        monkeypatch.setattr(clock, "datetime", Standing)

    def restart(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
