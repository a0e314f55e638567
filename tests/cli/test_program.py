"""The program as it is started: by its name, by its module, and without the server's packages."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from playground import cli
from playground.cli import main

ROOT = Path(__file__).parent.parent.parent


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT, check=False)


def test_it_brings_in_nothing_of_the_server() -> None:
    looked = "import sys, playground.cli; print([n for n in sys.modules if n.split('.')[0] in ('django', 'django_q', 'av', 'numpy')"
    looked += " or n.startswith('playground.') and not n.startswith('playground.cli')])"
    ran = python("-W", "error", "-c", looked)
    assert (ran.stdout.strip(), ran.stderr) == ("[]", "")


def test_it_runs_as_a_module_and_ends_with_its_code() -> None:
    ran = python("-m", "playground.cli", "video", "query")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--task-id" in ran.stderr


def test_installing_the_project_gives_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = project["project"]["scripts"]["ads"].partition(":")
    assert (module, getattr(cli, name)) == (cli.__name__, main)
    needed = {line.partition(">")[0] for line in project["project"]["dependencies"]}
    assert {"typer", "rich", "httpx"} <= needed
