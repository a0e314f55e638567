"""Forms come from cards, and text from outside is never markup."""

from __future__ import annotations

import re

from playground.catalog.registry import all_cards
from tests.arch.sources import ROOT, name_called, python_files, templates

CONTROL = re.compile(r"<(?:input|textarea|select)\b[^>]*>", re.IGNORECASE)
NAME = re.compile(r"""\bname=["']([\w-]+)["']""")
UNESCAPED = re.compile(r"\|\s*safe(?:seq)?\b|autoescape\s+off")


def controls_outside_the_form_widgets() -> list[tuple[str, str]]:
    found = []
    for path in templates():
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith("templates/forms/"):
            found += [(name, control) for control in CONTROL.findall(path.read_text(encoding="utf-8"))]
    return found


def test_no_template_writes_an_input_for_a_field_of_a_model() -> None:
    fields = {field for card in all_cards() for field in card.properties}
    assert "prompt" in fields
    written = [(name, control) for name, control in controls_outside_the_form_widgets() if set(NAME.findall(control)) & fields]
    assert written == []


def test_the_playground_s_own_inputs_are_hidden_or_marked_as_no_field() -> None:
    """A leading underscore is the mark: no model can have a field of that name."""
    mine = [control for name, control in controls_outside_the_form_widgets() if name.startswith("templates/playground/")]
    assert [control for control in mine if 'type="hidden"' not in control and ' name="_' not in control] == []


def test_no_template_switches_escaping_off() -> None:
    """Mails are plain text, in which nothing is markup."""
    pages = [path for path in templates() if path.suffix == ".html"]
    assert [path.name for path in pages if UNESCAPED.search(path.read_text(encoding="utf-8"))] == []


def test_no_code_declares_text_to_be_safe_markup() -> None:
    markers = {"mark_safe", "SafeString", "SafeText"}
    called = [source.at(call) for source in python_files("playground") for call in source.calls() if name_called(call) in markers]
    assert called == []
