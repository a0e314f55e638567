from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from playground.accounts.models import Team
from playground.core.money import credits_number, format_credits
from playground.jobs import reconciliation
from playground.jobs.reconciliation import Drift, Loss


class Command(BaseCommand):
    help = "Compare quotes with what providers took, and list what was paid back although it was made. Exit code 1: a model is off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", metavar="SLUG", help="of one team; of the whole installation without it")
        parser.add_argument("--days", type=int, default=60, help="models that ran in so many days (60)")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        team_id = Team.objects.get(slug=options["team"]).pk if options["team"] else None
        drifts = reconciliation.drifts(team_id=team_id, days=options["days"])
        losses = reconciliation.losses(team_id=team_id, limit=10_000)
        if options["json"]:
            self.stdout.write(json.dumps({"models": [_model(drift) for drift in drifts], "losses": [_loss(loss) for loss in losses]}))
        else:
            self._table(drifts, losses)
        if reconciliation.off(drifts):
            raise SystemExit(1)

    def _table(self, drifts: list[Drift], losses: list[Loss]) -> None:
        self.stdout.write(f"{'model':<48} {'jobs':>4} {'quoted':>10} {'taken':>10} {'off by':>8}")
        for drift in drifts:
            name = f"{drift.gateway}/{drift.model_id}"
            quoted, taken = format_credits(drift.quoted_millicredits), format_credits(drift.consumed_millicredits)
            mark = "  <-" if drift.is_off else ""
            self.stdout.write(f"{name:<48} {drift.jobs:>4} {quoted:>10} {taken:>10} {drift.percent:>+7.1f}%{mark}")
        if not drifts:
            self.stdout.write("No live job has been compared yet.")
        certain = sum(loss.is_certain for loss in losses)
        self.stdout.write(f"\nPaid back although made: {certain}; paid back without a word from the provider: {len(losses) - certain}")
        for loss in losses:
            taken = "" if loss.consumed_millicredits is None else f", {format_credits(loss.consumed_millicredits)} credits taken"
            where = f"{loss.job.provider} {loss.job.upstream_id or loss.job.candidate_id or 'without an id'}"
            self.stdout.write(f"  {loss.at:%Y-%m-%d %H:%M} {loss.kind:<12} task {loss.job.pk.hex}, {where}{taken}")


def _model(drift: Drift) -> dict[str, Any]:
    return {
        "gateway": drift.gateway,
        "model": drift.model_id,
        "jobs": drift.jobs,
        "quoted": credits_number(drift.quoted_millicredits),
        "taken": credits_number(drift.consumed_millicredits),
        "percent": round(drift.percent, 2),
        "off": drift.is_off,
    }


def _loss(loss: Loss) -> dict[str, Any]:
    return {
        "taskId": loss.job.pk.hex,
        "kind": loss.kind,
        "certain": loss.is_certain,
        "provider": loss.job.provider,
        "upstreamId": loss.job.upstream_id,
        "taken": None if loss.consumed_millicredits is None else credits_number(loss.consumed_millicredits),
        "at": loss.at.isoformat(),
    }
