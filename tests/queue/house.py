"""A whole installation of its own for one test: data directory, database, and the real processes.

The test's own process looks into the same database through the ORM, so that jobs are made and judged through the
services' doors while separate processes do the work and are killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from playground.accounts.models import Membership
from playground.credits import services as ledger
from playground.credits.models import Account, Entry
from playground.jobs.creation import NewJob, create_job
from playground.jobs.models import DONE_STATES, FINAL_STATES, UNFINISHED_STATES, Event, Job, State, Take
from playground.media.models import StoredFile
from tests.databases import Database, others_write
from tests.upstream.client import Upstream
from tests.waiting import wait_until

BASE = Path(__file__).resolve().parent.parent.parent
VEO = "google/veo-3-1"
# Everything that takes a minute in life takes seconds here.
HASTE = {
    "LEASE_SECONDS": "3",
    "POLL_FACTOR": "0.02",
    "CIRCUIT_SECONDS": "1",
    "PROVIDER_TIMEOUT_SECONDS": "3",
    "IN_DOUBT_MINUTES": "60",
    "SANDBOX_SPEED": "20",
    "MEDIA_WORKERS": "1",
}


@dataclass
class Running:
    """One process of the house, in a session of its own."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def has_died(self) -> bool:
        return self.popen.poll() is not None

    def wait_for_death(self) -> int:
        wait_until(self.has_died, what=lambda: f"the death of {self.popen.args!r}; its log: {self.log.read_text()[-3000:]}")
        return int(self.popen.returncode)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def is_stopped(self) -> bool:
        # The state follows the program's name, which stands in brackets and may hold anything.
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()


@dataclass
class House:
    folder: Path
    database: Database
    upstream: Upstream | None = None
    owner: Membership | None = None
    processes: list[Running] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        """Nothing is inherited but where programs are: the test's own settings must not leak in."""
        env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        env |= {"DJANGO_SETTINGS_MODULE": "playground.settings", "PYTHONPATH": str(BASE), "DATA_DIR": str(self.folder / "data")}
        env |= {"SECRET_KEY": settings.SECRET_KEY, **self.database.env, **HASTE}
        if self.upstream is not None:
            env |= self.upstream.environment()
        return env | self.env | dict(extra)

    # --- processes --------------------------------------------------------------------------------------------------
    def start(self, *arguments: str, failpoint: str = "", **env: str) -> Running:
        """Start `manage.py …`; with a failpoint, this one process shoots itself there."""
        if failpoint:
            env["RUSHES_FAILPOINT"] = failpoint
        log = self.folder / f"{len(self.processes)}-{arguments[0]}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, str(BASE / "manage.py"), *arguments],
                env=self.environment(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(Running(popen, log))
        return self.processes[-1]

    def pump(self, **options: str) -> Running:
        return self.start("pump", **options)

    def media_worker(self, **options: str) -> Running:
        return self.start("media_worker", **options)

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end."""
        return self.run_with_input("", *arguments, **env)

    def run_with_input(self, given: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """The same, with this text as its standard input."""
        command = [sys.executable, str(BASE / "manage.py"), *arguments]
        environment = self.environment(env)
        return subprocess.run(command, env=environment, input=given, capture_output=True, text=True, timeout=300, check=False)

    def freeze(self, process: Running) -> None:
        """Stop a process where it holds nothing in the database: one that froze in mid-write would hold up everybody
        who writes, on SQLite all of them, and that is the database's doing and not what a test wants to see."""

        def is_frozen_outside_of_writes() -> bool:
            process.signal(signal.SIGSTOP)
            wait_until(process.is_stopped, what=self.tails)
            if others_write(self.database):
                process.signal(signal.SIGCONT)
                return False
            return True

        wait_until(is_frozen_outside_of_writes, what=self.tails)

    def stop(self) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                process.signal(signal.SIGCONT)
            process.kill_group()

    # --- jobs -------------------------------------------------------------------------------------------------------
    def new_job(self, prompt: str, mode: str = "live", **changes: Any) -> NewJob:
        assert self.owner is not None
        values: dict[str, Any] = {
            "team_id": self.owner.team_id,
            "mode": mode,
            "model_id": VEO,
            "payload": {"prompt": prompt, "aspect_ratio": "16:9", "duration": 5},
            "source": "api",
            "user_id": self.owner.user_id,
        }
        return NewJob(**(values | changes))

    def submit(self, prompt: str, mode: str = "live", **changes: Any) -> Job:
        return create_job(self.new_job(prompt, mode, **changes)).job

    def wait_for(self, job: Job, *states: str) -> Job:
        """The job in one of these states; without any, when it has ended."""
        wanted = states or FINAL_STATES

        def is_there() -> bool:
            job.refresh_from_db()
            return job.state in wanted

        wait_until(is_there, what=lambda: f"{' or '.join(wanted)}, {self.history(job)}, {self.tails()},")
        return job

    def wait_for_all(self, count: int, timeout_seconds: float = 600) -> None:
        ended = Job.objects.filter(state__in=FINAL_STATES)
        wait_until(
            lambda: ended.count() == count,
            timeout_seconds,
            what=lambda: f"{ended.count()} of {count} ended, {self.tails()}: the end of all",
        )

    def history(self, job: Job) -> list[str]:
        return [f"{event.kind}: {event.detail}" for event in Event.objects.filter(job_id=job.pk)]

    def kinds(self, job: Job) -> list[str]:
        return list(Event.objects.filter(job_id=job.pk).values_list("kind", flat=True))

    def tails(self) -> str:
        return "\n".join(f"== {process.log.name}\n{process.log.read_text()[-1500:]}" for process in self.processes)

    # --- judgement --------------------------------------------------------------------------------------------------
    def assert_books_are_in_order(self) -> None:
        """The ledger proves itself, every ended job has one hold and one end of it, and no file is nobody's."""
        assert ledger.verify() == []
        for job in Job.objects.all():
            kinds = sorted(Entry.objects.filter(job_id=job.pk).values_list("kind", flat=True))
            end = ["capture"] if job.state == State.SUCCESS else ["release"] if job.state in FINAL_STATES else []
            assert kinds == sorted(["hold", *end]), self.history(job)
            assert Take.objects.filter(job_id=job.pk).exists() == (job.state in DONE_STATES)
        held = sum(job.price_millicredits for job in Job.objects.filter(state__in=UNFINISHED_STATES))
        assert held == sum(account.held_millicredits for account in Account.objects.all())

    def assert_created_upstream(self, job: Job, times: int = 1) -> None:
        """The provider's own word for how often the job arrived there."""
        assert self.upstream is not None
        assert self.upstream.creates(str(job.payload["prompt"])) == times

    def living_files(self) -> int:
        return StoredFile.objects.filter(deleted_at=None).count()
