from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground.accounts import audit
from playground.accounts.services import AccountsError, team_by_slug
from playground.core.money import format_credits, to_millicredits
from playground.credits.services import LedgerError, grant


class Command(BaseCommand):
    help = "Top up a team's account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--credits", required=True, help="for example 500 or 12.5")
        parser.add_argument("--mode", required=True, choices=["test", "live"])
        parser.add_argument("--team", default="", metavar="SLUG", help="default: the first team")
        parser.add_argument("--note", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            millicredits = to_millicredits(options["credits"])
            team = team_by_slug(options["team"])
            with audit.acting_as(audit.COMMAND_LINE):
                account = grant(team=team, mode=options["mode"], millicredits=millicredits, note=options["note"])
        except (AccountsError, LedgerError, ValueError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{account}: {format_credits(account.available_millicredits)} credits available.")
