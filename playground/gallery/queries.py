"""The gallery's pages: jobs under way or with a living take, newest first, narrowed by `Filters`. Reads only.

A page costs the same however many takes there are. What is narrowed by one value walks that value's index; several values
of one group are walked side by side and merged, for an `IN` would make the database sort everything. The other groups are
checked row by row, hidden from the planner, which else leaves the index that has the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from playground.gallery.filters import Cursor, Filters, NumberCursor, any_of, groups_of
from playground.gallery.models import CollectionItem, Favourite
from playground.jobs import search
from playground.jobs.models import Job, Take
from playground.jobs.plans import named_jobs, unplanned

Position = Cursor | NumberCursor | None


@dataclass(frozen=True, slots=True)
class Page:
    """`jobs` hold as `takes` those that the filter chose, each with `is_favourite`."""

    jobs: Sequence[Job]
    next: Position


class Found(NamedTuple):
    """A job that a search found, with what a total needs of it."""

    job_id: UUID
    created_at: datetime
    charged_millicredits: int | None
    takes: int


def gallery_page(
    team_id: int,
    mode: str,
    filters: Filters | None = None,
    *,
    viewer_id: int = 0,
    after: Position = None,
    limit: int = 40,
    found: Sequence[Found] | None = None,
) -> Page:
    """One page behind `after`. `viewer_id` is whose favourites are marked; `found` is what a search for it has found already."""
    filters = filters or Filters()
    if found is None:
        jobs = _jobs_of_page(team_id, mode, filters, viewer_id, after, limit + 1)
    else:
        jobs = _in_order([job.job_id for job in found[: limit + 1]], team_id, mode, filters, viewer_id)
    shown = jobs[:limit]
    if len(jobs) <= limit:
        return Page(shown, None)
    return Page(shown, NumberCursor(shown[-1].number) if filters.text else Cursor.at(shown[-1]))


def _jobs_of_page(team_id: int, mode: str, filters: Filters, viewer_id: int, after: Position, limit: int) -> list[Job]:
    """Most pages are one walk, which brings the rows themselves; else the ids come first."""
    is_walk = not (filters.text or filters.is_of_takes)
    walks = _walks(team_id, mode, filters, after if isinstance(after, Cursor) else None) if is_walk else []
    if len(walks) == 1:
        return list(_with_takes(walks[0], filters, viewer_id)[:limit])
    return _in_order(page_ids(team_id, mode, filters, after=after, limit=limit), team_id, mode, filters, viewer_id)


def _in_order(ids: Sequence[UUID], team_id: int, mode: str, filters: Filters, viewer_id: int) -> list[Job]:
    rows = _with_takes(named_jobs(team_id, ids, mode=mode), filters, viewer_id)
    jobs = {job.pk: job for job in rows}
    return [jobs[job_id] for job_id in ids if job_id in jobs]


def page_ids(team_id: int, mode: str, filters: Filters, *, after: Position = None, limit: int) -> list[UUID]:
    """The jobs of a page. A position of the wrong kind is as good as none."""
    if filters.text:
        if isinstance(after, NumberCursor):
            # Words that are missing are those of newer jobs.
            found = search.before(_searched(team_id, mode, filters), team_id, mode, after.number)
            return list(found.values_list("pk", flat=True)[:limit])
        return [job.job_id for job in found_jobs(team_id, mode, filters, limit=limit)]
    position = after if isinstance(after, Cursor) else None
    if filters.is_of_takes:
        return _marked(team_id, mode, filters, position, limit)
    return _merged(_walks(team_id, mode, filters, position), limit)


def narrowed(jobs: QuerySet[Job], team_id: int, mode: str, filters: Filters) -> QuerySet[Job]:
    """The same choice for whoever orders it another way: what stands beside a take."""
    jobs = unplanned(jobs.filter(_moments(filters, None)), [any_of(group) for group in groups_of(filters)])
    if filters.is_of_takes:
        jobs = jobs.filter(Exists(narrowed_takes(Take.objects.filter(job=OuterRef("pk"), deleted_at=None), filters)))
    if filters.text:
        jobs = search.matching(jobs, team_id, mode, filters.text)
        jobs.query.extra_order_by = ()
    return jobs


def narrowed_takes(takes: QuerySet[Take], filters: Filters) -> QuerySet[Take]:
    """Single takes: those that are marked, where marks are asked for."""
    return takes.filter(*_marks_of_a_take(filters))


def chosen_takes(team_id: int, mode: str, filters: Filters, job_ids: Iterable[UUID]) -> QuerySet[Take]:
    """The living takes of these jobs that the filter lets through."""
    takes = Take.objects.filter(job_id__in=list(job_ids), deleted_at=None)
    return narrowed_takes(unplanned(takes, [Q(job__team_id=team_id, job__mode=mode)]), filters)


def _with_takes(jobs: QuerySet[Job], filters: Filters, viewer_id: int) -> QuerySet[Job]:
    takes = Take.objects.filter(*_marks_of_a_take(filters), deleted_at=None).select_related("video", "poster", "thumb", "preview")
    marked = takes.annotate(is_favourite=Exists(Favourite.objects.filter(take=OuterRef("pk"), user_id=viewer_id)))
    return jobs.select_related("created_by", "api_key").prefetch_related(Prefetch("takes", marked.order_by("index")))


def _marks_of_a_take(filters: Filters) -> list[Exists]:
    marks = []
    if filters.favourites_of is not None:
        marks.append(Exists(Favourite.objects.filter(take=OuterRef("pk"), user_id=filters.favourites_of)))
    if filters.collection_id is not None:
        marks.append(Exists(CollectionItem.objects.filter(take=OuterRef("pk"), collection_id=filters.collection_id)))
    return marks


def _walks(team_id: int, mode: str, filters: Filters, after: Cursor | None) -> list[QuerySet[Job]]:
    """Ordered lists without a job in common, one for each value of the shortest group."""
    groups = groups_of(filters)
    # Compared, and not named alone, which SQLite would not look up in an index.
    jobs = Job.objects.filter(_moments(filters, after), team_id=team_id, mode=mode, is_listed=Value(True))
    jobs = unplanned(jobs, [any_of(group) for group in groups[1:]])
    parts = [jobs.filter(one) for one in groups[0]] if groups else [jobs]
    return [part.order_by("-created_at", "-id") for part in parts]


def _moments(filters: Filters, after: Cursor | None, *, at: str = "created_at", pk: str = "id") -> Q:
    """The stretch of the index. A comparison that always holds stands beside the tie, which alone would start no walk."""
    found = Q()
    if filters.since:
        found &= Q(**{f"{at}__gte": filters.since})
    if filters.until:
        found &= Q(**{f"{at}__lt": filters.until})
    if after:
        found &= Q(**{f"{at}__lte": after.created_at})
        found &= Q(**{f"{at}__lt": after.created_at}) | Q(**{at: after.created_at, f"{pk}__lt": after.job_id})
    return found


def _merged(parts: Sequence[QuerySet[Job]], limit: int) -> list[UUID]:
    """The first of several ordered lists; each is read only as far as the page could need it."""
    if len(parts) == 1:
        return list(parts[0].values_list("pk", flat=True)[:limit])
    compiled = [part.values_list("created_at", "pk")[:limit].query.sql_with_params() for part in parts]
    tables = [f"({sql}) AS part_{number}" for number, (sql, _) in enumerate(compiled)]
    union = "SELECT * FROM " + " UNION ALL SELECT * FROM ".join(tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{union} ORDER BY 1 DESC, 2 DESC LIMIT %s", [*(value for _, params in compiled for value in params), limit])
        return [UUID(str(job_id)) for _, job_id in cursor.fetchall()]


def _marked(team_id: int, mode: str, filters: Filters, after: Cursor | None, limit: int) -> list[UUID]:
    """Along the favourites' or the collection's own index: there may be few of them among very many takes."""
    moments = _moments(filters, after, at="job_created_at", pk="take__job_id")
    rows: QuerySet[Any]
    if filters.collection_id is not None:
        rows = CollectionItem.objects.filter(
            moments, collection_id=filters.collection_id, collection__team_id=team_id, collection__mode=mode
        )
        if filters.favourites_of is not None:
            rows = rows.filter(Exists(Favourite.objects.filter(take=OuterRef("take_id"), user_id=filters.favourites_of)))
    else:
        rows = Favourite.objects.filter(moments, user_id=filters.favourites_of or 0, team_id=team_id, mode=mode)
    conditions = [_of_the_job(any_of(group)) for group in groups_of(filters)]
    rows = unplanned(rows.filter(take__deleted_at=None), conditions).order_by("-job_created_at", "-take__job_id")
    return [job_id for job_id, _ in rows.values_list("take__job_id", "job_created_at").distinct()[:limit]]


def _of_the_job(condition: Q) -> Q:
    """The same condition, asked from a mark's row."""
    children: list[Any] = []
    for child in cast("list[Any]", condition.children):
        children.append(_of_the_job(child) if isinstance(child, Q) else (f"take__job__{child[0]}", child[1]))
    return Q(*children, _connector=condition.connector, _negated=condition.negated)


def found_jobs(team_id: int, mode: str, filters: Filters, *, limit: int) -> list[Found]:
    """The newest that a search finds, with their takes counted: page and total in one walk."""
    if not search.has_words(filters.text):
        return []
    takes = narrowed_takes(Take.objects.filter(job=OuterRef("pk"), deleted_at=None), filters).order_by().values("job_id")
    counted = Coalesce(Subquery(takes.annotate(count=Count("pk")).values("count")), 0)
    rows = _searched(team_id, mode, filters).annotate(living_takes=counted, is_behind=search.is_behind(team_id, mode))
    asked = rows.values_list("pk", "created_at", "charged_millicredits", "living_takes", "is_behind")[:limit]
    found: list[tuple[Any, ...]] = list(asked)
    # Seldom are words missing. What was found says so itself; where nothing was, it has to be asked.
    if (not found or found[0][-1]) and search.try_to_catch_up(team_id, mode):
        found = list(asked.all())
    return [Found(*row) for *row, _ in found]


def _searched(team_id: int, mode: str, filters: Filters) -> QuerySet[Job]:
    """Along the words' index; members and models are words there, the rest is checked job by job. Words may be missing."""
    members = [search.mark_of("member", user_id) for user_id in filters.creators]
    models = [search.mark_of("model", f"{gateway} {model_id}") for gateway, model_id in filters.models]
    conditions = [Q(is_listed=True), _moments(filters, None), *(any_of(group) for group in groups_of(filters))]
    jobs = unplanned(Job.objects.all(), [condition for condition in conditions if condition])
    if filters.is_of_takes:
        jobs = jobs.filter(Exists(Take.objects.filter(*_marks_of_a_take(filters), job=OuterRef("pk"), deleted_at=None)))
    return search.matching_known(jobs, team_id, mode, filters.text, any_of=[members, models])
