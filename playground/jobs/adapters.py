"""The pump's providers by name, each made with the key that holds. One whose key was replaced finishes its calls first."""

from __future__ import annotations

import time

from django.conf import settings

from playground.jobs import upstreams
from playground.jobs.calling import LAST_ANSWER_SECONDS
from playground.providers.base import Provider

# Beyond the longest that a call may take.
SLACK_SECONDS = 5.0


class Adapters:
    def __init__(self) -> None:
        self._current: dict[str, Provider] = {}
        # What was replaced, and when the last of its calls has ended.
        self._replaced: list[tuple[float, Provider]] = []

    def get(self, name: str) -> Provider | None:
        """None without a key. Asks the database now and then."""
        kept = self._current.get(name)
        if kept is not None and not upstreams.is_outdated(kept):
            return kept
        if kept is not None:
            end = time.monotonic() + settings.PROVIDER_TIMEOUT_SECONDS + LAST_ANSWER_SECONDS + SLACK_SECONDS
            self._replaced.append((end, self._current.pop(name)))
        try:
            self._current[name] = upstreams.build(name)
        except LookupError:
            return None
        return self._current[name]

    def made(self, name: str) -> Provider:
        """The one that `get` has just given: asks nobody, so also for the event loop."""
        return self._current[name]

    async def close_replaced(self) -> None:
        now = time.monotonic()
        over = [provider for end, provider in self._replaced if end <= now]
        self._replaced = [(end, provider) for end, provider in self._replaced if end > now]
        for provider in over:
            await provider.aclose()

    async def aclose(self) -> None:
        for provider in (*self._current.values(), *(provider for _, provider in self._replaced)):
            await provider.aclose()
