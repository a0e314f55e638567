"""Beside a name: what was spent this month, and the month's budget where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from playground.credits import budgets, periods, usage
from playground.credits.models import Account, Period, SubjectKind


@dataclass(frozen=True, slots=True)
class Spending:
    """`limit_millicredits` is None without a budget."""

    spent_millicredits: int = 0
    limit_millicredits: int | None = None
    is_warned: bool = False


NOTHING = Spending()


def month_start() -> date:
    """Of the installation's month, by which budgets count."""
    return periods.start_of(Period.MONTH, periods.today())


def of_members(account_id: int) -> Mapping[int, Spending]:
    """By the id of the person."""
    return _spending(account_id, SubjectKind.MEMBER, usage.spent_by_member(account_id, month_start(), periods.today()))


def of_keys(team_id: int) -> Mapping[int, Spending]:
    """By the id of the key, of both modes. An account that nobody has needed yet is not made by looking."""
    found: dict[int, Spending] = {}
    for account_id in Account.objects.filter(team_id=team_id).values_list("pk", flat=True):
        found |= _spending(account_id, SubjectKind.KEY, usage.spent_by_key(account_id, month_start(), periods.today()))
    return found


def _spending(account_id: int, kind: SubjectKind, spent: Mapping[int, int]) -> dict[int, Spending]:
    found = {whose: Spending(millicredits) for whose, millicredits in spent.items()}
    for state in budgets.budgets_of(account_id):
        if state.subject.kind == kind and state.period == Period.MONTH:
            found[state.subject.id] = Spending(spent.get(state.subject.id, 0), state.limit_millicredits, state.is_warned)
    return found
