"""Every job of a team in a mode, newest first, under filters: pages and streams by keyset.

A page costs the same however many jobs there are. A filter has an index in the list's order, or the walk along that
order is bounded: then a page may hold fewer rows than asked for and still say where to go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from playground.jobs import search
from playground.jobs.models import DONE_STATES, FailReason, Job, State, Take

# How many numbers back one page looks where no index narrows the walk.
WALK = 20_000
MOST_COUNTED = 10_000
_CHUNK = 500
_ID_CHARACTERS = 8
_TAKES = Prefetch("takes", Take.objects.filter(deleted_at=None).select_related("video", "thumb").order_by("index"))

STATUSES: dict[str, tuple[State, ...]] = {
    "waiting": (State.QUEUED, State.SUBMITTING),
    "running": (State.RUNNING, State.SAVING, State.IN_DOUBT),
    "done": DONE_STATES,
    "failed": (State.FAIL, State.RECOVERING),
    "cancelled": (State.FAIL,),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What is wanted; everything that is left out does not matter. `status` is a key of STATUSES, `text` words or a task's id."""

    status: str = ""
    gateway: str = ""
    model_id: str = ""
    user_id: int | None = None
    key_id: int | None = None
    source: str = ""
    since: datetime | None = None
    text: str = ""

    @property
    def is_narrowed_by_index(self) -> bool:
        """One filter at most, and that one indexed in the list's order."""
        if self.model_id or self.key_id is not None or self.source or self.status in ("failed", "cancelled"):
            return False
        return not (self.status and self.user_id is not None)


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is where the next page begins, None at the end."""

    jobs: list[Job]
    after: int | None


def page(team_id: int, mode: str, wanted: Filter, *, after: int | None = None, limit: int = 50) -> Page:
    """With takes, people and keys; `after` is the number of the last job already shown. A number that is not there ends the list."""
    jobs = Job.objects.filter(team_id=team_id, mode=mode)
    last = jobs.filter(number=after).values_list("created_at", "pk").first() if after is not None else None
    if after is not None and last is None:
        return Page([], None)
    floor = None if wanted.is_narrowed_by_index else _floor(jobs, after)
    if wanted.text:
        found = _searched(jobs, team_id, mode, wanted, after=after, floor=floor, limit=limit + 1)
    else:
        found = _walked(jobs, wanted, last=last, floor=floor, limit=limit + 1)
    if len(found) > limit:
        return Page(found[:limit], found[limit - 1].number)
    return Page(found, floor[0] if floor else None)


def _floor(jobs: QuerySet[Job], after: int | None) -> tuple[int, datetime] | None:
    """Number and time of the job before which this page does not look; None where there is nothing before."""
    newest = after if after is not None else jobs.order_by("-number").values_list("number", flat=True).first()
    if newest is None or newest <= WALK:
        return None
    row = jobs.filter(number__lte=newest - WALK).order_by("-number").values_list("number", "created_at").first()
    return (row[0], row[1]) if row else None


def _walked(
    jobs: QuerySet[Job], wanted: Filter, *, last: tuple[datetime, object] | None, floor: tuple[int, datetime] | None, limit: int
) -> list[Job]:
    jobs = _narrowed(jobs, wanted)
    if last is not None:
        # The first condition is for the index, which an OR alone would not be searched by.
        jobs = jobs.filter(created_at__lte=last[0]).filter(Q(created_at__lt=last[0]) | Q(pk__lt=last[1]))
    if floor is not None:
        jobs = jobs.filter(created_at__gte=floor[1])
    # One look per state: of several at once, all would have to be sorted before the first could be shown.
    looks: Iterable[QuerySet[Job]] = [jobs]
    if wanted.status:
        looks = [jobs.filter(state=state) for state in STATUSES[wanted.status]]
    elif wanted.user_id is not None or wanted.model_id:
        looks = [jobs.filter(is_listed=is_listed) for is_listed in (True, False)]
    found = [job for look in looks for job in _dressed(look).order_by("-created_at", "-id")[:limit]]
    return sorted(found, key=lambda job: (job.created_at, job.pk), reverse=True)[:limit]


def _searched(
    jobs: QuerySet[Job], team_id: int, mode: str, wanted: Filter, *, after: int | None, floor: tuple[int, datetime] | None, limit: int
) -> list[Job]:
    marks = [[search.mark_of("member", wanted.user_id)]] if wanted.user_id is not None else []
    marks += [[search.mark_of("model", f"{wanted.gateway} {wanted.model_id}")]] if wanted.model_id else []
    found = search.matching(_narrowed(jobs, wanted), team_id, mode, _words(wanted.text), any_of=marks)
    if wanted.status:
        found = found.filter(state__in=STATUSES[wanted.status])
    if after is not None:
        found = search.before(found, team_id, mode, after)
    if floor is not None:
        found = found.filter(number__gte=floor[0])
    return list(_dressed(found)[:limit])


def _words(text: str) -> str:
    """A task's id, or the beginning of one, is one word however it is written."""
    bare = text.strip().replace("-", "").casefold()
    is_id = len(bare) >= _ID_CHARACTERS and all(letter in "0123456789abcdef" for letter in bare)
    return bare if is_id else text


def _narrowed(jobs: QuerySet[Job], wanted: Filter) -> QuerySet[Job]:
    if wanted.gateway:
        jobs = jobs.filter(gateway=wanted.gateway)
    if wanted.model_id:
        jobs = jobs.filter(model_id=wanted.model_id)
    if wanted.user_id is not None:
        jobs = jobs.filter(created_by_id=wanted.user_id)
    if wanted.key_id is not None:
        jobs = jobs.filter(api_key_id=wanted.key_id)
    if wanted.source:
        jobs = jobs.filter(source=wanted.source)
    if wanted.since is not None:
        jobs = jobs.filter(created_at__gte=wanted.since)
    if wanted.status == "cancelled":
        jobs = jobs.filter(fail_reason=FailReason.CANCELLED)
    elif wanted.status == "failed":
        jobs = jobs.exclude(fail_reason=FailReason.CANCELLED)
    return jobs


def _dressed(jobs: QuerySet[Job]) -> QuerySet[Job]:
    # Not joined: a filter by somebody who has gone would turn the join into an inner one and find nothing.
    return jobs.prefetch_related(_TAKES, "created_by", "api_key")


def stream(team_id: int, mode: str, wanted: Filter) -> Iterator[Job]:
    """All of them, newest first, in pieces: the same memory for a thousand and for a million."""
    piece = page(team_id, mode, wanted, limit=_CHUNK)
    yield from piece.jobs
    while piece.after is not None:
        piece = page(team_id, mode, wanted, after=piece.after, limit=_CHUNK)
        yield from piece.jobs


def count_since(team_id: int, mode: str, since: datetime) -> int:
    """Counted up to a little more than MOST_COUNTED: nobody reads more."""
    newest = Job.objects.filter(team_id=team_id, mode=mode, created_at__gte=since).order_by("-created_at", "-id")
    return newest[: MOST_COUNTED + 1].count()


def models_used(team_id: int, mode: str, *, among: int = 1000) -> set[tuple[str, str]]:
    """The models of the newest jobs, by (gateway, model id)."""
    newest = Job.objects.filter(team_id=team_id, mode=mode).order_by("-created_at", "-id")
    return set(newest.values_list("gateway", "model_id")[:among])
