"""What a request costs the real server beside bare Django views: `python -m tests.bench.bench_gateway`.

granian with one worker as the product starts it, SQLite, sixteen connections that are kept open. The kinds of request take
turns in blocks, because a machine's speed changes within minutes: compare ratios, each of which is of one round. Counted is
the processor time of the server's processes.
Between blocks the queue is emptied, as an engine would.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from tests.bench import processor
from tests.bench.load import Load, Request, keep_away_from, raw, require_success
from tests.databases import BASE, FILE
from tests.processes.test_slow_clients import Server, Site, manage_with, serving

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
CONNECTIONS, BLOCK = 16, 400
WANTED_MS = {"createTask": 1.5, "recordInfo": 0.8}
"""On the machine of whoever set them; printed, while the ratios are what holds everywhere."""
LIMITS = {("createTask", "bare INSERT"): 2.5, ("recordInfo", "bare SELECT"): 1.0}
PREPARE = """
import json
from playground.jobs import health
from tests.bench.world import World
world = World(2000, 8)
health.take_seat(health.PUMP_SEAT, 86400)
health.beat("queue")
print(json.dumps({"keys": world.secrets, "body": world.create_body.decode(), "ids": world.done_ids}))
"""


@dataclass
class Kind:
    """One kind of request; `nth` makes the one with this number, of which no two are the same."""

    name: str
    nth: Callable[[int], Request]
    cpu_ms: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        folder = Path(name)
        folder.chmod(0o700)
        (folder / "static").mkdir()
        env = {
            **{key: value for key, value in os.environ.items() if key != "DATABASE_URL"},
            "DJANGO_SETTINGS_MODULE": "tests.bench.gateway_settings",
            "PYTHONPATH": str(BASE),
            "DATA_DIR": name,
            "LOG_LEVEL": "WARNING",
            "CREATE_TASKS_PER_MINUTE": "1000000",
            "KEY_REQUESTS_PER_MINUTE": "1000000",
            "TEAM_QUEUE_CAP": "100000",
        }
        manage = partial(manage_with, env)
        manage("migrate", "-v", "0")
        manage("createcachetable")
        world = json.loads(manage("shell", "-v", "0", "-c", PREPARE))
        with serving(Site(env, folder, world["keys"][0])) as server:
            kinds = _kinds(world)
            _measure(server, kinds, folder)
    return _report(kinds)


def _kinds(world: dict[str, Any]) -> list[Kind]:
    task, keys, ids = json.loads(world["body"]), world["keys"], world["ids"]

    def body(number: int) -> bytes:
        return json.dumps(task | {"input": task["input"] | {"prompt": f"{task['input']['prompt']} Take {number}."}}).encode()

    def key(number: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {keys[number % len(keys)]}"}

    def create(number: int) -> Request:
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"bench-{number}", **key(number)}
        return "POST", "/api/v1/jobs/createTask", body(number), headers

    def task_id(number: int) -> str:
        return str(ids[number % len(ids)])

    return [
        Kind("bare view", lambda _number: ("GET", "/bare/nothing", b"", {})),
        Kind("bare INSERT", lambda number: ("POST", "/bare/insert", body(number), {"Content-Type": "application/json"})),
        Kind("createTask", create),
        Kind("bare SELECT", lambda number: ("GET", f"/bare/select?taskId={task_id(number)}", b"", {})),
        Kind("recordInfo", lambda number: ("GET", f"/api/v1/jobs/recordInfo?taskId={task_id(number)}", b"", key(number))),
    ]


def _measure(server: Server, kinds: list[Kind], folder: Path) -> None:
    numbers, load = count(), Load(server.port, CONNECTIONS)
    keep_away_from(server.process.pid)
    # The first round warms the server up.
    for round_number in range(ROUNDS + 1):
        for kind in kinds:
            block = [raw(kind.nth(next(numbers))) for _ in range(BLOCK)]
            cpu, wall = processor.seconds_of(server.process.pid), time.perf_counter()
            bodies = load.send(block)
            wall, cpu = time.perf_counter() - wall, processor.seconds_of(server.process.pid) - cpu
            require_success(bodies)
            if round_number:
                kind.cpu_ms.append(1000 * cpu / BLOCK)
                kind.per_second.append(BLOCK / wall)
            _empty_queue(folder)


def _empty_queue(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE, timeout=60)) as database, database:
        database.execute("UPDATE jobs_job SET state = 'success' WHERE state = 'queued'")


def _report(kinds: list[Kind]) -> int:
    by_name = {kind.name: kind for kind in kinds}
    for kind in kinds:
        wanted = f" (wanted {WANTED_MS[kind.name]:g})" if kind.name in WANTED_MS else ""
        words = "accepted per second" if kind.name == "createTask" else "per second"
        cpu, rate = statistics.median(kind.cpu_ms), statistics.median(kind.per_second)
        print(f"{kind.name:<12} {cpu:5.2f} ms of the server's processor, least {min(kind.cpu_ms):4.2f}{wanted:<13} {rate:6.0f} {words}")
    failed = 0
    for ours in WANTED_MS:
        for bare in ("bare view", *(bare for name, bare in LIMITS if name == ours)):
            pairs = zip(by_name[ours].cpu_ms, by_name[bare].cpu_ms, strict=True)
            ratio, limit = statistics.median(one / other for one, other in pairs), LIMITS.get((ours, bare))
            is_over = limit is not None and ratio > limit
            failed += is_over
            print(f"{ours} / {bare}: {ratio:.2f}{f' (at most {limit:g})' if limit else ''}{'  TOO SLOW' if is_over else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
