"""The documentation of cards says all that a card may hold, and the table of models is the cards'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from playground.catalog.card_format import FORMAT, SCENES, WIDGETS
from playground.catalog.card_rules import ARGUMENTS
from playground.catalog.card_table import models_page
from playground.catalog.registry import all_cards
from tests.arch.sources import ROOT

CARDS = (ROOT / "docs" / "cards.md").read_text(encoding="utf-8")
# What stands in backticks, and the keys inside longer pieces of JSON there.
NAMED = {name for code in re.findall(r"`([^`\n]+)`", CARDS) for name in (code, *re.findall(r"[A-Za-z_-]+", code))}


def keys(schema: Any) -> Iterator[str]:
    """Every key that the form of cards knows, at any depth."""
    for name, part in schema.get("properties", {}).items():
        yield name
        yield from keys(part)
    for part in (schema.get("items"), *schema.get("$defs", {}).values()):
        if isinstance(part, dict):
            yield from keys(part)


def test_every_key_of_a_card_is_explained() -> None:
    assert "typical_seconds" in set(keys(FORMAT))
    assert set(keys(FORMAT)) - NAMED == set()


def test_every_widget_scene_and_check_is_explained() -> None:
    assert {*WIDGETS, *SCENES} - NAMED == set()
    assert {*ARGUMENTS, *(name for names in ARGUMENTS.values() for name in names), "when", "when_present", "when_absent"} - NAMED == set()


def test_the_table_of_models_is_up_to_date() -> None:
    written = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")

    assert written == models_page(all_cards()), "run: .venv/bin/python manage.py cards table > docs/models.md"


def test_the_table_has_a_row_per_card() -> None:
    rows = re.findall(r"^\| `([^`]+)`.*?\| (\w+) \|", models_page(all_cards()), re.MULTILINE)

    assert sorted(rows) == sorted((card.id, card.gateway) for card in all_cards())
