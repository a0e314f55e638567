"""Favourites, and what is done to several takes at once. The gallery's grid is one form, so all of it works without script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission, allows, refusal
from playground.gallery import collections, downloads, favourites
from playground.jobs import queries
from playground.jobs.models import Take
from playground.media.serving import threaded_slots
from playground.media.slots import Held
from playground.web import bulk
from playground.web.access import allowed, member_required
from playground.web.context import shell_for
from playground.web.galleryfilters import uuid_of
from playground.web.htmx import fresh, is_htmx, uncached
from playground.web.take_links import compare_url, stage_url, take_url, task_url

_FEWEST, _MOST = bulk.COMPARED


@require_POST
@member_required
def favourite(request: HttpRequest, membership: Membership, take_id: UUID) -> HttpResponse:
    """On or off; a person's own, so everybody who sees the take may do it."""
    take = queries.take_for_team(membership.team_id, take_id)
    if take is None:
        raise Http404(_("There is no such take."))
    is_on = favourites.toggle(membership.user_id, take)
    page = request.POST.get("_page", "")
    alone = {"take": take_url, "task": task_url, "stage": stage_url}.get(page)
    if not is_htmx(request) and alone:
        return HttpResponse(status=303, headers={"Location": alone(take)})
    if not is_htmx(request):
        response = bulk.back(request, membership)
        response["Location"] += f"#{bulk.anchor(take)}"
        return response
    template = "takes/_favourite.html" if alone else "gallery/_favourite.html"
    return fresh(request, template, {"take": take, "is_on": is_on, "is_favourite": is_on, "shown_on": page})


@require_POST
@member_required
def bulk_action(request: HttpRequest, membership: Membership) -> HttpResponseBase:
    """`do` names what; a collection's id follows it behind a colon."""
    name, _colon, detail = request.POST.get("do", "").partition(":")
    action = ACTIONS.get(name)
    if action is None:
        return bulk.said(request, membership, _("There is no such thing to do with takes."), status=422)
    takes = bulk.selected(request, membership)
    if not takes:
        return bulk.said(request, membership, _("Select takes first: none of the ticked ones is here any more."), status=422)
    return action(request, membership, takes, detail)


def _mark(request: HttpRequest, membership: Membership, takes: Sequence[Take], detail: str) -> HttpResponse:
    favourites.mark(membership.user_id, takes)
    count = len(takes)
    words = ngettext("%(count)s take is a favourite now.", "%(count)s takes are favourites now.", count) % {"count": count}
    return bulk.said(request, membership, words, {"marked": takes, "is_on": True})


def _unmark(request: HttpRequest, membership: Membership, takes: Sequence[Take], detail: str) -> HttpResponse:
    favourites.unmark(membership.user_id, takes)
    count = len(takes)
    words = ngettext("%(count)s take is no favourite any more.", "%(count)s takes are no favourites any more.", count) % {"count": count}
    return bulk.said(request, membership, words, {"marked": takes, "is_on": False})


def _compare(request: HttpRequest, membership: Membership, takes: Sequence[Take], detail: str) -> HttpResponse:
    if not _FEWEST <= len(takes) <= _MOST:
        words = _("Select %(fewest)s to %(most)s takes to compare; %(count)s are selected.")
        return bulk.said(request, membership, words % {"fewest": _FEWEST, "most": _MOST, "count": len(takes)}, status=422)
    return HttpResponse(status=303, headers={"Location": compare_url(takes)})


def _download(request: HttpRequest, membership: Membership, takes: Sequence[Take], detail: str) -> HttpResponseBase:
    slot = threaded_slots.take(f"person-{membership.user_id}")
    if slot is None:
        return bulk.said(request, membership, _("Too many downloads at once. Wait for one to end and try again."), status=503)
    response = StreamingHttpResponse(Held(downloads.zipped(takes), slot), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="takes-{timezone.localdate():%Y-%m-%d}-{len(takes)}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _delete(request: HttpRequest, membership: Membership, takes: Sequence[Take], detail: str) -> HttpResponse:
    """Several are asked about first; with script the page has asked already."""
    bulk.require_deletion(membership, takes)
    if len(takes) > 1 and detail != "now":
        context = {"takes": takes, "back": bulk.shown_page(request, membership).wanted, "nav": "gallery"}
        return fresh(request, "gallery/confirm.html", context)
    return bulk.delete(request, membership, takes)


def _collect(request: HttpRequest, membership: Membership, takes: Sequence[Take], detail: str) -> HttpResponse:
    """Into the named collection, or into a new one."""
    _require_run(membership)
    typed, mode = request.POST.get("name", ""), shell_for(request).mode
    if detail:
        found = collections.collection_of(membership.team_id, mode, uuid_of(detail) or UUID(int=0))
        if found is None:
            raise Http404(_("There is no such collection."))
    else:
        try:
            found = collections.create(membership.team_id, mode, typed, membership.user)
        except collections.CollectionError as error:
            return _not_collected(request, membership, takes, str(error))
    collections.add(found, takes, membership.user)
    names = {"collections": collections.collections_of(membership.team_id, mode)}
    return bulk.said(
        request, membership, _("%(takes)s in %(name)s now.") % {"takes": bulk.count_words(len(takes)), "name": found.name}, names
    )


def _not_collected(request: HttpRequest, membership: Membership, takes: Sequence[Take], problem: str) -> HttpResponse:
    """What was typed and ticked is kept: in the open popover, or on a page of its own."""
    context = {
        "collections": collections.collections_of(membership.team_id, shell_for(request).mode),
        "name_problem": problem,
        "typed": request.POST.get("name", ""),
        "takes": takes,
        "back": bulk.shown_page(request, membership).wanted,
        "nav": "gallery",
    }
    return fresh(request, "gallery/_collect.html" if is_htmx(request) else "gallery/collect.html", context | {"oob": True}, status=422)


def _uncollect(request: HttpRequest, membership: Membership, takes: Sequence[Take], detail: str) -> HttpResponse:
    _require_run(membership)
    found = collections.collection_of(membership.team_id, shell_for(request).mode, uuid_of(detail) or UUID(int=0))
    if found is None:
        raise Http404(_("There is no such collection."))
    collections.remove(found, takes)
    words = _("%(takes)s taken out of %(name)s.") % {"takes": bulk.count_words(len(takes)), "name": found.name}
    return bulk.said(request, membership, words, {"lost": takes})


def _require_run(membership: Membership) -> None:
    if not allows(membership.role, Permission.RUN):
        raise PermissionDenied(refusal(membership, Permission.RUN))


ACTIONS: Mapping[str, Callable[[HttpRequest, Membership, Sequence[Take], str], HttpResponseBase]] = {
    "favourite": _mark,
    "unfavourite": _unmark,
    "compare": _compare,
    "download": _download,
    "delete": _delete,
    "collect": _collect,
    "uncollect": _uncollect,
}


@require_POST
@allowed(Permission.RUN)
def restore(request: HttpRequest, membership: Membership) -> HttpResponse:
    return uncached(bulk.restore(request, membership))
