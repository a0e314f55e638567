"""The gallery's page and its pieces: tiles under their days, the line of totals, the link to the next page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission, allows
from playground.catalog import registry
from playground.gallery import collections, queries
from playground.gallery.filters import Cursor, NumberCursor
from playground.gallery.models import Collection
from playground.gallery.totals import MOST_COUNTED, Total, Totals, models_with_takes, totals, totals_of
from playground.jobs.models import Job
from playground.jobs.queries import job_by_number
from playground.web.catalogue import offer_of
from playground.web.galleryfilters import SCOPES, Choices, Wanted, uuid_of
from playground.web.tiles import Tile, pulse_for, tiles_of

PAGE_SIZE = 24
PAGES_BY_THEMSELVES = 3
SCOPE_KEY = "gallery_scope"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Day:
    """`is_headed` is false when the heading already stands above the fragment."""

    date: date
    moment: datetime
    is_headed: bool
    tiles: list[Tile]
    total: Total | None


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """One look at the gallery by one member."""

    membership: Membership
    mode: str
    choices: Choices
    wanted: Wanted
    collection: Collection | None

    @classmethod
    def of(cls, membership: Membership, mode: str, given: QueryDict, scope: str) -> GalleryPage:
        """A collection that the team does not have is as good as none."""
        choices = Choices(membership, mode)
        asked = uuid_of(given.get("collection", ""))
        collection = collections.collection_of(membership.team_id, mode, asked) if asked else None
        if asked and collection is None:
            given = given.copy()
            del given["collection"]
        return cls(membership, mode, choices, choices.wanted_of(given, scope), collection)

    @property
    def is_list_of_collections(self) -> bool:
        return self.wanted.scope == "collections" and self.collection is None

    def grid(self, after: str = "", number: int = 1, *, is_piece: bool = False) -> dict[str, Any]:
        """A piece of the grid; the line of totals and the heartbeat come with the first."""
        team_id, filters = self.membership.team_id, self.wanted.filters(self.membership.user_id)
        position = parse_cursor(after)
        # A first page of a search finds what its total counts, too.
        found = queries.found_jobs(team_id, self.mode, filters, limit=MOST_COUNTED + 1) if filters.text and not position else None
        page = queries.gallery_page(
            team_id, self.mode, filters, viewer_id=self.membership.user_id, after=position, limit=PAGE_SIZE, found=found
        )
        if found is None:
            days = {timezone.localtime(job.created_at).date() for job in page.jobs}
            counted = totals(team_id, self.mode, filters, sorted(days))
        else:
            counted = totals_of(found, models_with_takes(team_id, self.mode))
        above = self._moment_of(position) if is_piece else None
        more = {"url": self._more(page.next, number), "by_itself": number <= PAGES_BY_THEMSELVES} if page.next else None
        context = self.frame | {"days": _days(page.jobs, counted, above), "more": more, "models": counted.models, "is_piece": is_piece}
        return context if is_piece else context | {"total": counted.whole, "pulse": pulse_for(list(page.jobs), self.wanted.scope)}

    def _moment_of(self, position: queries.Position) -> datetime | None:
        """When the last job above a piece was made: its day's heading stands already."""
        if isinstance(position, NumberCursor):
            job = job_by_number(self.membership.team_id, self.mode, position.number)
            return job.created_at if job else None
        return position.created_at if position else None

    def _more(self, position: Cursor | NumberCursor, number: int) -> str:
        return f"{self.wanted.url}&after={format_cursor(position)}&n={number + 1}"

    @property
    def frame(self) -> dict[str, Any]:
        """What every fragment needs to know about the page that it is of."""
        role = self.membership.role
        return {
            "scope": self.wanted.scope,
            "wanted": self.wanted,
            "collection": self.collection,
            "can_run": allows(role, Permission.RUN),
        }

    def around(self, models: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Tabs, filters and the bar for what is selected. `models` are those that there is to choose from."""
        has_bar = allows(self.membership.role, Permission.RUN)
        return self.frame | {
            "nav": "gallery",
            "scopes": SCOPES,
            "chips": self.choices.chips(self.wanted, models),
            "collections": collections.collections_of(self.membership.team_id, self.mode) if has_bar else [],
        }

    def days_of(self, jobs: Sequence[Job]) -> Totals:
        """The totals again, after some takes of these jobs went."""
        days = {timezone.localtime(job.created_at).date() for job in jobs}
        return totals(self.membership.team_id, self.mode, self.wanted.filters(self.membership.user_id), sorted(days))


def ideas() -> list[Any]:
    return [offer_of(card) for card in registry.live_cards()[:3]]


def scope_of(request: HttpRequest) -> str:
    """The given one, else the one used last; a first visit shows the person's own."""
    scope = request.GET.get("scope", "")
    if scope in SCOPES:
        if request.session.get(SCOPE_KEY) != scope:
            request.session[SCOPE_KEY] = scope
        return scope
    kept = request.session.get(SCOPE_KEY)
    return kept if kept in SCOPES else "mine"


def shown_query(request: HttpRequest) -> QueryDict:
    """What the page that a form stands on shows: htmx says its address, a form without script its hidden field."""
    text = urlsplit(request.headers.get("HX-Current-URL", "")).query or request.POST.get("_back", "")
    return QueryDict(text[:4000].lstrip("?"))


def shown_scope(request: HttpRequest, shown: QueryDict) -> str:
    scope = shown.get("scope", "")
    return scope if scope in SCOPES else request.session.get(SCOPE_KEY, "mine")


def _days(jobs: Sequence[Job], counted: Totals, above: datetime | None) -> list[Day]:
    shown_above = timezone.localtime(above).date() if above else None
    days = []
    for day, members in groupby(jobs, key=lambda job: timezone.localtime(job.created_at).date()):
        of_day = list(members)
        tiles = [tile for job in of_day for tile in tiles_of(job)]
        days.append(Day(day, of_day[0].created_at, day != shown_above, tiles, counted.days.get(day)))
    return [day for day in days if day.tiles]


def format_cursor(position: Cursor | NumberCursor) -> str:
    if isinstance(position, NumberCursor):
        return str(position.number)
    return f"{(position.created_at - _EPOCH) // timedelta(microseconds=1)}-{position.job_id.hex}"


def parse_cursor(text: str) -> queries.Position:
    """None for what is not a cursor: a link that was cut off leads to the first page."""
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return NumberCursor(int(text))
    microseconds, _, job_id = text.partition("-")
    found = uuid_of(job_id)
    try:
        return Cursor(_EPOCH + timedelta(microseconds=int(microseconds)), found) if found and len(microseconds) < 20 else None
    except (ValueError, OverflowError):
        return None
