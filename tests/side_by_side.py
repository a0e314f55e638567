"""All tests, two runs at a time: `python -m tests.side_by_side`, as `make test` does.

What starts processes or a browser waits for most of its time, and its clocks are those of users: it goes first, one test
after the other. Beside it, on what the processors have left, go the tests that know no clock. Each run is made, so that one
failure does not hide another.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

PYTEST = [sys.executable, "-m", "pytest", "-q"]
ON_POSTGRES = [sys.executable, "-m", "tests.postgres", "--"]
FIRST = {
    "Tests that start processes": [*PYTEST, "-n", "0", "-m", "processes"],
    "Tests in a browser": [*PYTEST, "-n", "0", "-m", "browser"],
    "Tests that start processes, on PostgreSQL": [*ON_POSTGRES, *PYTEST, "-n", "0", "-m", "processes and not once"],
}
BESIDE = {
    "Tests without processes of their own": [*PYTEST, "-n", "2", "-m", "not browser and not processes"],
    "Tests on PostgreSQL": [*ON_POSTGRES, *PYTEST, "-n", "2", "-m", "database and not processes and not browser and not once"],
}


def give_way() -> None:
    """The least share of the processors, to which Linux also counts the share of a session."""
    os.nice(19)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("19")


class Beside(threading.Thread):
    """One run after the other. What each says is kept, to be printed when nobody else is speaking."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.failed = self.is_stopped = False
        self.running: subprocess.Popen[bytes] | None = None
        self.untold: list[Path] = []

    def run(self) -> None:
        for title, command in BESIDE.items():
            if self.is_stopped:
                return
            path = self.folder / f"{title}.log"
            self.untold.append(path)
            with path.open("wb") as log:
                self.running = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, preexec_fn=give_way)
                self.failed |= self.running.wait() != 0

    def stop(self) -> None:
        """Ends what is running; what it has said so far is told."""
        self.is_stopped = True
        if self.running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGTERM)
        self.tell()

    def tell(self) -> None:
        while self.untold:
            path = self.untold.pop(0)
            print(f"\n{path.stem}\n{path.read_text(errors='replace')}", flush=True)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    failed = False
    with tempfile.TemporaryDirectory(prefix="rushes-tests-") as folder:
        beside = Beside(Path(folder))
        beside.start()
        try:
            for title, command in FIRST.items():
                print(f"\n{title}", flush=True)
                failed |= subprocess.run(command, check=False).returncode != 0
            beside.join()
        finally:
            beside.stop()
    return int(failed or beside.failed)


if __name__ == "__main__":
    sys.exit(main())
