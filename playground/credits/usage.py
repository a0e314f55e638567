"""What a team spent: by day, by model, by member, by key. Reads the daily roll-up, never the entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import Sum

from playground.credits import periods
from playground.credits.models import DailyUse, Period

Group = Literal["model", "member", "key"]
_COLUMNS: dict[Group, tuple[str, ...]] = {"model": ("gateway", "model_id"), "member": ("user_id",), "key": ("key_id",)}


@dataclass(frozen=True, slots=True)
class UseRow:
    """One day of one model, member or key; what it was not grouped by is empty. None: nobody, or no key (the page)."""

    day: date
    charged_millicredits: int
    charges: int
    gateway: str = ""
    model_id: str = ""
    user_id: int | None = None
    key_id: int | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """Sums since the first of the month; `returned` is what failed jobs were given back."""

    first: date
    spent_millicredits: int
    charges: int
    returned_millicredits: int
    returns: int


def by_day(account_id: int, group: Group, first: date, last: date) -> list[UseRow]:
    """What was charged from `first` to `last` (both included), in order of the day, the dearest of a day first. One query."""
    columns = _COLUMNS[group]
    found = _between(account_id, first, last).filter(charges__gt=0).values("day", *columns)
    sums = found.annotate(charged=Sum("charged_millicredits"), count=Sum("charges")).order_by("day", "-charged", *columns)
    return [
        UseRow(
            row["day"], row["charged"], row["count"],
            gateway=row.get("gateway", ""), model_id=row.get("model_id", ""),
            user_id=row.get("user_id") or None, key_id=row.get("key_id") or None,
        )
        for row in sums
    ]  # fmt: skip


def this_month(account_id: int) -> Month:
    """One query, however many entries there are."""
    first = periods.start_of(Period.MONTH, periods.today())
    sums = DailyUse.objects.filter(account_id=account_id, day__gte=first).aggregate(
        spent=Sum("charged_millicredits"), charged=Sum("charges"), back=Sum("returned_millicredits"), returned=Sum("returns")
    )
    return Month(first, sums["spent"] or 0, sums["charged"] or 0, sums["back"] or 0, sums["returned"] or 0)


def spent_by_member(account_id: int, first: date, last: date) -> dict[int, int]:
    """Millicredits by the id of whoever spent them, by page or by key; 0 for nobody (any more)."""
    return _sums(account_id, "user_id", first, last)


def spent_by_key(account_id: int, first: date, last: date) -> dict[int, int]:
    """Millicredits by the id of the key; 0 for what was run in the page."""
    return _sums(account_id, "key_id", first, last)


def _sums(account_id: int, column: str, first: date, last: date) -> dict[int, int]:
    sums = _between(account_id, first, last).filter(charges__gt=0).values_list(column).annotate(Sum("charged_millicredits"))
    return dict(sums.order_by(column))


def _between(account_id: int, first: date, last: date) -> Any:
    return DailyUse.objects.filter(account_id=account_id, day__gte=first, day__lte=last)
