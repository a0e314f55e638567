"""What a person can set, call or choose is written down, and what is written down exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver

from playground.catalog.registry import all_cards
from tests.arch.sources import ROOT, name_called, python_files

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ALL_TEXT = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
SETTING = re.compile(r"^\| `([A-Z][A-Z0-9_]*)` \|", re.MULTILINE)
# Read by Django, by the tests or by our own children, and set by nobody else.
INTERNAL = {"DJANGO_SETTINGS_MODULE", "PYTHONPATH", "PYTHONUNBUFFERED"}


def settings_in_code() -> set[str]:
    """Every environment variable that the settings read."""
    (settings,) = [source for source in python_files("playground") if source.name == "playground/settings.py"]
    found = set()
    for call in settings.calls():
        if ast.unparse(call.func).partition(".")[0] == "env" and call.args and isinstance(call.args[0], ast.Constant):
            found.add(str(call.args[0].value))
    return {name for name in found if name.isupper()}


def variables_read_elsewhere() -> set[str]:
    """Environment variables that other modules look up themselves."""
    found = set()
    for source in python_files("playground"):
        for node in ast.walk(source.tree):
            match node:
                case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))):
                    found.add(name)
                case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="environ")), args=[ast.Constant(value=str(name)), *_]):
                    found.add(name)
                case ast.Call(args=[ast.Constant(value=str(name)), *_]) if name_called(node) == "getenv":
                    found.add(name)
    return {name for name in found if name.isupper()} - INTERNAL


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield "/" + route


def own_commands() -> set[str]:
    return {name for name, app in get_commands().items() if str(app).startswith("playground")}


def test_every_setting_is_in_the_table_of_the_readme() -> None:
    assert "PORT" in settings_in_code()
    assert settings_in_code() - set(SETTING.findall(README)) == set()


def test_variables_that_other_modules_read_are_explained_somewhere() -> None:
    assert {name for name in variables_read_elsewhere() if not re.search(rf"\b{name}\b", ALL_TEXT)} == set()


def test_the_table_names_no_setting_that_does_not_exist() -> None:
    assert set(SETTING.findall(README)) - settings_in_code() - variables_read_elsewhere() == set()


def test_every_command_is_documented() -> None:
    assert "up" in own_commands()
    assert {name for name in own_commands() if f"manage.py {name}" not in ALL_TEXT} == set()


def test_no_command_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"manage\.py ([a-z_]+)", ALL_TEXT)) - set(get_commands()) == set()


def test_every_endpoint_of_the_api_is_documented() -> None:
    endpoints = {
        route for route in routes(get_resolver().url_patterns) if route.startswith(("/api/", "/healthz")) and "<path:" not in route
    }
    assert endpoints
    assert {route for route in endpoints if route not in ALL_TEXT} == set()


def test_every_model_card_is_documented() -> None:
    assert {card.id for card in all_cards() if f"`{card.id}`" not in ALL_TEXT} == set()


def test_every_make_target_is_explained_by_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert {target for target in line.split() if target not in ("help", "FORCE") and f'@echo "make {target} ' not in makefile} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_points_to_is_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"", document.read_text(encoding="utf-8"))
    local = [link for pair in links for link in pair if link and "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (document.parent / link).exists()] == []
