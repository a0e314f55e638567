from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from playground.accounts import audit
from playground.jobs import provider_check, provider_keys, upstreams
from playground.jobs.provider_check import Finding
from playground.jobs.provider_keys import InvalidKey, Kind

_MARKS = {True: "ok", False: "BAD", None: "-"}


class Command(BaseCommand):
    help = (
        "`providers check` tests key, balance, upload and callbacks of live providers, and says what is wrong. Exit code 1: something is. "
        "`providers set-key NAME` keeps a key that it asks for or reads from stdin, `providers remove-key NAME` forgets it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["check", "set-key", "remove-key"])
        parser.add_argument("provider", nargs="*", choices=[*upstreams.LIVE, []], help="check: all of them without a name")
        parser.add_argument("--webhook", action="store_true", help="the key by which the provider signs its callbacks")

    def handle(self, *args: Any, **options: Any) -> None:
        names, kind = options["provider"], Kind.WEBHOOK if options["webhook"] else Kind.API
        if options["action"] == "check":
            self._check(names or list(upstreams.LIVE))
            return
        if len(names) != 1:
            raise CommandError(f"Name one provider: {' or '.join(upstreams.LIVE)}.")
        with audit.acting_as(audit.COMMAND_LINE):
            try:
                self._set(names[0], kind) if options["action"] == "set-key" else self._remove(names[0], kind)
            except InvalidKey as refusal:
                raise CommandError(str(refusal)) from None

    def _check(self, names: list[str]) -> None:
        is_bad = False
        for name in names:
            for finding in provider_check.check(name):
                is_bad = is_bad or finding.is_ok is False
                self._print(finding)
        if is_bad:
            raise SystemExit(1)

    def _set(self, name: str, kind: Kind) -> None:
        # Never an argument: the machine's process list and the shell's history would show it.
        key = getpass.getpass("Key: ") if sys.stdin.isatty() else sys.stdin.readline()
        provider_keys.save(name, key, kind)
        state = next(state for state in provider_keys.states(name) if state.kind == kind)
        self.stdout.write(f"Kept the {state.name}. It holds everywhere within a few seconds.")
        if state.source == "environment":
            self.stdout.write(f"{state.variable} is set in the environment and wins over it.")
        elif kind == Kind.API:
            for finding in provider_check.check_key(name):
                self._print(finding)

    def _remove(self, name: str, kind: Kind) -> None:
        title = provider_keys.NAMES.get((name, kind), "key")
        self.stdout.write(f"Removed the {title}." if provider_keys.remove(name, kind) else f"No {title} was entered.")

    def _print(self, finding: Finding) -> None:
        self.stdout.write(f"{_MARKS[finding.is_ok]:<4}{finding.provider:<8} {finding.subject:<10} {finding.words}")
