from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground.accounts.models import Membership, Role
from playground.accounts.services import AccountsError, create_key, team_by_slug


class Command(BaseCommand):
    help = "Make an API key and print it, and nothing else: it cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--mode", required=True, choices=["test", "live"])
        parser.add_argument("--team", default="", metavar="SLUG", help="default: the first team")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            team = team_by_slug(options["team"])
        except AccountsError as error:
            raise CommandError(str(error)) from None
        owner = Membership.objects.filter(team=team, role=Role.OWNER).select_related("user").order_by("pk").first()
        _, secret = create_key(team=team, name=options["name"], mode=options["mode"], created_by=owner.user if owner else None)
        self.stdout.write(secret)
