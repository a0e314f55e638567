"""The gallery: what a person or a team has made, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership
from playground.catalog import registry
from playground.jobs import queries
from playground.jobs.models import Job
from playground.web.access import member_required
from playground.web.catalogue import offer_of
from playground.web.context import shell_for
from playground.web.tiles import Tile, Total, day_totals, pulse_for, tiles_of, total

PAGE_SIZE = 40
PAGES_BY_THEMSELVES = 3
SCOPE_KEY = "gallery_scope"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Day:
    """`moment` is empty when the heading already stands above the fragment."""

    moment: datetime | None
    tiles: list[Tile]
    total: Total | None


@require_safe
@member_required
def gallery(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The page, or with `after` from htmx the next piece of its grid."""
    scope, mode = _scope(request), shell_for(request).mode
    user_id = membership.user_id if scope == "mine" else None
    after = parse_cursor(request.GET.get("after", ""))
    jobs = list(queries.gallery_page(membership.team_id, mode, user_id=user_id, after=after, limit=PAGE_SIZE + 1))
    shown = jobs[:PAGE_SIZE]
    is_piece = after is not None and request.headers.get("HX-Request") == "true"
    totals = day_totals(membership.team_id, mode, user_id, shown)
    context: dict[str, Any] = {
        "nav": "gallery",
        "scope": scope,
        "days": _days(shown, totals, after.created_at if after and is_piece else None),
        "more": _more(request, scope, shown) if len(jobs) > PAGE_SIZE else None,
    }
    if not is_piece:
        context["total"] = total(membership.team_id, mode, user_id)
        context["pulse"] = pulse_for(shown, scope)
        context["ideas"] = [] if shown else [offer_of(card) for card in registry.live_cards()[:3]]
    response = render(request, "gallery/_page.html" if is_piece else "gallery/gallery.html", context)
    patch_vary_headers(response, ["HX-Request"])
    patch_cache_control(response, no_store=True)
    return response


def _scope(request: HttpRequest) -> str:
    """The given one, else the one used last; a first visit shows the person's own."""
    scope = request.GET.get("scope", "")
    if scope in ("mine", "team"):
        if request.session.get(SCOPE_KEY) != scope:
            request.session[SCOPE_KEY] = scope
        return scope
    return "team" if request.session.get(SCOPE_KEY) == "team" else "mine"


def _days(jobs: Sequence[Job], totals: dict[date, Total], above: datetime | None) -> list[Day]:
    shown_above = timezone.localtime(above).date() if above else None
    days = []
    for day, members in groupby(jobs, key=lambda job: timezone.localtime(job.created_at).date()):
        of_day = list(members)
        moment = None if day == shown_above else of_day[0].created_at
        days.append(Day(moment, [tile for job in of_day for tile in tiles_of(job)], totals.get(day)))
    return [day for day in days if day.tiles]


def _more(request: HttpRequest, scope: str, shown: Sequence[Job]) -> dict[str, object]:
    """The link to the next page. It follows by itself a few times; then it waits, so that the page's end can be reached."""
    given = request.GET.get("n", "")
    number = int(given) if given.isdecimal() and len(given) < 5 else 1
    query = urlencode({"scope": scope, "after": format_cursor(shown[-1]), "n": number + 1})
    return {"url": f"{reverse('gallery')}?{query}", "by_itself": number <= PAGES_BY_THEMSELVES}


def format_cursor(job: Job) -> str:
    return f"{(job.created_at - _EPOCH) // timedelta(microseconds=1)}-{job.pk.hex}"


def parse_cursor(text: str) -> queries.Cursor | None:
    """None for what is not a cursor: a link that was cut off leads to the first page."""
    microseconds, _, job_id = text.partition("-")
    try:
        return queries.Cursor(_EPOCH + timedelta(microseconds=int(microseconds)), UUID(hex=job_id))
    except (ValueError, OverflowError):
        return None
