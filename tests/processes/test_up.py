"""`manage.py up`: one command from an empty folder to a running site, and back to nothing."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.test import override_settings

from playground.web.management.commands.up import child_specs, collect_static_if_changed
from tests.databases import Database, own_database
from tests.ports import free_port
from tests.processes.processes import children_of, descendants_of, is_alive
from tests.processes.waiting import wait_until

pytestmark = pytest.mark.processes
BASE = Path(__file__).resolve().parent.parent.parent


class Site:
    """A running `manage.py up` with everything that it wrote to the terminal."""

    def __init__(self, folder: Path, port: int, database: Database) -> None:
        self.port = port
        self._log = folder / "terminal"
        data = folder / "data"
        self.env = {**os.environ, "DATA_DIR": str(data), "PORT": str(port), "MEDIA_WORKERS": "1"}
        # The tests' own settings module belongs to this process, not to the product.
        self.env["DJANGO_SETTINGS_MODULE"] = "playground.settings"
        for name in ("PUBLIC_URL", "HOST", "DATABASE_URL", "REDIS_URL"):
            self.env.pop(name, None)
        self.env |= database.env
        with self._log.open("wb") as terminal:
            argv = [sys.executable, str(BASE / "manage.py"), "up"]
            self.process = subprocess.Popen(argv, env=self.env, stdout=terminal, stderr=terminal, cwd=folder)
        self.url = f"http://127.0.0.1:{port}"

    @property
    def terminal(self) -> str:
        return self._log.read_text()

    def is_well(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def wait_until_announced(self) -> str:
        wait_until(lambda: re.search(r"http\S+/setup\?token=\S+\n", self.terminal), "the printed link")
        return str(re.findall(r"http\S+/setup\?token=(\S+)", self.terminal)[-1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Site]]:
    sites: list[Site] = []

    def make() -> Site:
        sites.append(Site(tmp_path, free_port(), database))
        return sites[-1]

    with own_database(tmp_path / "data") as database:
        yield make
        for site in sites:
            site.process.terminate()
            site.process.wait()


def test_from_an_empty_folder_to_a_site_and_back_to_nothing(start: Callable[[], Site]) -> None:
    site = start()
    token = site.wait_until_announced()
    assert httpx.get(f"{site.url}/setup?token={token}", timeout=30).status_code == 200
    wait_until(site.is_well, "/healthz")
    children = children_of(site.process.pid)
    assert len({os.getsid(pid) for pid in children}) == len(children) == len(["web", "queue", "media", "reaper"])
    everything = descendants_of(site.process.pid)
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait() == 0
    wait_until(lambda: not any(map(is_alive, everything)), "the end of all processes")
    assert "Traceback" not in site.terminal


def test_a_busy_port_is_one_sentence_and_exit_code_1(start: Callable[[], Site]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        env = {**os.environ, "PORT": str(taken.getsockname()[1]), "DJANGO_SETTINGS_MODULE": "playground.settings"}
        argv = [sys.executable, str(BASE / "manage.py"), "up"]
        refused = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert re.fullmatch(r"Port \d+ is in use\. Choose another: PORT=\d+ make run\n", refused.stderr)


def test_nothing_is_left_when_it_is_killed(start: Callable[[], Site]) -> None:
    site = start()
    site.wait_until_announced()
    everything = descendants_of(site.process.pid)
    assert len(everything) >= 3, "the web server, the queue and a media worker"
    site.process.kill()
    wait_until(lambda: not any(map(is_alive, everything)), "the end of all processes")


def test_media_workers_are_as_many_as_asked_for_or_one_per_core() -> None:
    with override_settings(MEDIA_WORKERS=3):
        assert [spec.name for spec in child_specs()] == ["web", "queue", "media-1", "media-2", "media-3"]
    with override_settings(MEDIA_WORKERS=0):
        assert len(child_specs()) >= 3


def test_static_files_are_collected_once_and_again_when_one_changed(tmp_path: Path) -> None:
    source, root = tmp_path / "source", tmp_path / "root"
    source.mkdir()
    (source / "a.css").write_text("a {}")
    with override_settings(STATICFILES_DIRS=[source], STATIC_ROOT=root):
        collect_static_if_changed()
        (root / "a.css").unlink()
        collect_static_if_changed()
        assert not (root / "a.css").exists(), "nothing had changed, so nothing was to be done"
        (source / "a.css").write_text("a { color: red }")
        collect_static_if_changed()
        assert (root / "a.css").read_text() == "a { color: red }"
