"""The loop: start, watch, restart, stop."""

from __future__ import annotations

import logging
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

from playground.supervisor.children import Child, ChildSpec, Reaper
from playground.supervisor.watchdog import Watchdog

logger = logging.getLogger(__name__)
_LONGEST_WAIT_SECONDS = 1.0
# Whoever lived so long does not fall over at the start; it is needed back at once.
_STEADY_SECONDS = 10.0
_ORPHAN_SECONDS = 5.0
_REAPER_GRACE_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to do every so often between looking after children. A true answer means: never again."""

    name: str
    every_seconds: float
    work: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon a dead child is started again, and how often the watchdogs look."""

    first_restart_seconds: float = 0.5
    slowest_restart_seconds: float = 30.0
    watch_seconds: float = 5.0


class _Place:
    """Where a child belongs: the running one, or the time at which the next one is due."""

    def __init__(self, spec: ChildSpec, pace: Pace) -> None:
        self.spec = spec
        self.child: Child | None = None
        self.due_at = 0.0
        self.started_at = 0.0
        self.leftover: Child | None = None
        self._pace = pace
        self._delay_seconds = pace.first_restart_seconds

    def note_death(self, now: float) -> None:
        if now - self.started_at >= _STEADY_SECONDS:
            self._delay_seconds = self._pace.first_restart_seconds
        self.leftover, self.child = self.child, None
        self.due_at = now + self._delay_seconds
        self._delay_seconds = min(self._delay_seconds * 2, self._pace.slowest_restart_seconds)

    def is_due(self, now: float) -> bool:
        if self.child is not None or now < self.due_at:
            return False
        # Orphans of the last one still execute; a bounded wait, lest one stuck in the kernel keeps the site down.
        return self.leftover is None or self.leftover.is_group_gone() or now > self.due_at + _ORPHAN_SECONDS


class Supervisor:
    def __init__(
        self,
        specs: Sequence[ChildSpec],
        *,
        watchdogs: Mapping[str, Watchdog] | None = None,
        duties: Sequence[Duty] = (),
        pace: Pace = Pace(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places = [_Place(spec, pace) for spec in specs]
        self._watchdogs = dict(watchdogs or {})
        self._duties = {duty: float("-inf") for duty in duties}
        self._pace = pace
        self._clock = clock
        self._watched_at = float("-inf")
        self._reaper = Reaper(_REAPER_GRACE_SECONDS)
        self._stop_signals = 0

    def run(self) -> None:
        """Until SIGTERM, SIGINT or SIGHUP. A second one ends the patience with children that stop slowly."""
        with self._signals() as waking:
            try:
                while not self._stop_signals:
                    self.tick()
                    select.select([waking], [], [], self._wait_seconds())
                    _drain(waking)
            finally:
                self.stop()

    def running(self) -> dict[str, int]:
        """The process ids of the running children by name."""
        return {place.spec.name: place.child.group for place in self._places if place.child is not None}

    def tick(self) -> None:
        """Look after everything once."""
        now = self._clock()
        self._reaper.revive(self.running().values())
        for place in self._places:
            self._bury(place, now)
            if place.is_due(now):
                self._start(place, now)
        if now - self._watched_at >= self._pace.watch_seconds:
            self._watched_at = now
            self._watch()
        for duty, done_at in list(self._duties.items()):
            if now - done_at >= duty.every_seconds and not self._stop_signals:
                self._do(duty)

    def stop(self) -> None:
        """Ask the children to stop, order by order; kill what does not, and everything that they leave behind."""
        for order in sorted({place.spec.stop_order for place in self._places}):
            places = [place for place in self._places if place.spec.stop_order == order and place.child is not None]
            for place in places:
                _child_of(place).ask_to_stop()
            deadline = self._clock() + max((place.spec.stop_seconds for place in places), default=0.0)
            while any(_child_of(place).exit_code() is None for place in places) and self._clock() < deadline:
                if self._stop_signals > 1:
                    break
                time.sleep(0.02)
            for place in places:
                self._end(place)
        self._reaper.close()

    def _start(self, place: _Place, now: float) -> None:
        place.leftover = None
        try:
            place.child = Child(place.spec)
        except OSError:
            logger.exception("%s could not be started.", place.spec.name)
            place.note_death(now)
            return
        self._reaper.add(place.child.group)
        place.child.let_go()
        place.started_at = now
        if (watchdog := self._watchdogs.get(place.spec.name)) is not None:
            watchdog.start(now)

    def _bury(self, place: _Place, now: float) -> None:
        if place.child is None or (code := place.child.exit_code()) is None:
            return
        group = place.child.group
        # Its workers may go on without it, and a new one would then do their work a second time.
        place.child.kill_group()
        self._reaper.remove(group)
        place.note_death(now)
        logger.warning(
            "%s (process %s) ended with code %s; starting it again in %.1f s.",
            place.spec.name, group, code, place.due_at - now,
        )  # fmt: skip

    def _watch(self) -> None:
        for place in self._places:
            watchdog = self._watchdogs.get(place.spec.name)
            # Read the clock anew: reading the sign of life may have waited for the database.
            if place.child is not None and watchdog is not None and watchdog.is_silent(self._clock()):
                logger.error("%s (process %s) shows no sign of life; killing it.", place.spec.name, place.child.group)
                place.child.kill_group()

    def _do(self, duty: Duty) -> None:
        self._duties[duty] = self._clock()
        try:
            is_done = duty.work()
        except Exception:
            logger.exception("The duty %s failed.", duty.name)
            return
        if is_done:
            del self._duties[duty]

    def _end(self, place: _Place) -> None:
        child = _child_of(place)
        if child.exit_code() is None:
            logger.warning("%s (process %s) did not stop in time; killing it.", place.spec.name, child.group)
        child.kill_group()
        deadline = self._clock() + _ORPHAN_SECONDS
        while (child.exit_code() is None or not child.is_group_gone()) and self._clock() < deadline:
            time.sleep(0.02)
        self._reaper.remove(child.group)
        place.child = None

    def _wait_seconds(self) -> float:
        now = self._clock()
        due = [place.due_at for place in self._places if place.child is None]
        due += [done_at + duty.every_seconds for duty, done_at in self._duties.items()]
        return max(0.02, min([_LONGEST_WAIT_SECONDS, *(at - now for at in due)]))

    @contextmanager
    def _signals(self) -> Iterator[int]:
        """Signals wake the loop at once through a pipe; a handler alone would have to wait for its next turn."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
        previous = {number: signal.signal(number, self._handle) for number in numbers}
        previous_descriptor = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        try:
            yield reading
        finally:
            signal.set_wakeup_fd(previous_descriptor)
            for number, handler in previous.items():
                signal.signal(number, handler)
            os.close(reading)
            os.close(writing)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._stop_signals += 1


def _child_of(place: _Place) -> Child:
    assert place.child is not None
    return place.child


def _drain(descriptor: int) -> None:
    with suppress(BlockingIOError):
        os.read(descriptor, 4096)
