"""Wait for jobs to end: one look at the database for all who wait, however many they are."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from uuid import UUID

from django.db import close_old_connections, connections

from playground.jobs.models import FINAL_STATES, Job

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
Wake = Callable[[], None]


def ended(job_ids: Collection[UUID]) -> set[UUID]:
    return set(Job.objects.filter(pk__in=job_ids, state__in=FINAL_STATES).values_list("pk", flat=True))


class Watch:
    """A thread that looks while there is somebody to tell, and has no connection to the database otherwise."""

    def __init__(self, look: Callable[[Collection[UUID]], set[UUID]] = ended, every_seconds: float = LOOK_SECONDS) -> None:
        self._look = look
        self._every_seconds = every_seconds
        self._changed = threading.Condition()
        self._waiting: dict[object, tuple[UUID, Wake]] = {}
        self._thread: threading.Thread | None = None

    def listen(self, job_id: UUID, wake: Wake) -> Callable[[], None]:
        """`wake` is called, in the watch's thread, soon after the job has ended; the function that is returned takes that back."""
        token = object()
        with self._changed:
            self._waiting[token] = (job_id, wake)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
                self._thread.start()
            self._changed.notify()

        def stop() -> None:
            with self._changed:
                self._waiting.pop(token, None)

        return stop

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    connections.close_all()
                    self._changed.wait_for(lambda: self._waiting)
                asked = dict(self._waiting)
            self._tell(asked)
            time.sleep(self._every_seconds)

    def _tell(self, asked: dict[object, tuple[UUID, Wake]]) -> None:
        try:
            close_old_connections()
            done = self._look({job_id for job_id, _ in asked.values()})
        except Exception:
            # A database that is away for a moment ends nobody's waiting.
            logger.exception("the jobs that are waited for could not be looked at")
            return
        for token, (job_id, wake) in asked.items():
            if job_id in done:
                with self._changed:
                    self._waiting.pop(token, None)
                wake()


watch = Watch()


def wait_here(job_id: UUID, seconds: float) -> None:
    """Wait in the caller's own thread until the job has ended or time is up."""
    end = time.monotonic() + seconds
    while not ended([job_id]) and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
