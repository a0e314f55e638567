"""What a request costs the real server beside bare Django views: `python -m tests.bench.bench_gateway`.

granian with one worker as the product starts it, SQLite, sixteen connections that are kept open. Counted is the processor
time of the server's processes. The kinds of request take turns in short blocks, because a shared machine's speed changes
within a second, and doubles what the same work costs. So there are two figures: the median of all blocks, and that of those
during which the machine was at its full speed, as a fixed piece of Python tells before and after each. Ratios are of one round.
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

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "40"))
CONNECTIONS, BLOCK = 16, 128
FULL_SPEED = 1.15
"""How much slower than at its best in this run the machine may be in a block that counts as undisturbed."""
WANTED_MS = {"createTask": 1.5, "recordInfo": 0.8}
"""At full speed, on the machine of whoever set them; printed, while the ratios are what holds everywhere."""
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


@dataclass(frozen=True, slots=True)
class Block:
    cpu_ms: float
    per_second: float
    slowness: float


@dataclass
class Kind:
    """One kind of request; `nth` makes the one with this number, of which no two are the same."""

    name: str
    nth: Callable[[int], Request]
    blocks: list[Block] = field(default_factory=list)


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
    bound = keep_away_from(server.process.pid)
    if not bound:
        print("The server has no processor of its own, which costs nearly half as much again. Does another one run here?")
    # The first round warms the server up.
    for round_number in range(ROUNDS + 1):
        for kind in kinds:
            requests = [raw(kind.nth(next(numbers))) for _ in range(BLOCK)]
            block = _measured(server, load, requests, bound)
            if round_number:
                kind.blocks.append(block)
            _empty_queue(folder)


def _measured(server: Server, load: Load, requests: list[bytes], processors: set[int]) -> Block:
    before = processor.slowness(processors)
    cpu, wall = processor.seconds_of(server.process.pid), time.perf_counter()
    bodies = load.send(requests)
    wall, cpu = time.perf_counter() - wall, processor.seconds_of(server.process.pid) - cpu
    after = processor.slowness(processors)
    require_success(bodies)
    return Block(1000 * cpu / len(requests), len(requests) / wall, (before + after) / 2)


def _empty_queue(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE, timeout=60)) as database, database:
        database.execute("UPDATE jobs_job SET state = 'success' WHERE state = 'queued'")


def _report(kinds: list[Kind]) -> int:
    by_name = {kind.name: kind for kind in kinds}
    full = FULL_SPEED * min(block.slowness for kind in kinds for block in kind.blocks)
    for kind in kinds:
        print(_line(kind, [block for block in kind.blocks if block.slowness <= full]))
    failed = 0
    for ours in WANTED_MS:
        for bare in ("bare view", *(bare for name, bare in LIMITS if name == ours)):
            pairs = zip(by_name[ours].blocks, by_name[bare].blocks, strict=True)
            ratio, limit = statistics.median(one.cpu_ms / other.cpu_ms for one, other in pairs), LIMITS.get((ours, bare))
            is_over = limit is not None and ratio > limit
            failed += is_over
            print(f"{ours} / {bare}: {ratio:.2f}{f' (at most {limit:g})' if limit else ''}{'  TOO SLOW' if is_over else ''}")
    return 1 if failed else 0


def _line(kind: Kind, undisturbed: list[Block]) -> str:
    words = "accepted per second" if kind.name == "createTask" else "per second"
    always = statistics.median(block.cpu_ms for block in kind.blocks)
    if not undisturbed:
        return f"{kind.name:<12} {always:5.2f} ms of the server's processor; the machine was never at full speed"
    cpu = statistics.median(block.cpu_ms for block in undisturbed)
    rate = statistics.median(block.per_second for block in undisturbed)
    wanted = f" (wanted {WANTED_MS[kind.name]:g})" if kind.name in WANTED_MS else ""
    share = f"at full speed, {len(undisturbed)} of {len(kind.blocks)} blocks; {always:.2f} over all"
    return f"{kind.name:<12} {cpu:5.2f} ms of the server's processor{wanted:<13} {rate:6.0f} {words} ({share})"


if __name__ == "__main__":
    sys.exit(main())
