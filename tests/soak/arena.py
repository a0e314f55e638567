"""One installation with its stand-in upstream, and somebody who kills its processes."""

from __future__ import annotations

import itertools
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.databases import Database
from tests.ports import free_port
from tests.queue import process_tree
from tests.upstream.client import Upstream

BASE = Path(__file__).resolve().parents[2]
PUMPS = 2
_EXCEPTION = re.compile(r"[\w.]*(Error|Exception|Timeout)\b.{0,200}")
# What takes minutes in life takes seconds here; the account's limits are raised, or they would be all that is measured.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "playground.settings",
    "PUBLIC_URL_REACHABLE": "yes",
    "KIE_CREATES_PER_10_SECONDS": "0",
    "KIE_READS_PER_SECOND": "0",
    "KIE_RUNNING_CAP": "600",
    "TEAM_RUNNING_CAP": "300",
    "TEAM_QUEUE_CAP": "10000",
    "CREATE_TASKS_PER_MINUTE": "1000000",
    "KEY_REQUESTS_PER_MINUTE": "1000000",
    "LEASE_SECONDS": "6",
    "PROVIDER_TIMEOUT_SECONDS": "5",
    "POLL_FACTOR": "0.4",
    "CIRCUIT_SECONDS": "0.3",
    "IN_DOUBT_MINUTES": "1.5",
    "WATCHDOG_SECONDS": "20",
    "LOG_LEVEL": "WARNING",
}


@dataclass
class Arena:
    """`up` with web, queue and media workers, and pumps of its own beside it. `settings` go over those of a soak."""

    folder: Path
    upstream: Upstream
    database: Database
    pumps: int = PUMPS
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    kills: list[tuple[float, str]] = field(default_factory=list)
    _up: subprocess.Popen[bytes] | None = None
    _pumps: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        own = {"DATA_DIR": str(self.folder / "data"), "PORT": str(self.port), "PUBLIC_URL": self.url, "PYTHONPATH": str(BASE)}
        own |= self.database.env | self.upstream.environment()
        if "SECRET_KEY" not in os.environ:
            os.environ["SECRET_KEY"] = secrets.token_urlsafe(40)
        return inherited | SETTINGS | own | dict(self.settings) | {"SECRET_KEY": os.environ["SECRET_KEY"]}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._up = self._run("up")
        self._pumps = [self._run("pump") for _ in range(self.pumps)]

    def _run(self, command: str) -> subprocess.Popen[bytes]:
        log = self.folder / f"{command}-{next(self._numbers)}.log"
        with log.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, str(BASE / "manage.py"), command],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self) -> None:
        for process in (self._up, *self._pumps):
            if process is not None:
                process.terminate()
        for process in (self._up, *self._pumps):
            if process is not None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(30)
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    # --- killing ----------------------------------------------------------------------------------------------------
    def kill_in_turn(self, every_seconds: float, stop: threading.Event) -> None:
        """Every so many seconds a pump, the queue cluster and the web server, a third of the time apart."""
        assert self._up is not None
        up = self._up.pid
        victims: list[tuple[str, Callable[[], int | None]]] = [
            ("pump", self._next_pump),
            ("queue", lambda: process_tree.cluster_of(up)),
            ("web", lambda: next(iter(process_tree.children_named(up, "playground.serving")), None)),
        ]
        for name, find in itertools.cycle(victims):
            if stop.wait(every_seconds / len(victims)):
                return
            pid = find()
            while pid is None and not stop.wait(0.2):  # it is on its way up
                pid = find()
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self.kills.append((time.monotonic(), name))
            self._replace_dead_pumps()

    def _next_pump(self) -> int:
        return self._pumps[len(self.kills) // 3 % self.pumps].pid

    def _replace_dead_pumps(self) -> None:
        # A moment for the kill to be noticed; the next turn replaces what this one misses.
        time.sleep(0.2)
        self._pumps = [self._run("pump") if pump.poll() is not None else pump for pump in self._pumps]

    def logs(self) -> str:
        """The ends of the newest few, and every kind of exception that was logged."""
        texts = {
            path: path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log"), key=lambda path: path.stat().st_mtime)
        }
        errors = Counter(line.strip() for text in texts.values() for line in text.splitlines() if _EXCEPTION.match(line.strip()))
        ends = [f"== {path.name}\n{text[-600:]}" for path, text in list(texts.items())[-4:]]
        return "\n".join([*ends, "== exceptions", *(f"{count} x {line}" for line, count in errors.most_common(20))])
