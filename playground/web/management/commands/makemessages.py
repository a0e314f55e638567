from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.commands import makemessages

from playground.catalog import registry
from playground.web.cardwords import texts_of


class Command(makemessages.Command):
    """Django's own, which reads source and templates, and the texts of the model cards with them."""

    def build_potfiles(self) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            self._folder = Path(folder)
            (self._folder / "cards.py").write_text(as_source(card_texts()), encoding="utf-8")
            return super().build_potfiles()

    def find_files(self, root: str) -> Any:
        cards = self.translatable_file_class(str(self._folder), "cards.py", self.default_locale_path)
        return [*super().find_files(root), cards]


def card_texts() -> list[str]:
    """Those of all cards, each once."""
    return list(dict.fromkeys(text for card in registry.all_cards() for text in texts_of(card) if text))


def as_source(texts: list[str]) -> str:
    """What xgettext reads. Per cent signs in them are no formats."""
    lines = (f"# Translators: from a model's card\n# xgettext:no-python-format\ngettext_noop({text!a})\n" for text in texts)
    return "".join(lines)
