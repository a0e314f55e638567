from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground.credits.models import Entry
from playground.credits.services import verify


class Command(BaseCommand):
    help = "Prove the ledger: recompute every account and every hold from the entries."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["verify"])

    def handle(self, *args: Any, **options: Any) -> None:
        found = verify()
        for discrepancy in found:
            self.stderr.write(f"{discrepancy.subject}: {discrepancy.rule}")
        if found:
            raise CommandError(f"{len(found)} discrepancies.")
        self.stdout.write(f"The ledger is in order: {Entry.objects.count():,} entries.")
