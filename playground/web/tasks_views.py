"""Every task of the team: what is under way, what has ended and how, and what can be done about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership, Mode
from playground.core import clock
from playground.jobs import tasklist
from playground.web import csvexport, tasks_page
from playground.web.access import member_required
from playground.web.announce import say
from playground.web.context import shell_for
from playground.web.htmx import fresh, is_htmx
from playground.web.job_views import job_or_404
from playground.web.ledgerfilters import number_of
from playground.web.pulses import Ask, pulse_for
from playground.web.taskfilters import Wanted, selects_for, wanted_of

PAGE_SIZE = 50
COUNTED_DAYS = 30


@require_safe
@member_required
def tasks(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The page; for htmx the table under other filters, or with `after` its next rows."""
    mode, wanted = shell_for(request).mode, wanted_of(request.GET)
    after = number_of(request.GET.get("after", ""))
    page = tasklist.page(membership.team_id, mode, wanted.jobs, after=after, limit=PAGE_SIZE)
    context = _rows(page, wanted, is_first=after is None)
    if is_htmx(request) and after is not None:
        return fresh(request, "tasks/_rows.html", context)
    context |= {"pulse": _pulse(membership, mode, page, wanted), "selects": selects_for(membership.team_id, mode, wanted)}
    if is_htmx(request):
        response = fresh(request, "tasks/_refiltered.html", context)
        response["HX-Push-Url"] = f"{reverse('tasks')}?{wanted.query}".rstrip("?")
        return say(response, f"{len(page.jobs)}{' or more' if page.after else ''} tasks")
    counted = tasklist.count_since(membership.team_id, mode, clock.now() - timedelta(days=COUNTED_DAYS))
    context |= {"nav": "tasks", "counted": counted, "is_capped": counted > tasklist.MOST_COUNTED, "most": tasklist.MOST_COUNTED}
    return fresh(request, "tasks/tasks.html", context)


def _rows(page: tasklist.Page, wanted: Wanted, *, is_first: bool) -> dict[str, Any]:
    following = f"after={page.after}" if page.after is not None else ""
    return {
        "wanted": wanted,
        "rows": tasks_page.rows_of(page.jobs),
        "older": f"?{wanted.query}&{following}".replace("?&", "?") if following else "",
        "is_first_page": is_first,
    }


def _pulse(membership: Membership, mode: Mode, page: tasklist.Page, wanted: Wanted) -> Any:
    """Of the rows that are shown; on an unfiltered page also of what begins elsewhere."""
    surfaces = ("rows", "newrows") if wanted.takes_new_rows else ("rows",)
    ask = Ask({}, surfaces, None, None, mode, "team", 0)
    return pulse_for(ask, page.jobs)


@require_safe
@member_required
def tasks_csv(request: HttpRequest, membership: Membership) -> HttpResponseBase:
    """Every task that the filters let through, written while it is read."""
    mode = shell_for(request).mode
    name = f"tasks-{membership.team.slug}-{mode}-{timezone.localdate():%Y-%m-%d}.csv"
    return csvexport.stream(tasks_page.csv_rows(membership.team_id, mode, wanted_of(request.GET).jobs), name)


@require_safe
@member_required
def task_row(request: HttpRequest, membership: Membership, job_id: UUID) -> HttpResponse:
    """What a row unfolds to; with `folded` the button alone, for unfolding again. Without htmx there is a page for it."""
    job = job_or_404(membership, job_id)
    if not is_htmx(request):
        return redirect("task", job.pk)
    if "folded" in request.GET:
        return fresh(request, "tasks/_fold.html", {"job": job, "is_open": False, "oob": True})
    context = {"details": tasks_page.details_of(job, membership), "job": job, "is_open": True}
    return fresh(request, "tasks/_details.html", context)
