"""Jobs per second through submit → poll → settle against the loopback upstream: `python -m tests.bench.bench_jobs`.

The pump runs in this process, the upstream in another. The time goes from the first claim until every job has its result
links; then the jobs are ended with stub files, which is the last transaction (takes, charge, callback). The files
themselves are not fetched. Beside it the same requests without any house around them, through the same transport.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

JOBS = int(os.environ.get("BENCH_JOBS", "300"))
AT_ONCE = 64
PROMPT = "bench {after 0}"


@dataclass
class Measured:
    seconds: float
    cpu_seconds: float

    @classmethod
    def of(cls, work: Callable[[], object]) -> Measured:
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        return cls(time.perf_counter() - wall, time.process_time() - cpu)

    def __str__(self) -> str:
        return f"{JOBS / self.seconds:7.1f} jobs/s {self.cpu_ms:7.2f} CPU ms a job"

    @property
    def cpu_ms(self) -> float:
        return self.cpu_seconds / JOBS * 1000


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="rushes-bench-"))
    (folder / "clip").write_bytes(b"stub")
    from tests.upstream.client import start_upstream

    upstream = start_upstream(folder, folder / "clip")
    try:
        os.environ |= {
            "DATA_DIR": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "playground.settings",
            "LOG_LEVEL": "ERROR",
            **upstream.environment(),
            # The provider's own limits (2 creates a second) would be all that is measured.
            **{f"MODKIE_{limit}": "0" for limit in ("CREATES_PER_10_SECONDS", "READS_PER_SECOND", "RUNNING_CAP")},
            "TEAM_RUNNING_CAP": str(JOBS),
            "TEAM_QUEUE_CAP": str(JOBS),
            # The first look comes at once: what is measured is work, not waiting.
            "POLL_FACTOR": "0.001",
        }
        return _run()
    finally:
        upstream.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _run() -> int:
    import django

    django.setup()
    from django.core.management import call_command

    from playground.jobs.models import Job, State

    call_command("migrate", verbosity=0)
    creating = Measured.of(_create)
    pumping = Measured.of(_pump)
    ending = Measured.of(_end)
    bare = Measured.of(lambda: asyncio.run(_bare_requests()))
    done = Job.objects.filter(state=State.SUCCESS).count()
    polls = sum(Job.objects.values_list("polls", flat=True)) / JOBS + 1
    print(f"  create                 {creating}")
    print(f"  submit, poll, settle   {pumping}  ({polls:.2f} polls a job)")
    print(f"  end and charge         {ending}")
    print(f"  the bare requests      {bare}")
    print(
        f"jobs per second through submit, poll and settle: {JOBS / pumping.seconds:.0f} for {JOBS} jobs, {pumping.cpu_ms:.1f} CPU ms a job"
    )
    print(f"submit, poll, settle / the bare requests: {pumping.cpu_ms / bare.cpu_ms:.2f} in CPU")
    return 0 if done == JOBS else 1


def _create() -> None:
    from playground.accounts.services import create_owner
    from playground.core.money import to_millicredits
    from playground.credits import services as ledger
    from playground.jobs.creation import NewJob, create_job

    team = create_owner(email="owner@example.com").team
    ledger.grant(team=team, mode="live", millicredits=to_millicredits(1_000_000))
    for _ in range(JOBS):
        create_job(NewJob(team_id=team.pk, mode="live", model_id="google/veo-3-1", payload={"prompt": PROMPT}, source="api"))


def _pump() -> None:
    from playground.jobs.models import Job, State
    from playground.jobs.pump import Pump

    waiting = Job.objects.exclude(state=State.SAVING)
    asyncio.run(Pump().run(budget_seconds=600, keep_going=waiting.exists))


def _end() -> None:
    from playground.jobs import services
    from playground.media.models import StoredFile
    from playground.media.services import StoredResult

    while (job := services.claim_for_saving()) is not None:
        files = [StoredFile(team_id=job.team_id, storage_name=f"{job.pk}/{n}", size_bytes=1, sha256="0" * 64) for n in range(4)]
        StoredFile.objects.bulk_create(files)
        services.succeed(job, [StoredResult(*files)])


async def _bare_requests() -> None:
    from playground.jobs import upstreams
    from playground.providers.base import Running, Submission

    provider = upstreams.build("modkie")
    places = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with places:
            upstream_id = await provider.submit(Submission(job_id="1", model_id="m", payload={"prompt": PROMPT}))
            await provider.poll(Running(job_id="1", upstream_id=upstream_id, model_id="m", payload={}))

    await asyncio.gather(*(one() for _ in range(JOBS)))
    await provider.aclose()


if __name__ == "__main__":
    sys.exit(main())
