"""docs/cli.md says what the program does, and no more than that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from playground.cli.app import app
from playground.cli.problems import ExitCode
from tests.cli.terminal import Terminal

PAGE = (Path(__file__).parent.parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")


def commands(group: object, name: str = "ads") -> Iterator[tuple[str, list[str]]]:
    """Each command with its flags, from what the program is built of."""
    if isinstance(group, TyperGroup):
        for word, command in group.commands.items():
            yield from commands(command, f"{name} {word}")
    else:
        parameters = getattr(group, "params", [])
        yield name, [flag for parameter in parameters for flag in (*parameter.opts, *parameter.secondary_opts) if flag.startswith("-")]


ALL = dict(commands(typer.main.get_command(app)))


def test_every_command_is_in_the_table_and_no_other() -> None:
    assert set(re.findall(r"^\| `(ads [a-z ]+)` \|", PAGE, re.MULTILINE)) == set(ALL)


def test_every_flag_is_explained() -> None:
    flags = {flag for of_command in ALL.values() for flag in of_command} - {"--help", "--check"}
    assert {flag for flag in flags if f"`{flag}" not in PAGE} == set()


def test_every_exit_code_is_explained() -> None:
    assert set(map(int, re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE))) == {0, *map(int, ExitCode)}


@pytest.mark.parametrize("command", ALL)
def test_every_command_explains_itself(ads: Terminal, command: str) -> None:
    ran = ads.ok(*command.split()[1:], "--help")
    assert f"Usage: {command}" in ran.out
