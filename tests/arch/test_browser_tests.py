"""Every test in a browser is run with script and without, or says why one of the two cannot be."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.arch.sources import Function, Source, python_files

MARKS = {"pytest.mark.script", "pytest.mark.scriptless"}
# What brings pages, and with them both runs: the fixture, and one of a module that asks for it.
PAGES = {"open_page", "page"}
SHORTEST_REASON = 5


def browser_tests() -> Iterator[tuple[Source, Function]]:
    for source in python_files("tests/browser"):
        yield from ((source, function) for function in source.functions() if function.name.startswith("test_"))


def marks_in(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Each mark with its reason; one without parentheses has none."""
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in MARKS:
            call = called.get(id(node))
            yield node, str(ast.literal_eval(call.args[0])) if call and call.args else ""


def test_every_browser_test_gets_its_pages_from_what_runs_it_twice() -> None:
    otherwise = [source.at(function) for source, function in browser_tests() if not PAGES & {one.arg for one in function.args.args}]
    assert otherwise == []


def test_pages_are_opened_nowhere_else() -> None:
    """A context of one's own would be with script alone, and say nothing about it."""
    calls = ((source, call) for source in python_files("tests/browser") for call in source.calls())
    makers = {source.path.name for source, call in calls if ast.unparse(call.func).endswith("new_context")}
    assert makers == {"conftest.py"}


def test_what_runs_once_says_why() -> None:
    silent = [
        source.at(node)
        for source in python_files("tests/browser")
        for node, reason in marks_in(source.tree)
        if len(reason) < SHORTEST_REASON
    ]
    assert silent == []


def test_no_browser_test_says_that_neither_run_can_be() -> None:
    torn = [
        source.at(function)
        for source, function in browser_tests()
        if len({ast.unparse(node) for decorator in function.decorator_list for node, _ in marks_in(decorator)}) > 1
    ]
    assert torn == []
