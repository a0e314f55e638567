"""What the entries come to: the sums from which roll-ups and budgets are proved and rebuilt. Reads only."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Sum

from playground.core import clock
from playground.credits import periods
from playground.credits.models import Budget, Entry, EntryKind, Period, SubjectKind


def expected_use(budget: Budget) -> int:
    """What a budget should have counted in the present period."""
    return used_in_period(budget.account_id, budget.subject, budget.subject_id, budget.period)


def used_in_period(account_id: int, subject: str, subject_id: int, period: str) -> int:
    """What the present period's holds of a subject come to, less what came back of them."""
    mine = Entry.objects.filter(account_id=account_id)
    if subject == SubjectKind.MEMBER:
        mine = mine.filter(by_user_id=subject_id)
    elif subject == SubjectKind.KEY:
        mine = mine.filter(by_key_id=subject_id)
    holds, settled = mine.filter(kind=EntryKind.HOLD), mine.filter(kind__in=[EntryKind.CAPTURE, EntryKind.RELEASE])
    if period != Period.TOTAL:
        begins = periods.began(period, clock.now())
        holds = holds.filter(created_at__gte=begins)
        # A settlement is later than its hold; the moment narrows the search to an index.
        settled = settled.filter(created_at__gte=begins, job_id__in=holds.values("job_id"))
    held: int = holds.aggregate(sum=Sum("held_delta_millicredits"))["sum"] or 0
    back: int = settled.aggregate(sum=Sum("available_delta_millicredits"))["sum"] or 0
    return held - back


def balance(account_id: int) -> tuple[int, int]:
    """What is available and what is held, by the entries."""
    found = Entry.objects.filter(account_id=account_id).aggregate(
        available=Sum("available_delta_millicredits"), held=Sum("held_delta_millicredits")
    )
    return found["available"] or 0, found["held"] or 0


_SETTLED = """
SELECT account_id, {day} AS day, COALESCE(by_user_id, 0) AS user_id, COALESCE(by_key_id, 0) AS key_id, gateway, model_id,
    CASE WHEN kind = 'capture' THEN -held_delta_millicredits - available_delta_millicredits ELSE 0 END AS charged,
    CASE WHEN kind = 'capture' THEN 1 ELSE 0 END AS charges,
    CASE WHEN kind = 'release' THEN available_delta_millicredits ELSE 0 END AS returned,
    CASE WHEN kind = 'release' THEN 1 ELSE 0 END AS returns
FROM credits_entry WHERE kind IN ('capture', 'release')
"""
_DIFFERENT = """
SELECT account_id, day, user_id, key_id, gateway, model_id, SUM(charged), SUM(charges), SUM(returned), SUM(returns)
FROM (
    {settled}
    UNION ALL
    SELECT account_id, day, user_id, key_id, gateway, model_id, -charged_millicredits, -charges, -returned_millicredits, -returns
    FROM credits_dailyuse {mine}
) AS both_of_them
GROUP BY account_id, day, user_id, key_id, gateway, model_id
HAVING SUM(charged) <> 0 OR SUM(charges) <> 0 OR SUM(returned) <> 0 OR SUM(returns) <> 0
"""
_REBUILD = """
INSERT INTO credits_dailyuse
    (account_id, day, user_id, key_id, gateway, model_id, charged_millicredits, charges, returned_millicredits, returns)
SELECT account_id, day, user_id, key_id, gateway, model_id, SUM(charged), SUM(charges), SUM(returned), SUM(returns)
FROM ({settled} AND account_id = %s) AS settled
GROUP BY account_id, day, user_id, key_id, gateway, model_id
"""


def daily_differences(account_id: int | None = None) -> tuple[str, list[Any]]:
    """The rows of the roll-up that the entries contradict, as one statement: it sees one moment, whoever writes meanwhile."""
    settled, params = _settled()
    if account_id is None:
        return _DIFFERENT.format(settled=settled, mine=""), params
    return _DIFFERENT.format(settled=f"{settled} AND account_id = %s", mine="WHERE account_id = %s"), [*params, account_id, account_id]


def daily_rebuild(account_id: int) -> tuple[str, list[Any]]:
    """The statement that writes an account's roll-up anew."""
    settled, params = _settled()
    return _REBUILD.format(settled=settled), [*params, account_id]


def _settled() -> tuple[str, list[Any]]:
    # The database's own idea of a day in a zone, as the ORM would ask for it.
    day, params = connection.ops.datetime_cast_date_sql("created_at", (), str(periods.zone()))
    return _SETTLED.format(day=day), list(params)
