"""The private PostgreSQL server of the tests: it passes its command's word on, and nothing of it stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.processes.processes import descendants_of, is_alive
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.once]
BASE = Path(__file__).resolve().parents[2]


@pytest.fixture
def binaries() -> None:
    try:
        postgres.find_binaries()
    except postgres.NoPostgres as error:
        if os.environ.get("POSTGRES_TESTS") == "required":
            pytest.fail(f"POSTGRES_TESTS=required, but {error}")
        pytest.skip(str(error))


@pytest.fixture
def no_binaries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("POSTGRES_TESTS", raising=False)


@pytest.fixture
def scratch() -> Iterator[Path]:
    """As open as /tmp is, which pytest's own folders are not: where the tests run as root, the server is somebody else."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o1777)
        yield Path(name)


@pytest.fixture
def serving(binaries: None, scratch: Path) -> Iterator[subprocess.Popen[str]]:
    """A server in a temporary folder of its own, up and without a command."""
    command = [sys.executable, "-m", "tests.postgres"]
    process = subprocess.Popen(command, cwd=BASE, env={**os.environ, "TMPDIR": str(scratch)}, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_goes_with_whoever_started_it_even_when_that_is_killed(
    serving: subprocess.Popen[str], scratch: Path, number: signal.Signals
) -> None:
    assert serving.stdout is not None
    assert serving.stdout.readline().startswith("DATABASE_URL=postgres://")
    everything = descendants_of(serving.pid)
    assert len(everything) > 3, "the guard, the server and the server's own processes"
    serving.send_signal(number)
    wait_until(lambda: not any(map(is_alive, everything)), what="the end of all processes")
    assert list(scratch.iterdir()) == []


def test_the_command_finds_an_empty_database_and_its_exit_code_is_passed_on(binaries: None) -> None:
    count = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    code = f"from django.db import connection as c; cursor = c.cursor(); cursor.execute({count!r}); print(c.vendor, cursor.fetchone())"
    shell = [sys.executable, "manage.py", "shell", "--no-imports", "-c", f"{code}; raise SystemExit(7)"]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.postgres", "--", *shell], cwd=BASE, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert (ran.returncode, ran.stdout.strip()) == (7, "postgresql (0,)"), ran.stderr


def test_without_programs_the_run_is_skipped_with_the_reason(no_binaries: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert postgres.main(["--", "false"]) == 0
    assert capsys.readouterr().out.startswith("SKIPPED: no PostgreSQL server on this machine")


def test_without_programs_a_required_run_fails(
    no_binaries: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POSTGRES_TESTS", "required")
    assert postgres.main(["--", "true"]) == 1
    assert "POSTGRES_TESTS=required, but no PostgreSQL server" in capsys.readouterr().err
