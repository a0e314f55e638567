"""The whole house, started by its one command, while its parts are killed in turn; and under its heaviest load."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress

import pytest

from playground.credits.models import Entry
from playground.jobs.models import FINAL_STATES, Job, State
from tests.ports import free_port
from tests.queue import process_tree
from tests.queue.house import House, Running
from tests.waiting import wait_until

pytestmark = pytest.mark.processes
KLING = "kling/kling-3-0"
JOBS = 30


def clip(seconds: int) -> dict[str, object]:
    return {"aspect_ratio": "16:9", "resolution": "480p", "duration": seconds, "generate_audio": False}


def ended() -> int:
    return Job.objects.filter(state__in=FINAL_STATES).count()


def nth(pids: list[int], index: int) -> int | None:
    try:
        return pids[index]
    except IndexError:
        return None


def kill(find: Callable[[], int | None], house: House) -> None:
    """SIGKILL the process as soon as there is one (the one before may just be coming back)."""
    victim = wait_until(find, what=house.tails)
    assert victim is not None
    with suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)


def test_thirty_jobs_survive_the_death_of_every_part_in_turn(make_house: Callable[..., House]) -> None:
    house = make_house(PORT=str(free_port()), WORKERS="3", MEDIA_WORKERS="2", SANDBOX_SPEED="3", WATCHDOG_SECONDS="25")
    up = house.start("up")
    pumps: list[Running] = [house.pump()]

    def pump() -> int:
        killed = pumps[-1].pid
        pumps.append(house.pump())
        return killed

    victims: list[Callable[[], int | None]] = [
        lambda: nth(process_tree.workers_of(up.pid), 0),
        lambda: nth(process_tree.media_workers_of(up.pid), 0),
        pump,
        lambda: process_tree.sentinel_of(up.pid),
        lambda: nth(process_tree.workers_of(up.pid), -1),
        lambda: nth(process_tree.media_workers_of(up.pid), -1),
        lambda: process_tree.cluster_of(up.pid),
        pump,
        lambda: nth(process_tree.workers_of(up.pid), 1),
        lambda: process_tree.sentinel_of(up.pid),
    ]
    wait_until(lambda: len(process_tree.workers_of(up.pid)) >= 3, what=house.tails)
    for number in range(JOBS):
        house.submit(f"Sea {number}", mode="test", model_id=KLING, payload={"prompt": f"Sea {number}", **clip(1)})
    for number, victim in enumerate(victims):
        wait_until(lambda number=number: ended() >= number * 2, what=house.tails)  # type: ignore[misc]
        kill(victim, house)

    house.wait_for_all(JOBS)
    assert set(Job.objects.values_list("state", flat=True)) == {State.SUCCESS}
    assert Entry.objects.filter(kind="capture").count() == JOBS
    house.assert_books_are_in_order()
    assert house.run("ledger", "verify").returncode == 0
    assert not up.has_died()


@pytest.mark.once
def test_ten_clips_of_the_greatest_length_make_nobody_restart(make_house: Callable[..., House]) -> None:
    house = make_house(PORT=str(free_port()), WORKERS="3", MEDIA_WORKERS="2", LEASE_SECONDS="60")
    up = house.start("up")
    wait_until(lambda: len(process_tree.workers_of(up.pid)) >= 5 and len(process_tree.media_workers_of(up.pid)) == 2, what=house.tails)
    before = family(up.pid)
    for number in range(10):
        house.submit(f"Take {number}", mode="test", model_id=KLING, payload={"prompt": f"Take {number}", **clip(15)})
    house.wait_for_all(10, 1800)
    assert set(Job.objects.values_list("state", "save_attempts")) == {(State.SUCCESS, 0)}
    assert family(up.pid) == before
    house.assert_books_are_in_order()


def family(up: int) -> set[int]:
    return {*process_tree.children_of(up), *filter(None, [process_tree.sentinel_of(up)]), *process_tree.workers_of(up)}
