from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground.accounts import audit
from playground.accounts.services import AccountsError, create_owner


class Command(BaseCommand):
    help = "Make a person the owner of a team; makes the person and the team if they are not there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="")
        parser.add_argument("--team", default="", metavar="SLUG", help="default: the first team")
        parser.add_argument(
            "--password",
            nargs="?",
            const="",
            metavar="-",
            help="ask for a password, or read it from stdin with -; without this, use sign_in_link",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            password = self._password(options["password"])
            with audit.acting_as(audit.COMMAND_LINE):
                made = create_owner(email=options["email"], password=password, team_slug=options["team"], name=options["name"])
        except AccountsError as error:
            raise CommandError(str(error)) from None
        verb = "Created" if made.is_new_user else "Found"
        self.stdout.write(f"{verb} {made.user.email}, owner of {made.team.name} ({made.team.slug}).")

    def _password(self, given: str | None) -> str | None:
        if given is None:
            return None
        if given not in ("", "-"):
            raise AccountsError("A password on the command line is seen by everybody on this machine: use --password - and stdin.")
        password = sys.stdin.readline().rstrip("\n") if given == "-" else getpass.getpass("Password: ")
        if len(password) < 10:
            raise AccountsError("The password needs at least 10 characters.")
        return password
