"""How many takes a filter shows and what they cost: from the days' roll-up where it can say, else counted up to a thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db.models import Case, Count, DateField, F, QuerySet, Sum, When
from django.utils import timezone

from playground.credits import periods
from playground.gallery import queries
from playground.gallery.filters import Filters
from playground.jobs.models import TakeDay

MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Total:
    """`is_more`: there are at least so many, and what they cost is not known."""

    takes: int = 0
    charged_millicredits: int = 0
    is_more: bool = False

    def __add__(self, other: Total) -> Total:
        return Total(self.takes + other.takes, self.charged_millicredits + other.charged_millicredits, self.is_more or other.is_more)


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the whole filter, and of single days by the viewer's calendar; a day beyond what was counted is missing.

    `models` are the gateways and ids that there is to choose from.
    """

    whole: Total
    days: Mapping[date, Total]
    models: Sequence[tuple[str, str]]


def totals_of(found: Sequence[queries.Found], models: Sequence[tuple[str, str]]) -> Totals:
    """Of a search that looked for one job more than is counted."""
    return _summed([(job.created_at, job.charged_millicredits or 0, job.takes) for job in found], models)


def totals(team_id: int, mode: str, filters: Filters, days: Iterable[date] = ()) -> Totals:
    if not filters.is_rolled_up:
        return replace(_counted(team_id, mode, filters), models=models_with_takes(team_id, mode))
    shown = list(days)
    edges = [_start(day + timedelta(days=more)) for day in shown for more in (0, 1)]
    bounds = [moment for moment in (filters.since, filters.until) if moment]
    if all(_begins_a_day(moment) for moment in (*edges, *bounds)):
        return _rolled_up(team_id, mode, filters, shown)
    # The viewer's days are not the roll-up's: only the sum of all of them is the same.
    counted, rolled_up = _counted(team_id, mode, filters), _rolled_up(team_id, mode, filters, [])
    return Totals(counted.whole if bounds else rolled_up.whole, counted.days, rolled_up.models)


def models_with_takes(team_id: int, mode: str) -> list[tuple[str, str]]:
    """Gateways and ids of the models that a team has takes of."""
    used = TakeDay.objects.filter(team_id=team_id, mode=mode, takes__gt=0)
    return list(used.values_list("gateway", "model_id").distinct().order_by("model_id", "gateway"))


def _begins_a_day(moment: datetime) -> bool:
    return moment.astimezone(periods.zone()).time() == time.min


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def _rows(team_id: int, mode: str, filters: Filters) -> QuerySet[TakeDay]:
    rows = TakeDay.objects.filter(team_id=team_id, mode=mode)
    if filters.since:
        rows = rows.filter(day__gte=periods.day_of(filters.since))
    if filters.until:
        rows = rows.filter(day__lt=periods.day_of(filters.until))
    return rows.filter(user_id__in=filters.creators) if filters.creators else rows


def _rolled_up(team_id: int, mode: str, filters: Filters, days: Sequence[date]) -> Totals:
    """In one query: sums by model, and apart for each day that is shown."""
    shown = Case(When(day__in=days, then=F("day")), default=None, output_field=DateField())
    rows = _rows(team_id, mode, filters).annotate(shown=shown).values("gateway", "model_id", "shown")
    summed = rows.annotate(sum=Sum("takes"), charged=Sum("charged_millicredits")).order_by()
    whole, by_day, models = Total(), defaultdict[date, Total](Total), dict[tuple[str, str], int]()
    for row in summed:
        model, total = (row["gateway"], row["model_id"]), Total(row["sum"], row["charged"])
        models[model] = models.get(model, 0) + total.takes
        if filters.models and model not in filters.models:
            continue
        whole += total
        if row["shown"]:
            by_day[row["shown"]] += total
    return Totals(whole, by_day, [model for model, takes in models.items() if takes])


def _counted(team_id: int, mode: str, filters: Filters) -> Totals:
    ids = queries.page_ids(team_id, mode, filters, limit=MOST_COUNTED + 1)
    chosen = queries.chosen_takes(team_id, mode, filters, ids)
    grouped = chosen.order_by().values_list("job_id", "job__created_at", "job__charged_millicredits").annotate(takes=Count("pk"))
    jobs = {job_id: (created_at, charge or 0, takes) for job_id, created_at, charge, takes in grouped}
    return _summed([jobs[job_id] for job_id in ids if job_id in jobs], [])


def _summed(jobs: Sequence[tuple[datetime, int, int]], models: Sequence[tuple[str, str]]) -> Totals:
    """Of the newest thousand; the day in which the count stops has at least so many."""
    days = defaultdict[date, Total](Total)
    for created_at, charge, takes in jobs[:MOST_COUNTED]:
        days[timezone.localtime(created_at).date()] += Total(takes, charge)
    if len(jobs) <= MOST_COUNTED:
        return Totals(sum(days.values(), Total()), days, models)
    oldest = min(days, default=None)
    counted = {day: replace(total, is_more=day == oldest) for day, total in days.items()}
    return Totals(Total(MOST_COUNTED, is_more=True), counted, models)
