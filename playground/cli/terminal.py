"""What is printed. Results go to stdout, all else to stderr; text from outside is data and moves no cursor."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from playground.cli.problems import Problem

out = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
err = Console(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)
# Control and direction characters, halves of pairs, private ones, and the separators that terminals do not know.
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# These join the parts of one emoji or word, and move nothing.
_HARMLESS = {"\n", "\u200c", "\u200d"}
_WIDE = 10_000


def clean(text: object) -> str:
    """Text whose control characters are shown by their numbers, so that it can neither colour nor hide anything."""
    return "".join(_shown(character) for character in str(text))


def line(text: object) -> str:
    """Clean, and in one line."""
    return clean(text).replace("\n", " ")


def _shown(character: str) -> str:
    if character in _HARMLESS or unicodedata.category(character) not in _UNPRINTABLE:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def objects(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing where the server sent something else."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def result(text: object) -> None:
    out.print(Text(clean(text)))


def note(text: object) -> None:
    err.print(Text(clean(text)))


def complain(problem: Problem) -> None:
    note(line(f"Error: {problem.message}"))
    for detail in problem.details:
        note(f"  {line(detail)}")


def json_object(value: object) -> None:
    """All of stdout. ASCII, for any terminal and any locale; JSON's own escapes leave no control character."""
    typer.echo(json.dumps(value, indent=2))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """In columns; cut to the window's width in a window only, never in a file or pipe."""
    drawn = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*(Text(line(cell)) for cell in row))
    out.print(drawn, soft_wrap=False, width=None if out.is_terminal else _WIDE, crop=out.is_terminal)


def pairs(rows: Iterable[tuple[str, object]]) -> None:
    """Names and values, without what has no value."""
    grid = Table.grid(padding=(0, 2))
    for name, value in rows:
        if value not in (None, "", [], {}):
            grid.add_row(Text(name), Text(clean(value)))
    out.print(grid, soft_wrap=False, width=None if out.is_terminal else _WIDE)
