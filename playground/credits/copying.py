"""Settled holds by the thousand, for demonstrations of scale: what `hold` and `capture` write, without a query for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from playground import flatsql
from playground.credits import sums
from playground.credits.models import Account, DailyUse, EntryKind

_INSERT = """
INSERT INTO credits_entry (account_id, job_id, kind, available_delta_millicredits, held_delta_millicredits,
    available_after_millicredits, note, by_user_id, by_key_id, gateway, model_id, created_at)
VALUES (%s, %s, %s, %s, %s, %s, '', %s, NULL, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Charged:
    """A job that was held and charged in full."""

    job_id: UUID
    user_id: int
    gateway: str
    model_id: str
    millicredits: int
    held_at: datetime
    charged_at: datetime


@transaction.atomic
def write_charged(account_id: int, jobs: Sequence[Charged]) -> None:
    """In their order, with the account's balance; the daily sums are owed until `count_days`. Locks the account."""
    left: int = Account.objects.select_for_update().values_list("available_millicredits", flat=True).get(pk=account_id)
    rows = []
    for job in jobs:
        left -= job.millicredits
        job_id, what = flatsql.identity(job.job_id), (job.user_id, job.gateway, job.model_id)
        rows.append((account_id, job_id, EntryKind.HOLD, -job.millicredits, job.millicredits, left, *what, flatsql.moment(job.held_at)))
        rows.append((account_id, job_id, EntryKind.CAPTURE, 0, -job.millicredits, left, *what, flatsql.moment(job.charged_at)))
    flatsql.execute_many(_INSERT, rows)
    spent = sum(job.millicredits for job in jobs)
    Account.objects.filter(pk=account_id).update(available_millicredits=F("available_millicredits") - spent)


@transaction.atomic
def count_days(account_id: int) -> None:
    """The daily sums as the entries have them."""
    Account.objects.select_for_update().get(pk=account_id)
    DailyUse.objects.filter(account_id=account_id).delete()
    flatsql.execute(*sums.daily_rebuild(account_id))
