"""What watching costs with many jobs in flight: `python -m tests.bench.bench_in_flight`.

A thousand jobs run at the loopback upstream and never end; each is looked at every ten seconds, the account's read limit
is lifted. The pump runs in this process, the upstream in another. Beside it the same reads without any house around them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

JOBS = int(os.environ.get("BENCH_JOBS", "1000"))
EVERY_SECONDS = 10.0
MEASURED_SECONDS = 30.0
MOST_OF_A_CORE = 0.25
MOST_LATE_SECONDS = 0.5
BARE_READS = 1000


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="rushes-bench-"))
    (folder / "clip").write_bytes(b"stub")
    from tests.upstream.client import start_upstream

    upstream = start_upstream(folder, folder / "clip", "--seconds", "100000")
    try:
        os.environ |= {
            "DATA_DIR": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "playground.settings",
            "LOG_LEVEL": "ERROR",
            **upstream.environment(),
            **{f"KIE_{limit}": "0" for limit in ("CREATES_PER_10_SECONDS", "READS_PER_SECOND", "RUNNING_CAP")},
            "TEAM_RUNNING_CAP": str(JOBS),
            "TEAM_QUEUE_CAP": str(JOBS),
            # The looks would come faster than every ten seconds; the crowd below slows them to that.
            "POLL_FACTOR": "0.01",
        }
        return _run()
    finally:
        upstream.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _run() -> int:
    import django

    django.setup()
    from django.core.management import call_command

    from playground.jobs import cadence

    call_command("migrate", verbosity=0)
    _create()
    cadence.set_crowding("kie", EVERY_SECONDS)
    share, cpu_ms, polls, late = asyncio.run(_watch())
    bare_ms = asyncio.run(_bare_reads())
    print(f"  {polls} polls in {MEASURED_SECONDS:.0f} s: {cpu_ms:.2f} CPU ms a poll, a bare read {bare_ms:.2f}")
    print(f"CPU per poll / a bare read: {cpu_ms / bare_ms:.2f}")
    print(f"{JOBS} jobs in flight, each read every {EVERY_SECONDS:.0f} s: {share:.1%} of a core (limit {MOST_OF_A_CORE:.0%})")
    print(f"median lateness of a poll: {late:.2f} s (limit {MOST_LATE_SECONDS} s)")
    is_steady = polls >= 0.8 * JOBS * MEASURED_SECONDS / EVERY_SECONDS
    return 0 if is_steady and share <= MOST_OF_A_CORE and late <= MOST_LATE_SECONDS else 1


def _create() -> None:
    from playground.accounts.services import create_owner
    from playground.core.money import to_millicredits
    from playground.credits import services as ledger
    from playground.jobs.creation import NewJob, create_job

    team = create_owner(email="owner@example.com").team
    ledger.grant(team=team, mode="live", millicredits=to_millicredits(1_000_000))
    fields = {"prompt": "in flight", "aspect_ratio": "16:9", "duration": "5", "sound": False}
    for _ in range(JOBS):
        create_job(
            NewJob(team_id=team.pk, mode="live", model_id="kling-2.6/text-to-video", gateway="kie", payload=dict(fields), source="api")
        )


async def _watch() -> tuple[float, float, int, float]:
    """Share of a core, processor ms a poll, polls, and the median of their lateness in seconds, once all are under way."""
    from playground.core import clock
    from playground.jobs.models import Job, State
    from playground.jobs.pump import Pump

    late: list[float] = []
    stop_at = float("inf")

    class Watched(Pump):
        def _claim_polls(self, free: int) -> list[Job]:
            jobs = super()._claim_polls(free)
            now = clock.now()
            late.extend((now - job.due_at).total_seconds() for job in jobs)
            return jobs

    pump = asyncio.create_task(Watched().run(keep_going=lambda: time.monotonic() < stop_at))
    while await asyncio.to_thread(Job.objects.filter(state=State.RUNNING).count) < JOBS:
        await asyncio.sleep(0.5)
    # Two turns around, so that no look of the crowded beginning is counted.
    await asyncio.sleep(2 * EVERY_SECONDS)
    late.clear()
    wall, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(MEASURED_SECONDS)
    polls, used, passed = len(late), time.process_time() - cpu, time.monotonic() - wall
    median = statistics.median(late) if late else float("inf")
    stop_at = 0.0
    await pump
    return used / passed, used / max(polls, 1) * 1000, polls, median


async def _bare_reads() -> float:
    """Processor milliseconds of a read through the same transport."""
    from playground.jobs import upstreams
    from playground.jobs.models import Job

    jobs = await asyncio.to_thread(lambda: list(Job.objects.all()[: min(JOBS, 100)]))
    provider = upstreams.build("kie")
    places = asyncio.Semaphore(8)

    async def one(job: Job) -> None:
        async with places:
            await provider.poll(upstreams.running(job))

    cpu = time.process_time()
    await asyncio.gather(*(one(jobs[number % len(jobs)]) for number in range(BARE_READS)))
    used = time.process_time() - cpu
    await provider.aclose()
    return used / BARE_READS * 1000


if __name__ == "__main__":
    sys.exit(main())
