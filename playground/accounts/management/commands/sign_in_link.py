from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from playground.accounts import audit, people
from playground.accounts.models import User
from playground.accounts.services import SIGN_IN_LINK_MINUTES, create_sign_in_link


class Command(BaseCommand):
    help = f"Print a one-time sign-in link for a person, good for {SIGN_IN_LINK_MINUTES} minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--forget-factors", action="store_true", help="also remove the person's second factors, whose device is lost")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody here has the e-mail address {options['email']!r}.")
        with audit.acting_as(audit.COMMAND_LINE):
            token = create_sign_in_link(user)
            if options["forget_factors"]:
                people.forget_factors(user)
        self.stdout.write(f"{settings.PUBLIC_URL}/sign-in/{token}")
