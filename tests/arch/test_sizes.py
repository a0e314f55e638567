"""Nothing grows beyond what a reader can hold in mind."""

from __future__ import annotations

from tests.arch.sources import Function, line_count, python_files, templates

MODULE_LINES = 400
FUNCTION_LINES = 50
VIEW_LINES = 30
TEMPLATE_LINES = 150


def length_of(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def is_view(function: Function) -> bool:
    return bool(function.args.args) and function.args.args[0].arg == "request"


def test_no_module_is_longer_than_400_lines() -> None:
    assert [source.name for source in python_files("playground", "tests") if line_count(source.text) > MODULE_LINES] == []


def test_no_function_is_longer_than_50_lines() -> None:
    too_long = [
        f"{source.at(function)} {function.name}: {length_of(function)}"
        for source in python_files("playground", "tests")
        for function in source.functions()
        if length_of(function) > FUNCTION_LINES
    ]
    assert too_long == []


def test_no_view_is_longer_than_30_lines() -> None:
    too_long = [
        f"{source.at(function)} {function.name}: {length_of(function)}"
        for source in python_files("playground/web", "playground/api")
        for function in source.functions()
        if is_view(function) and length_of(function) > VIEW_LINES
    ]
    assert too_long == []


def test_no_template_is_longer_than_150_lines() -> None:
    assert [str(path) for path in templates() if line_count(path.read_text(encoding="utf-8")) > TEMPLATE_LINES] == []
