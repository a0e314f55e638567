"""One look at the database serves everybody who waits for a job's end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest

from playground.jobs import waiting
from playground.jobs.models import FINAL_STATES, State
from playground.jobs.waiting import Watch
from tests.factories import Personas, make_job
from tests.web.playground import put_in_state


@dataclass
class Looks:
    """Stands in for the database; the first look can be held up until all are there, and looks can fail."""

    done: set[UUID] = field(default_factory=set)
    failures: int = 0
    asked: list[set[UUID]] = field(default_factory=list)
    under_way: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, job_ids: Collection[UUID]) -> set[UUID]:
        self.asked.append(set(job_ids))
        self.under_way.set()
        assert self.go_on.wait(300)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("away for a moment")
        return self.done & set(job_ids)


@pytest.fixture
def looks() -> Looks:
    return Looks()


def test_everybody_is_told_by_one_look(looks: Looks) -> None:
    watch = Watch(looks, every_seconds=0)
    job_ids, told = [uuid4() for _ in range(50)], [threading.Event() for _ in range(50)]
    stop_first = watch.listen(uuid4(), lambda: None)
    assert looks.under_way.wait(300)
    for job_id, event in zip(job_ids, told, strict=True):
        watch.listen(job_id, event.set)
    looks.done = set(job_ids)
    stop_first()
    looks.go_on.set()

    assert all(event.wait(300) for event in told)
    assert watch.waiting == 0
    # The look that was under way when they came, and the one that told them all.
    assert looks.asked[1:] == [set(job_ids)]


def test_only_those_whose_job_has_ended_are_told(looks: Looks) -> None:
    watch = Watch(looks, every_seconds=0)
    ours, other, told, not_yet = uuid4(), uuid4(), threading.Event(), threading.Event()
    looks.done = {ours}
    looks.go_on.set()
    stop = watch.listen(other, not_yet.set)
    watch.listen(ours, told.set)

    assert told.wait(300)
    assert (not_yet.is_set(), watch.waiting) == (False, 1)
    stop()
    assert watch.waiting == 0


def test_a_database_that_is_away_ends_nobody_s_waiting(looks: Looks, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="playground.jobs.waiting")
    watch = Watch(looks, every_seconds=0)
    job_id, told = uuid4(), threading.Event()
    looks.done, looks.failures = {job_id}, 3
    looks.go_on.set()
    watch.listen(job_id, told.set)

    assert told.wait(300)
    assert len(looks.asked) == 4


@pytest.mark.django_db
def test_a_job_has_ended_when_its_books_are_closed(personas: Personas) -> None:
    jobs = {state: put_in_state(make_job(personas.alice).job, state) for state in State}
    ended = waiting.ended([job.pk for job in jobs.values()])

    assert {state for state, job in jobs.items() if job.pk in ended} == set(FINAL_STATES)
