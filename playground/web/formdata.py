"""What a page's form posts beside the values: what it keeps, what it has said, and where in it a problem belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from playground.catalog.schema import Problem
from playground.web.fieldstate import KEPT
from playground.web.listfields import ListField
from playground.web.mediafields import MediaField

# What a page's form carries beside the model's fields; everything else that is unknown is refused.
_MACHINERY = {"csrfmiddlewaretoken", "nonce"}
_MOST_UNKNOWN = 20
SAID = "_said"

# Messages by the inner field's name ("" for the row as a whole), by the row's number in the form.
RowProblems = dict[int, dict[str, list[str]]]


def field_of_input(name: str) -> str:
    """The field that an input belongs to: a list's row, or a zone for files."""
    return name.partition("-")[0].removesuffix("__file").removesuffix("__url")


def without_blank_rows(value: Any) -> Any:
    """A list's rows in which something was typed; other values as they are."""
    if isinstance(value, list) and any(isinstance(row, Mapping) for row in value):
        return [row for row in value if row]
    return value


def unknown_fields(data: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, str]:
    """What was posted and belongs to no field."""
    names = [name for name in data if not _is_known(name, fields)]
    return {name: str(data.get(name)) for name in names[:_MOST_UNKNOWN]}


def _is_known(name: str, fields: Mapping[str, Any]) -> bool:
    if name in fields or name in _MACHINERY or name.startswith("_"):
        return True
    owner = field_of_input(name)
    return isinstance(fields.get(owner), ListField) or (owner != name and isinstance(fields.get(owner), MediaField))


def row_problems(problems: Iterable[Problem], typed: Mapping[str, Any]) -> dict[str, RowProblems]:
    """Problems inside lists, where they belong in the form: rows that are not sent shift the pointers."""
    found: dict[str, RowProblems] = {}
    for problem in problems:
        _, name, *path = problem.pointer.split("/") if problem.pointer else ("", "")
        rows = typed.get(name)
        if not path or not path[0].isdecimal() or not isinstance(rows, list):
            continue
        numbers = [number for number, row in enumerate(rows) if row]
        if isinstance(next(iter(rows), None), Mapping) and int(path[0]) < len(numbers):
            inner = path[1] if len(path) > 1 else ""
            found.setdefault(name, {}).setdefault(numbers[int(path[0])], {}).setdefault(inner, []).append(problem.message)
    return found


def kept_fields(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of which only what they held was posted, because they may not be sent."""
    names = dict.fromkeys(field_of_input(name.removeprefix(KEPT)) for name in data if name.startswith(KEPT))
    live = {field_of_input(name) for name in data if not name.startswith("_")}
    return tuple(name for name in names if name not in live)


def with_kept(data: QueryDict, names: Iterable[str]) -> QueryDict:
    """The posted data with what these fields held in its place."""
    restored = data.copy()
    wanted = set(names)
    for key in [key for key in data if key.startswith(KEPT)]:
        values = restored.pop(key)
        if field_of_input(key.removeprefix(KEPT)) in wanted:
            restored.setlist(key.removeprefix(KEPT), values)
    return restored


def told_wrong(data: Any) -> set[str]:
    """The fields at which the page shows an error."""
    said = (entry.partition(":") for entry in getattr(data, "getlist", lambda _: [])(SAID))
    return {name for name, _, digest in said if digest.startswith("e")}


def said(data: Any) -> dict[str, str]:
    """The digest of what the page says about each field."""
    entries = (entry.partition(":") for entry in getattr(data, "getlist", lambda _: [])(SAID))
    return {name: digest for name, _, digest in entries}
