"""A small soak with every fault of the stand-in upstream; `make soak` runs the large one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import is_postgres

BASE = Path(__file__).resolve().parents[2]
JOBS = 160

pytestmark = pytest.mark.processes


def test_nothing_is_lost_or_charged_twice_while_processes_are_killed_and_the_upstream_plays_every_fault(tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    # PostgreSQL takes the jobs so fast that the first kill would catch most of them on their way, and each would be a doubt.
    every_seconds = "36" if is_postgres() else "12"
    command = [sys.executable, "-m", "tests.soak", "--jobs", str(JOBS), "--seed", "1", "--kill-seconds", every_seconds, "--minutes", "20"]
    command += ["--report", str(report)]
    ran = subprocess.run(command, cwd=BASE, capture_output=True, text=True, timeout=1300, check=False)

    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    found = json.loads(report.read_text())
    assert found["problems"] == []
    assert sum(found["states"].values()) == JOBS
    assert found["success_share"] >= 0.95
    assert [fault for fault, count in found["faults"].items() if count == 0] == []
    assert set(found["kills"]) == {"pump", "queue", "web"}
