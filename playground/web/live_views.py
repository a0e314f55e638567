"""The one heartbeat: what changed of the jobs that a page shows, and when to ask again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership, Mode
from playground.accounts.permissions import Permission, allows
from playground.catalog import registry
from playground.catalog.card import Card
from playground.credits.services import balance_of
from playground.jobs import queries
from playground.jobs.models import Job
from playground.web import compare_page, tasks_page, tiles
from playground.web.access import member_required
from playground.web.announce import announce_changes, ask_price, ended_of, say, spoken
from playground.web.codeview import reply_for
from playground.web.context import shell_for
from playground.web.htmx import fresh, uncached
from playground.web.job_page import facts_of, may_cancel
from playground.web.playground_page import STRIP_LENGTH, strip_of
from playground.web.pulses import MOST_JOBS, Ask, ask_of, pulse_for, seconds_until_next
from playground.web.stage import card_of, stage_of
from playground.web.tasks_page import Row

# Pages that show these have named every job that concerns them.
_NAMED_ALONE = {"tiles", "compare", "rows"}


@require_safe
@member_required
def live(request: HttpRequest, membership: Membership) -> HttpResponse:
    """204 when nothing changed; else a new heartbeat and, out of band, only the parts that changed."""
    shell = shell_for(request)
    beat = _beat(membership, ask_of(request, shell.mode))
    has_moved = _has_balance_moved(request, membership, shell.mode)
    if beat.is_quiet and not has_moved:
        return uncached(HttpResponse(status=204))
    context = _parts(membership, beat) if beat.changed or beat.unlisted else {}
    context |= {
        "pulse": pulse_for(beat.ask, beat.under_way),
        "top": (bool(context) or has_moved) and shell.mode == beat.ask.mode,
        "load": queries.load(membership.team_id, beat.ask.mode) if "load" in beat.ask.surfaces else None,
    }
    response = fresh(request, "playground/_live.html", context)
    if "stage" in beat.ask.surfaces and beat.changed:
        running = sum(job.created_by_id == membership.user_id for job in beat.under_way)
        announce_changes(response, _title(beat), beat.changed, watched=beat.watched, running=running)
    elif "compare" in beat.ask.surfaces and (words := [sentence for job in beat.changed if (sentence := spoken(job))]):
        say(response, ". ".join(words))
    if "load" in beat.ask.surfaces and any(job.is_final for job in beat.changed):
        ask_price(response)
    return response


def _has_balance_moved(request: HttpRequest, membership: Membership, mode: Mode) -> bool:
    """Whether the top bar shows another balance than there is: others of the team hold, and owners add."""
    shown = request.GET.get("b", "")
    return bool(shown) and shown != str(balance_of(membership.team_id, mode))


@dataclass(frozen=True, slots=True)
class _Beat:
    """`changed` were shown in an older version, `unlisted` not at all; `under_way` is what the next beat asks for."""

    ask: Ask
    changed: list[Job]
    unlisted: list[Job]
    under_way: list[Job]
    is_complete: bool

    @property
    def is_quiet(self) -> bool:
        if self.changed or self.unlisted or not self.is_complete:
            return False
        return bool(self.under_way) and self.ask.seconds in (0, seconds_until_next(self.under_way))

    @property
    def watched(self) -> Job | None:
        """The job on the stage, if it is among those that changed."""
        return next((job for job in self.changed if job.pk == self.ask.watched), None)


def _beat(membership: Membership, ask: Ask) -> _Beat:
    shown = queries.jobs_by_ids(membership.team_id, ask.mode, ask.versions)
    changed = [job for job in shown if job.version != ask.versions[job.pk]]
    under_way = {job.pk: job for job in shown if not job.is_final}
    unlisted: list[Job] = []
    if not set(ask.surfaces) & _NAMED_ALONE or "newrows" in ask.surfaces:
        user_id = None if ask.scope == "team" else membership.user_id
        found = queries.unfinished_jobs(membership.team_id, ask.mode, user_id=user_id, limit=MOST_JOBS)
        unlisted = [job for job in found if job.pk not in ask.versions]
        under_way |= {job.pk: job for job in unlisted}
    return _Beat(ask, changed, unlisted, list(under_way.values()), is_complete=len(shown) == len(ask.versions))


def _parts(membership: Membership, beat: _Beat) -> dict[str, Any]:
    ask, watched = beat.ask, beat.watched
    parts: dict[str, Any] = {"can_run": allows(membership.role, Permission.RUN), "current_id": ask.watched}
    card = _card(ask) or (card_of(watched) if watched else None)
    if card is not None:
        parts["card"] = card
    if watched and card and "stage" in ask.surfaces:
        parts |= {"stage": stage_of(watched, card=card, viewer_id=membership.user_id), "may_autoplay": True}
        parts |= {"reply": reply_for(watched), "has_tabs": "reply" in ask.surfaces}
        parts |= {"facts": facts_of(watched, membership), "may_cancel": may_cancel(watched, membership)} if "facts" in ask.surfaces else {}
    if card and "strip" in ask.surfaces:
        parts |= _strip(membership, beat, card)
    if "stage" in ask.surfaces:
        parts["ended"] = [ended_of(job) for job in beat.changed if job.is_final and job.pk != ask.watched]
    if "tiles" in ask.surfaces:
        parts["tiles"] = [(f"t-{job.pk}", tiles.tiles_of(job)) for job in beat.changed]
    if "rows" in ask.surfaces:
        parts["rows"] = _rows(beat)
    if "compare" in ask.surfaces:
        parts["columns"] = compare_page.columns_of_jobs(membership.team_id, [job.pk for job in beat.changed])
    return parts


def _rows(beat: _Beat) -> list[Row]:
    """The tasks that changed, and those that are new, the newest on top: each is put before what is there."""
    new = sorted(beat.unlisted, key=lambda job: (job.created_at, job.pk))
    return [*tasks_page.rows_of(beat.changed), *(tasks_page.row_of(job, is_new=True) for job in new)]


def _strip(membership: Membership, beat: _Beat, card: Card) -> dict[str, Any]:
    """The takes that changed; the whole strip when one has begun elsewhere."""
    jobs = queries.jobs_of_model(membership.team_id, beat.ask.mode, card.gateway, card.id, user=membership.user, limit=STRIP_LENGTH)
    if {job.pk for job in beat.unlisted} & {job.pk for job in jobs}:
        count = queries.count_of_model(membership.team_id, beat.ask.mode, card.gateway, card.id, user=membership.user)
        return {"strip": strip_of(jobs), "strip_count": count}
    ids = {job.pk for job in beat.changed}
    return {"takes": strip_of([job for job in jobs if job.pk in ids])}


def _card(ask: Ask) -> Card | None:
    if ask.model is None:
        return None
    try:
        return registry.get(ask.model[1], ask.model[0])
    except registry.UnknownModel:
        return None


def _title(beat: _Beat) -> str:
    card = _card(beat.ask)
    if card is not None:
        return card.title
    return _("Take %(number)s") % {"number": beat.watched.number} if beat.watched else _("Takes")
