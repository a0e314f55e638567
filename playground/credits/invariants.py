"""What must be true of the ledger at every moment, as named checks.

Each is one statement that the database answers, so that it sees one moment, whoever writes meanwhile, and needs the same
memory for a thousand entries and for a million. Checks that need jobs are registered from there (`proof.register`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from playground import flatsql
from playground.core.money import format_credits
from playground.credits import spending, sums
from playground.credits.models import Account, Budget

# More are not counted: whoever has a thousand of one kind has one fault.
MOST_FOUND = 1000


@dataclass(frozen=True, slots=True)
class Discrepancy:
    subject: str
    rule: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """`sentence` says in plain words what holds, marked with `gettext_noop`; `find` returns at most MOST_FOUND places where it does not."""

    name: str
    sentence: str
    find: Callable[[], list[Discrepancy]]


def by_statement(
    sql: str, describe: Callable[[tuple[Any, ...]], Discrepancy], params: Callable[[], list[Any]] = list
) -> Callable[[], list[Discrepancy]]:
    """A check that is one SELECT of the rows that are wrong."""
    return lambda: [describe(row) for row in flatsql.rows(f"{sql} LIMIT {MOST_FOUND}", params())]


_BALANCES = """
SELECT account.team_id, account.mode, account.available_millicredits, account.held_millicredits,
    COALESCE(SUM(entry.available_delta_millicredits), 0), COALESCE(SUM(entry.held_delta_millicredits), 0)
FROM credits_account account LEFT JOIN credits_entry entry ON entry.account_id = account.id
GROUP BY account.id, account.team_id, account.mode, account.available_millicredits, account.held_millicredits
HAVING COALESCE(SUM(entry.available_delta_millicredits), 0) <> account.available_millicredits
    OR COALESCE(SUM(entry.held_delta_millicredits), 0) <> account.held_millicredits
"""
_HELD = """
SELECT account.team_id, account.mode, account.held_millicredits, COALESCE(SUM(hold.held_delta_millicredits), 0)
FROM credits_account account LEFT JOIN credits_entry hold ON hold.account_id = account.id AND hold.kind = 'hold'
    AND NOT EXISTS (SELECT 1 FROM credits_entry ending WHERE ending.job_id = hold.job_id AND ending.kind IN ('capture', 'release'))
GROUP BY account.id, account.team_id, account.mode, account.held_millicredits
HAVING COALESCE(SUM(hold.held_delta_millicredits), 0) <> account.held_millicredits
"""
# Joined by the job alone: with the account, SQLite would look the hold up among all holds of the account.
_SETTLEMENTS = """
SELECT ending.job_id, ending.kind, ending.held_delta_millicredits, ending.available_delta_millicredits,
    hold.held_delta_millicredits, hold.account_id = ending.account_id
FROM credits_entry ending LEFT JOIN credits_entry hold ON hold.job_id = ending.job_id AND hold.kind = 'hold'
WHERE ending.kind IN ('capture', 'release') AND (
    hold.id IS NULL
    OR hold.account_id <> ending.account_id
    OR ending.held_delta_millicredits <> -hold.held_delta_millicredits
    OR ending.available_delta_millicredits < 0
    OR ending.available_delta_millicredits > hold.held_delta_millicredits
    OR (ending.kind = 'release' AND ending.available_delta_millicredits <> hold.held_delta_millicredits)
)
"""
_TWICE = """
SELECT job_id, COUNT(*) FROM credits_entry WHERE kind IN ('capture', 'release') GROUP BY job_id HAVING COUNT(*) > 1
"""


def _balance(row: tuple[Any, ...]) -> Discrepancy:
    team_id, mode, available, held, sum_available, sum_held = row
    says = f"the account says {format_credits(available)} available and {format_credits(held)} held"
    return Discrepancy(
        f"team {team_id}, {mode}", f"{says}, the entries sum to {format_credits(int(sum_available))} and {format_credits(int(sum_held))}"
    )


def _held(row: tuple[Any, ...]) -> Discrepancy:
    team_id, mode, held, open_holds = row
    return Discrepancy(f"team {team_id}, {mode}", f"{format_credits(held)} held, open holds of {format_credits(int(open_holds))}")


def _settlement(row: tuple[Any, ...]) -> Discrepancy:
    job_id, kind, held_delta, available_delta, held, is_same_account = row
    if held is None:
        rule = f"{kind} without a hold"
    elif not is_same_account:
        rule = f"{kind} in another account than its hold"
    elif held_delta != -held:
        rule = f"{kind} of another amount than was held"
    elif not 0 <= available_delta <= held:
        rule = f"{kind} returns more than was held"
    else:
        rule = "a release that keeps something"
    return Discrepancy(f"job {flatsql.hex_of(job_id)}", rule)


def _wrong_days() -> list[Discrepancy]:
    sql, params = sums.daily_differences()
    return [
        Discrepancy(f"account {row[0]}, {row[1]}, {row[4]}/{row[5]}", f"the entries have {format_credits(int(row[6]))} credits more")
        for row in flatsql.rows(f"{sql} LIMIT {MOST_FOUND}", params)
    ]


def _wrong_budgets() -> list[Discrepancy]:
    found = [_wrong_budget(budget) for budget in Budget.objects.iterator() if _is_wrong(budget)]
    return [discrepancy for discrepancy in found if discrepancy is not None][:MOST_FOUND]


def _wrong_budget(budget: Budget) -> Discrepancy | None:
    """Looked at again while no hold can come between the two sums."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=budget.account_id)
        again = Budget.objects.filter(pk=budget.pk).first()
        if again is None or not _is_wrong(again):
            return None
        counted = format_credits(spending.used_now(again))
        return Discrepancy(
            spending.whose(again), f"{counted} counted, holds of {format_credits(sums.expected_use(again))} in the {again.period}"
        )


def _is_wrong(budget: Budget) -> bool:
    return spending.used_now(budget) != sums.expected_use(budget)


INVARIANTS = (
    Invariant("balances", gettext_noop("Every balance is the sum of its entries."), by_statement(_BALANCES, _balance)),
    Invariant("held", gettext_noop("What is held is the sum of the holds that are not settled."), by_statement(_HELD, _held)),
    Invariant(
        "settlements", gettext_noop("Every settlement has its hold, and settles all of it."), by_statement(_SETTLEMENTS, _settlement)
    ),
    Invariant(
        "once",
        gettext_noop("No job was settled twice: none was both charged and released."),
        by_statement(_TWICE, lambda row: Discrepancy(f"job {flatsql.hex_of(row[0])}", f"settled {row[1]} times")),
    ),
    Invariant("days", gettext_noop("The daily sums are those of the entries."), _wrong_days),
    Invariant("budgets", gettext_noop("Every budget counts the holds of its period, less what came back."), _wrong_budgets),
)
