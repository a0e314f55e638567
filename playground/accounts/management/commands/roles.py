from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from playground.accounts.permissions import roles_page


class Command(BaseCommand):
    help = "Print docs/roles.md: who may do what in a team."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(roles_page(), ending="")
