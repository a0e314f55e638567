"""The tests themselves: every one asserts something, and none of them waits for a clock."""

from __future__ import annotations

import ast
import re

from tests.arch.sources import Function, name_called, python_files

ASSERTING = {"raises", "warns", "fail", "suppress", "run_state_machine_as_test"}
SLEEPS = {"time.sleep", "sleep", "page.wait_for_timeout"}
UNFINISHED = re.compile("|".join(["TO" + "DO", "FIX" + "ME", r"\bXX" + "X\b", "coming" + " soon", "lorem" + " ipsum"]), re.IGNORECASE)


def asserts(function: Function) -> bool:
    # A property may be that nothing is raised, whatever comes in.
    if any("given" in ast.unparse(decorator) for decorator in function.decorator_list):
        return True
    for node in ast.walk(function):
        match node:
            case ast.Assert():
                return True
            case ast.Call() if name_called(node) in ASSERTING or name_called(node).startswith("assert"):
                return True
            case ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"))):
                return True
    return False


def calls_of(function: Function) -> set[str]:
    return {name_called(node) for node in ast.walk(function) if isinstance(node, ast.Call)}


def test_every_test_asserts_something() -> None:
    """Itself, or through a helper of the tests that does."""
    functions = [(source, function) for source in python_files("tests") for function in source.functions()]
    asserting = {function.name for _, function in functions if asserts(function)}
    while more := {function.name for _, function in functions if calls_of(function) & asserting} - asserting:
        asserting |= more
    silent = [source.at(function) for source, function in functions if function.name.startswith("test_") and function.name not in asserting]
    assert silent == []


def test_no_test_sleeps() -> None:
    """Conditions are waited for; a fixed pause is too short on a busy machine and too long on every other."""
    sleeping = [
        source.at(call)
        for source in python_files("tests")
        if source.path.name.startswith(("test_", "conftest"))
        for call in source.calls()
        if ast.unparse(call.func) in SLEEPS or name_called(call) == "wait_for_timeout"
    ]
    assert sleeping == []


def test_nothing_is_left_for_later() -> None:
    unfinished = [
        f"{source.name}: {match[0]}"
        for source in python_files("playground", "tests")
        if (match := UNFINISHED.search(source.text)) is not None
    ]
    assert unfinished == []
