"""Notices that a child is alive as a process but does nothing any more."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Watchdog:
    """Silent means: the sign of life has not changed for `silence_seconds` of this machine's running time.

    The sign's own time of day is not compared with the clock: after a laptop's sleep everything would look dead.
    """

    def __init__(self, read_sign: Callable[[], object], silence_seconds: float) -> None:
        self._read_sign = read_sign
        self._silence_seconds = silence_seconds
        self._sign: object = None
        self._changed_at = 0.0

    def start(self, now: float) -> None:
        """The child has just been started: it has the whole time to say something."""
        self._changed_at = now

    def is_silent(self, now: float) -> bool:
        try:
            sign = self._read_sign()
        except Exception as error:
            # A database that cannot be read says nothing about the queue, and killing it would not help.
            logger.warning("The sign of life could not be read: %s", error)
            self._changed_at = now
            return False
        if sign != self._sign:
            self._sign, self._changed_at = sign, now
        return now - self._changed_at > self._silence_seconds
