from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground.accounts import audit
from playground.accounts.keyring import KeySettings
from playground.accounts.models import Membership, Role, Scope
from playground.accounts.services import AccountsError, create_key, team_by_slug
from playground.core import clock

MOST_DAYS = 3660


class Command(BaseCommand):
    help = "Make an API key and print it, and nothing else: it cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--mode", required=True, choices=["test", "live"])
        parser.add_argument("--scope", default=Scope.GENERATE.value, choices=Scope.values, help="each holds the ones before it")
        parser.add_argument("--expires-days", type=int, metavar="DAYS", help="default: the key never expires")
        parser.add_argument("--team", default="", metavar="SLUG", help="default: the first team")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["expires_days"]
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--expires-days is 1 to {MOST_DAYS}.")
        expires_at = None if days is None else clock.now() + timedelta(days=days)
        try:
            team = team_by_slug(options["team"])
            owner = Membership.objects.filter(team=team, role=Role.OWNER).select_related("user").order_by("pk").first()
            maker = owner.user if owner else None
            with audit.acting_as(audit.COMMAND_LINE):
                wanted = KeySettings(options["name"], Scope(options["scope"]), expires_at)
                _, secret = create_key(team=team, mode=options["mode"], created_by=maker, wanted=wanted)
        except AccountsError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(secret)
