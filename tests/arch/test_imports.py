"""What import-linter cannot say: a leading underscore is a closed door between packages."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.arch.sources import Source, python_files


def is_private(dotted: str) -> bool:
    return any(part.startswith("_") and not part.startswith("__") for part in dotted.split("."))


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "playground" and len(parts) > 1 else parts[0]


def imports_of_private_names(source: Source) -> Iterator[str]:
    """Imports from another room of the house, and uses of `other_module._name`."""
    foreign: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("playground"):
            module = node.module or ""
            for alias in node.names:
                room = room_of(f"{module}.{alias.name}")
                if room == source.package:
                    continue
                foreign.add(alias.asname or alias.name)
                if is_private(f"{module}.{alias.name}"):
                    yield f"{source.at(node)} {module}.{alias.name}"
    for node in ast.walk(source.tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in foreign and is_private(name):
                yield f"{source.at(node)} {owner}.{name}"


def test_no_package_uses_another_package_s_private_names() -> None:
    assert [place for source in python_files("playground") for place in imports_of_private_names(source)] == []


@pytest.mark.parametrize("room", ["accounts", "catalog", "core", "credits", "jobs", "media", "providers", "webhooks", "web", "wire"])
def test_every_package_says_what_it_is_for(room: str) -> None:
    source = next(source for source in python_files(f"playground/{room}") if source.name == f"playground/{room}/__init__.py")
    assert len(ast.get_docstring(source.tree) or "") > 120
