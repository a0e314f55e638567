"""The page about roles is the table that the product asks."""

from __future__ import annotations

from playground.accounts.permissions import TABLE, roles_page
from tests.arch.sources import ROOT


def test_the_page_of_roles_is_up_to_date() -> None:
    written = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")

    assert written == roles_page(), "run: .venv/bin/python manage.py roles > docs/roles.md"


def test_the_page_has_a_row_per_permission() -> None:
    assert sum(line.startswith("| ") and line.endswith("|") for line in roles_page().splitlines()) == len(TABLE) + 1
