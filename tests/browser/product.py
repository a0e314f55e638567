"""The product as a process of its own, on a free port and in a data directory of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 600
STOP_SECONDS = 300
# What the machine's own environment may pass on; keys and addresses of providers must not get in.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
OWNER = "owner@localhost"
UP = ("manage.py", "up")
# The web server without queue and media workers: whatever state a job is in, it stays there.
WEB_ALONE = ("-m", "playground.serving")
# Clips come sooner and are drawn more coarsely than for people.
FAST = {"SANDBOX_SPEED": "4", "SANDBOX_DETAIL": "0.25"}
_LINK = re.compile(r"https?://\S+/setup\?token=\S+")


class Product:
    """One running installation. Use it as a context manager: leaving it stops every process."""

    def __init__(self, data_dir: Path, parts: Sequence[str] = UP, *, port: int | None = None, **settings: str) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self._parts = parts
        self._env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self._env |= {"PORT": str(self.port), "DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"} | FAST | settings
        self._lines: list[str] = []
        self._said_something = threading.Event()
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Product:
        self._process = subprocess.Popen(
            [sys.executable, *self._parts],
            cwd=ROOT,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, args=[self._process.stdout], daemon=True).start()
        deadline = time.monotonic() + START_SECONDS
        while not self._is_answering():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"Rushes did not start:\n{self.log}")
            self._said_something.wait(0.1)
            self._said_something.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def log(self) -> str:
        return "".join(self._lines)

    @property
    def printed_link(self) -> str:
        """The sign-in link of the announcement."""
        deadline = time.monotonic() + START_SECONDS
        while _LINK.search(self.log) is None and time.monotonic() < deadline:
            self._said_something.wait(0.1)
        found = _LINK.search(self.log)
        assert found is not None, self.log
        return found[0]

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            raise

    def run(self, *arguments: str) -> str:
        """Another process of the same installation; its output."""
        done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=self._env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def manage(self, *arguments: str) -> str:
        return self.run("manage.py", *arguments).strip()

    def arrange(self, *arguments: str) -> Any:
        """Rows that a person cannot make at will; see arrange.py. What it prints, as data."""
        return json.loads(self.run("-m", "tests.browser.arrange", *arguments))

    def sign_in_link(self, email: str = OWNER) -> str:
        return self.manage("sign_in_link", "--email", email)

    def _is_answering(self) -> bool:
        if self._parts == UP:
            # It announces itself when the page would open; the link stands in the same breath.
            return self.url in self.log
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0

    def _listen(self, output: IO[str]) -> None:
        for line in output:
            self._lines.append(line)
            self._said_something.set()
