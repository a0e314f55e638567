from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground.catalog import registry
from playground.catalog.card_check import CardProblem, check_text, shared_ids
from playground.catalog.card_table import card_lines, models_page


class Command(BaseCommand):
    help = "Check card files, list the models that they describe, or print their table for the documentation."
    # A card that cannot be read must not keep from being told why.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        check = actions.add_parser("check", help="say everything that is wrong with card files, by JSON pointer")
        check.add_argument("files", nargs="*", metavar="FILE", help="default: all files of the catalogue")
        actions.add_parser("list", help="one line per model: id, gateway, status, confidence, price")
        actions.add_parser("table", help="print docs/models.md")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "check":
                self._check([Path(name) for name in options["files"]])
            case "list":
                for line in card_lines(registry.all_cards()):
                    self.stdout.write(line)
            case "table":
                self.stdout.write(models_page(registry.all_cards()), ending="")

    def _check(self, named: list[Path]) -> None:
        named = [path.resolve() for path in named]
        known = [path for path in registry.card_files() if path not in named]
        # The files that were asked about come last: a clash is told of the later one.
        texts = dict(_read([*known, *named]))
        asked = named or known
        problems = [(path, problem) for path in asked for problem in check_text(texts[path], registry.where_of(path))]
        problems += [(path, problem) for path, problem in _clashes(texts) if path in asked]
        for path, problem in problems:
            self.stdout.write(f"{path}: {problem.pointer or '/'}: {problem.message}")
        if problems:
            raise CommandError(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}.")
        live = sum(json.loads(texts[path])["status"] == "live" for path in asked)
        cards = "1 card" if len(asked) == 1 else f"{len(asked)} cards"
        self.stdout.write(f"{cards}, {live} live, {len(asked) - live} retired: all good.")


def _read(paths: Iterable[Path]) -> Iterable[tuple[Path, str]]:
    for path in paths:
        try:
            yield path, path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path}: {error}") from None


def _clashes(texts: dict[Path, str]) -> Iterable[tuple[Path, CardProblem]]:
    """Ids and titles that several files claim, of those that are JSON at all."""
    contents: dict[str, Any] = {}
    for path, text in texts.items():
        with suppress(ValueError):
            contents[str(path)] = json.loads(text)
    return ((Path(where), problem) for where, problem in shared_ids(contents))
