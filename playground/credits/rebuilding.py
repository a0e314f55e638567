"""Sums that the entries contradict are made anew from them: daily sums, balances, and what budgets count.

The entries are the truth and are never touched. Each account is done in a transaction of its own, under its lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from playground import flatsql
from playground.accounts import audit
from playground.accounts.audit import Action
from playground.core import clock
from playground.core.money import format_credits
from playground.credits import periods, services, spending, sums
from playground.credits.models import Account, Budget, DailyUse


@dataclass(frozen=True, slots=True)
class Difference:
    """What was wrong, and what the entries say, in words."""

    subject: str
    was: str
    now: str


def rebuild(*, is_dry_run: bool = False) -> Iterator[Difference]:
    """What is different, account by account; without `is_dry_run` it is put right. Safe to repeat. Raises LedgerError."""
    for account_id in list(Account.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            account = Account.objects.select_for_update(of=("self",)).select_related("team").get(pk=account_id)
            found = [*_balance(account), *_days(account), *_budgets(account)]
            if found and not is_dry_run:
                _put_right(account, found)
        yield from found


def _balance(account: Account) -> Iterator[Difference]:
    available, held = sums.balance(account.pk)
    if (available, held) != (account.available_millicredits, account.held_millicredits):
        was = _words(account.available_millicredits, account.held_millicredits)
        yield Difference(str(account), was, _words(available, held))


def _words(available: int, held: int) -> str:
    return f"{format_credits(available)} available, {format_credits(held)} held"


def _days(account: Account) -> Iterator[Difference]:
    sql, params = sums.daily_differences(account.pk)
    count: int = flatsql.value(f"SELECT COUNT(*) FROM ({sql}) AS different", params)  # noqa: S608
    if count:
        yield Difference(f"{account}, daily sums", f"{count:,} wrong", "as the entries say")


def _budgets(account: Account) -> Iterator[Difference]:
    for budget in Budget.objects.filter(account=account).order_by("pk"):
        used, expected = spending.used_now(budget), sums.expected_use(budget)
        if used != expected:
            yield Difference(f"{account}, {spending.whose(budget)}", f"{format_credits(used)} used", f"{format_credits(expected)} used")


def _put_right(account: Account, found: list[Difference]) -> None:
    services.rebalance(account.pk)
    DailyUse.objects.filter(account=account).delete()
    flatsql.execute(*sums.daily_rebuild(account.pk))
    now = clock.now()
    for budget in Budget.objects.filter(account=account).order_by("pk"):
        start = periods.began(budget.period, now)
        Budget.objects.filter(pk=budget.pk).update(
            used_millicredits=sums.expected_use(budget), period_start=max(start, budget.period_start),
            **({} if budget.period_start >= start else {"warned_at": None, "reached_at": None}),
        )  # fmt: skip
    audit.record(Action.LEDGER_REBUILT, team=account.team_id, subject=str(account), found=[f"{one.subject}: {one.was}" for one in found])
