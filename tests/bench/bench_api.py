"""What our views cost beside a bare Django view that does the same INSERT or SELECT: `python -m tests.bench.bench_api`.

Everything runs in this process, through the product's own settings, middleware and SQLite backend, on a database of its
own with 2,000 jobs in it. The kinds of request alternate in blocks, so that a noisy machine disturbs all of them alike.
The ratios are of medians of processor time: on a busy machine the clock on the wall measures how often a request is
interrupted, which hits the longer one more than in proportion. A pump's seat is taken, as while jobs are under way.
"""

from __future__ import annotations

import gc
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "12"))
BLOCK = 40
EXISTING_JOBS = 2000
KEYS = 8
CREATE_LIMIT, RECORD_LIMIT = 3.0, 1.5


@dataclass
class Scenario:
    name: str
    request: Callable[[], None]
    seconds: list[float] = field(default_factory=list)
    wall_seconds: list[float] = field(default_factory=list)

    def run_block(self) -> None:
        for _ in range(BLOCK):
            begin, wall_begin = time.thread_time(), time.perf_counter()
            self.request()
            self.seconds.append(time.thread_time() - begin)
            self.wall_seconds.append(time.perf_counter() - wall_begin)


def main() -> int:
    folder = tempfile.mkdtemp(prefix="rushes-bench-")
    try:
        return _run(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: str) -> int:
    os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "playground.settings", "LOG_LEVEL": "WARNING"}
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ROOT_URLCONF = "tests.bench.bare"
    settings.STATIC_ROOT.mkdir()
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    scenarios, between = _scenarios()
    for scenario in scenarios:
        scenario.run_block()
        scenario.seconds.clear()
        scenario.wall_seconds.clear()
    between()
    gc.disable()
    for _ in range(ROUNDS):
        for scenario in scenarios:
            scenario.run_block()
        between()
        gc.collect()
    return _report(scenarios)


def _report(scenarios: list[Scenario]) -> int:
    median_ms = {scenario.name: statistics.median(scenario.seconds) * 1000 for scenario in scenarios}
    for scenario in scenarios:
        wall_ms = statistics.median(scenario.wall_seconds) * 1000
        print(f"{scenario.name:<28} {median_ms[scenario.name]:7.3f} ms of the processor, {wall_ms:7.3f} ms in all")
    failed = 0
    for ours, bare, limit in [
        ("createTask", "bare INSERT", CREATE_LIMIT),
        ("createTask, idempotent", "bare INSERT", CREATE_LIMIT),
        ("recordInfo, generating", "bare SELECT", RECORD_LIMIT),
        ("recordInfo, success", "bare SELECT", RECORD_LIMIT),
    ]:
        ratio = median_ms[ours] / median_ms[bare]
        failed += ratio > limit
        print(f"{ours} / {bare}: {ratio:.2f} (at most {limit:g}){'  TOO SLOW' if ratio > limit else ''}")
    return 1 if failed else 0


def _scenarios() -> tuple[list[Scenario], Callable[[], None]]:
    from playground.jobs import health
    from tests.bench.world import World

    world = World(EXISTING_JOBS, KEYS)
    health.take_seat(health.PUMP_SEAT, 3600)
    number = iter(range(10**9))
    keys = cycle(world.secrets)
    running, done = cycle(world.running_ids), cycle(world.done_ids)

    def create(**headers: str) -> None:
        world.post("/api/v1/jobs/createTask", world.create_body, next(keys), **headers)

    def record(ids: Iterator[str]) -> None:
        world.get(f"/api/v1/jobs/recordInfo?taskId={next(ids)}", next(keys))

    scenarios = [
        Scenario("bare INSERT", lambda: world.post("/bare/insert", world.create_body, "")),
        Scenario("createTask", create),
        Scenario("createTask, idempotent", lambda: create(HTTP_IDEMPOTENCY_KEY=f"bench-{next(number)}")),
        Scenario("bare SELECT", lambda: world.get(f"/bare/select?taskId={next(running)}", "")),
        Scenario("recordInfo, generating", lambda: record(running)),
        Scenario("recordInfo, success", lambda: record(done)),
    ]
    return scenarios, world.finish_queued


if __name__ == "__main__":
    sys.exit(main())
