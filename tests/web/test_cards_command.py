"""`manage.py cards`: what a contributor sees who adds a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from playground.catalog import registry
from tests.catalog.documented import EXAMPLE, changed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of its own with one good card in it."""
    monkeypatch.setattr(registry, "CARDS_DIR", tmp_path)
    write(tmp_path / "kie" / "example__storyboard.json", EXAMPLE)
    return tmp_path


def write(path: Path, card: object) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(card), encoding="utf-8")
    return path


def refused(*args: str) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command("cards", "check", *args)
    return str(refusal.value)


def test_all_cards_are_good(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("cards", "check")

    assert capsys.readouterr().out == "101 cards, 93 live, 8 retired: all good.\n"


def test_one_good_file_is_told_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("cards", "check", str(folder / "kie" / "example__storyboard.json"))

    assert capsys.readouterr().out == "1 card, 1 live, 0 retired: all good.\n"


def test_what_is_wrong_is_said_by_file_and_pointer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = changed(("/id", "example/other"), ("/aliases", []), ("/title", "Other"), ("/status", "soon"), ("/rules/0/message", ""))
    path = write(folder / "kie" / "example__other.json", card)

    assert refused() == refused(str(path)) == "2 problems."
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == lines[2:]
    assert lines[0] == f"{path}: /status: must be one of 'live' or 'retired', not 'soon'."
    assert lines[1] == f"{path}: /rules/0/message: must not be empty."


def test_a_card_that_cannot_even_be_read_is_told_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = folder / "kie" / "broken.json"
    broken.write_text("{", encoding="utf-8")

    assert refused() == "1 problem."
    assert capsys.readouterr().out.startswith(f"{broken}: /: is no JSON")


def test_two_files_with_one_title_clash(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(folder / "kie" / "example__other.json", changed(("/id", "example/other"), ("/aliases", [])))

    assert refused() == "1 problem."
    assert "/title: 'Example storyboard' is taken by " in capsys.readouterr().out
    assert refused(str(path)) == "1 problem."
    assert capsys.readouterr().out.startswith(f"{path}: /title: 'Example storyboard' is taken by ")


def test_a_file_that_is_not_there_is_an_error() -> None:
    assert "no-such-card.json" in refused("no-such-card.json")


def test_the_list_has_a_line_per_model_with_its_price(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("cards", "list")

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 101
    assert ["google/veo-3-1", "modkie", "live", "partly", "60", "credits", "per", "job"] in lines
    assert ["kling-3.0/video", "kie", "live", "documented", "14–67", "credits", "per", "second"] in lines
    assert ["sora-2-characters", "kie", "retired", "partly", "unpublished"] in lines


def test_the_table_is_the_page_of_the_documentation(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("cards", "table")

    assert capsys.readouterr().out.startswith("# Models\n")
