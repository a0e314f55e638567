from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from playground.accounts.models import User
from playground.accounts.services import SIGN_IN_LINK_MINUTES, create_sign_in_link


class Command(BaseCommand):
    help = f"Print a one-time sign-in link for a person, good for {SIGN_IN_LINK_MINUTES} minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody here has the e-mail address {options['email']!r}.")
        self.stdout.write(f"{settings.PUBLIC_URL}/sign-in/{create_sign_in_link(user)}")
