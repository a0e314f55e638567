from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from playground.accounts import audit
from playground.accounts.services import SIGN_IN_LINK_MINUTES, create_sign_in_link
from playground.gallery.demo import story
from playground.jobs.models import Job


class Command(BaseCommand):
    help = "Make a team with a month behind it, to look around in: people, takes, failures, collections, budgets, a ledger that is proved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--takes", type=int, default=story.MOST, help=f"how many in test mode; beyond {story.MOST} they share the clips of others"
        )
        parser.add_argument("--clips", type=int, default=story.MOST, help="how many different clips are drawn; fewer are quicker")
        parser.add_argument("--force-new-team", action="store_true", help="also where there are jobs already, as another team")

    def handle(self, *args: Any, **options: Any) -> None:
        if Job.objects.exists() and not options["force_new_team"]:
            raise CommandError("There are jobs here already. --force-new-team makes the demo team beside them.")
        begin = time.monotonic()
        told = story.tell(takes=options["takes"], clips=options["clips"], say=self._say if options["verbosity"] else lambda _: None)
        with audit.acting_as(audit.COMMAND_LINE):
            token = create_sign_in_link(told.cast.owner)
        self.stdout.write(f"{told.cast.team.name} has {told.takes:,} takes in test mode; it took {time.monotonic() - begin:.0f} s.")
        link = f"{settings.PUBLIC_URL}{reverse('sign-in-link', args=[token])}"
        self.stdout.write(f"Sign in as {told.cast.owner} (once, within {SIGN_IN_LINK_MINUTES} minutes): {link}")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
