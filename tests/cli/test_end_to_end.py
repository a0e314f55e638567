"""From an empty folder to a video on disk: the real server, the real program, nothing in between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import own_database
from tests.inputfiles import picture_file
from tests.ports import free_port
from tests.processes.test_up import BASE, Site
from tests.processes.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.once]
SHORT = ("--scene", "image-to-video", "-k", "resolution=720p", "-k", "duration=2")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("SANDBOX_SPEED", "50")
    monkeypatch.setenv("SANDBOX_DETAIL", "0.25")
    monkeypatch.setenv("SANDBOX_MAX_SECONDS", "2")
    with own_database(tmp_path / "data") as database:
        # However long that takes here, it is not the start that a person waits for.
        settings = {"DATA_DIR": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "playground.settings", **database.env}
        argv = [sys.executable, str(BASE / "manage.py"), "migrate"]
        subprocess.run(argv, env={**os.environ, **settings}, check=True, stdout=subprocess.DEVNULL)
        running = Site(tmp_path, free_port(), database)
        try:
            running.wait_until_announced()
            wait_until(running.is_well, "/healthz")
            yield running
        finally:
            running.process.terminate()
            running.process.wait()


def manage(site: Site, *arguments: str) -> str:
    argv = [sys.executable, str(BASE / "manage.py"), *arguments]
    return subprocess.run(argv, env=site.env, capture_output=True, text=True, check=True, cwd=BASE, input="").stdout.strip()


def ads(site: Site, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(BASE)}
    argv = [sys.executable, "-m", "playground.cli", *arguments]
    return subprocess.run(argv, env=env, capture_output=True, text=True, cwd=home, check=False)


def test_a_picture_of_this_machine_becomes_a_video_on_it(site: Site, home: Path) -> None:
    manage(site, "create_owner", "--email", "alice@example.com")
    key = manage(site, "create_key", "--name", "terminal", "--mode", "test").splitlines()[-1]
    login = ads(site, home, "login", "--host", site.url, "--api-key", key)
    assert login.returncode == 0, login
    assert key not in login.stdout + login.stderr
    picture = str(picture_file())

    order = ("--prompt", "It begins to move", *SHORT, "--image-input", picture, "--out", "a/b.mp4")
    made = ads(site, home, "video", "generate", *order, "--json")

    assert made.returncode == 0, (made, site.terminal[-3000:])
    told = json.loads(made.stdout)
    assert (told["status"], told["localPath"], told["sandbox"]) == ("success", "a/b.mp4", True)
    assert (home / "a" / "b.mp4").read_bytes()[4:8] == b"ftyp"
    assert "of about" in made.stderr
    again = ads(site, home, "video", "query", "--task-id", told["taskId"], "--out", "a/b.mp4")
    assert (again.returncode, "--overwrite" in again.stderr) == (2, True)
    assert "Traceback" not in site.terminal
