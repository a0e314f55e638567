"""Fifty calls that wait, and newcomers beside them: `python -m tests.bench.bench_waiting`.

The real web server, one worker on a database of its own, without a queue, so that no task ends before it is told to.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.bench import processor
from tests.databases import own_database
from tests.processes.test_slow_clients import BASE, TASK, Server, Site, p95, prepared, seconds_of, serving
from tests.waiting import wait_until

CALLS = int(os.environ.get("BENCH_WAITING", "50"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "100"))
ALLOWED_SECONDS = 0.5
BODY = {"prompt": "cinematic product shot, soft lighting, slow camera push", "scene": "text-to-video", "timeoutMs": 600_000}
# What an engine does at a task's end, as far as whoever waits can see it.
END = """
import time
from django.utils import timezone
from playground.jobs.models import Job
Job.objects.filter(model_id="bytedance/seedance-2-mini").update(state="fail", fail_reason="output", finished_at=timezone.now())
print(time.time())
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        folder = Path(name)
        folder.chmod(0o700)
        with own_database(folder) as database:
            site = prepared(folder, database)
            site.env["TEAM_QUEUE_CAP"] = "100000"
            with serving(site) as server:
                return _measure(site, server)


def _measure(site: Site, server: Server) -> int:
    alone = _newcomers(server)
    _print("nobody waits", alone)
    with ThreadPoolExecutor(CALLS) as pool:
        calls = [pool.submit(_wait, server) for _ in range(CALLS)]
        wait_until(lambda: _tasks_that_wait(server) == CALLS, what="fifty tasks that are waited for")
        cpu = processor.seconds_of(server.process.pid)
        time.sleep(5)
        share = (processor.seconds_of(server.process.pid) - cpu) / 5
        beside = _newcomers(server)
        still = sum(not call.done() for call in calls)
        _print(f"{still} calls wait", beside)
        print(f"while nobody else asks, waiting costs {share:.1%} of a core")
        argv = [sys.executable, str(BASE / "manage.py"), "shell", "-v", "0", "-c", END]
        written = float(subprocess.run(argv, env=site.env, check=True, capture_output=True, text=True).stdout)
        late = [call.result()[0] - written for call in calls]
        answers = [call.result()[1] for call in calls]
    right = sum(answer["code"] == 200 and answer["data"]["status"] == "fail" for answer in answers)
    print(f"{right} of {CALLS} were told of the end, the last {max(late):.2f} s after it was written")
    is_in_time = bool(max(p95(seconds) for seconds in beside) <= ALLOWED_SECONDS)
    return 0 if is_in_time and still == right == CALLS else 1


def _wait(server: Server) -> tuple[float, dict[str, Any]]:
    answer = httpx.post(f"{server.url}/api/actions/ai.video.generate_and_wait", json=BODY, headers=server.authorization, timeout=900)
    return time.time(), answer.json()


def _tasks_that_wait(server: Server) -> int:
    balance = httpx.post(f"{server.url}/api/actions/credits.balance", json={}, headers=server.authorization, timeout=60).json()
    # Tasks of the newcomers hold 60 credits each, those that are waited for 41.
    return int((balance["data"]["held"] - 60 * ROUNDS) / 41)


def _newcomers(server: Server) -> tuple[list[float], list[float]]:
    """Seconds of /healthz and createTask, one at a time, each with a connection of its own."""
    health = httpx.Request("GET", f"{server.url}/healthz")
    task = httpx.Request("POST", f"{server.url}/api/v1/jobs/createTask", json=TASK, headers=server.authorization)
    rounds = [(seconds_of(health), seconds_of(task)) for _ in range(ROUNDS)]
    return [pair[0] for pair in rounds], [pair[1] for pair in rounds]


def _print(who: str, measured: tuple[list[float], list[float]]) -> None:
    for name, seconds in zip(("/healthz", "createTask"), measured, strict=True):
        middle, high = 1000 * statistics.median(seconds), 1000 * p95(seconds)
        print(f"{who:<16} {name:<11} median {middle:6.1f} ms, p95 {high:6.1f} ms (limit {1000 * ALLOWED_SECONDS:g})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
