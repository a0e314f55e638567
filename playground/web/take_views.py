"""One take as a page: the clip, what made it, and what to do with it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission, allows
from playground.gallery import collections
from playground.gallery.models import Favourite
from playground.gallery.neighbours import neighbours
from playground.jobs import queries
from playground.jobs.models import Take
from playground.web.access import member_required
from playground.web.context import shell_for
from playground.web.continuations import continuations_of
from playground.web.htmx import fresh, is_htmx
from playground.web.job_page import may_cancel
from playground.web.take_links import take_url
from playground.web.take_page import take_context
from playground.web.take_way import Way


def take_or_404(membership: Membership, take_id: UUID) -> Take:
    """With its job, and the job's takes read: a deleted take is as little there as another team's."""
    take = queries.take_for_team(membership.team_id, take_id)
    job = queries.job_for_team(membership.team_id, None, take.job_id) if take else None
    if take is None or job is None:
        raise Http404(_("There is no such take."))
    take.job = job
    return take


@require_safe
@member_required
def take(request: HttpRequest, membership: Membership, take_id: UUID) -> HttpResponse:
    shown = take_or_404(membership, take_id)
    way = Way.of(request, membership, shown.job.mode)
    beside = neighbours(shown, way)
    context = {
        "nav": "gallery",
        **take_context(shown, membership, shell_for(request).mode),
        "is_favourite": Favourite.objects.filter(user_id=membership.user_id, take=shown).exists(),
        "back_url": way.back_to(shown),
        "back_label": _("Gallery"),
        "previous_url": way.to(beside.previous),
        "next_url": way.to(beside.next),
        "sibling_urls": [(sibling, way.to(sibling)) for sibling in shown.job.takes.all()],
    }
    return fresh(request, "takes/take.html", context)


@require_safe
@member_required
def menu(request: HttpRequest, membership: Membership, take_id: UUID) -> HttpResponse:
    """What "More" on a tile offers. Without script it is the take's page, which has all of it."""
    shown = take_or_404(membership, take_id)
    if not is_htmx(request):
        return redirect(take_url(shown))
    is_here = shown.job.mode == shell_for(request).mode
    may_run = is_here and allows(membership.role, Permission.RUN)
    context = {
        "take": shown,
        "prompt": str(shown.job.payload.get("prompt") or ""),
        "continuations": continuations_of(shown.job) if may_run else (),
        "collections": collections.collections_of(membership.team_id, shown.job.mode) if may_run else (),
        "may_delete": is_here and may_cancel(shown.job, membership),
    }
    return fresh(request, "gallery/_more.html", context)
