from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground.accounts import audit
from playground.accounts.services import AccountsError, team_by_slug
from playground.credits import entries, exporting, proof, rebuilding
from playground.credits.errors import LedgerError
from playground.credits.models import Account, Entry


class Command(BaseCommand):
    help = "Prove the ledger, rebuild its sums from the entries, or export the entries."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("verify", help="check every invariant; what was found is kept for the owners' page")
        rebuild = actions.add_parser("rebuild", help="set balances, daily sums and budgets to what the entries say")
        rebuild.add_argument("--dry-run", action="store_true", help="only say what is different")
        export = actions.add_parser("export", help="print the entries, newest first")
        export.add_argument("--team", default="", metavar="SLUG", help="default: all teams")
        export.add_argument("--mode", default="", choices=["test", "live"], help="default: both")
        export.add_argument("--format", default="csv", choices=["csv", "jsonl"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with audit.acting_as(audit.COMMAND_LINE):
                {"verify": self._verify, "rebuild": self._rebuild, "export": self._export}[options["action"]](options)
        except (AccountsError, LedgerError) as error:
            raise CommandError(str(error)) from None

    def _verify(self, options: dict[str, Any]) -> None:
        findings = proof.prove()
        for finding in findings:
            for discrepancy in finding.discrepancies:
                self.stderr.write(f"{finding.invariant.name}: {discrepancy.subject}: {discrepancy.rule}")
        count = sum(len(finding.discrepancies) for finding in findings)
        if count:
            raise CommandError(f"{count:,} {'discrepancy' if count == 1 else 'discrepancies'}.")
        self.stdout.write(f"The ledger is in order: {Entry.objects.count():,} entries.")
        for finding in findings:
            self.stdout.write(f"  {finding.words} ({finding.duration_ms} ms)")

    def _rebuild(self, options: dict[str, Any]) -> None:
        count = 0
        for difference in rebuilding.rebuild(is_dry_run=options["dry_run"]):
            count += 1
            self.stdout.write(f"{difference.subject}: {difference.was}; by the entries: {difference.now}")
        ending = "Nothing was written." if options["dry_run"] else "Put right." if count else "Nothing to do."
        self.stdout.write(f"{count:,} {'difference' if count == 1 else 'differences'}. {ending}")

    def _export(self, options: dict[str, Any]) -> None:
        accounts = Account.objects.select_related("team").order_by("pk")
        if options["team"]:
            accounts = accounts.filter(team=team_by_slug(options["team"]))
        if options["mode"]:
            accounts = accounts.filter(mode=options["mode"])
        for position, account in enumerate(accounts):
            stream = entries.stream(account.pk)
            if options["format"] == "csv":
                lines = exporting.as_csv(stream, account, with_header=position == 0)
            else:
                lines = exporting.as_json_lines(stream, account)
            for line in lines:
                self.stdout.write(line, ending="")
