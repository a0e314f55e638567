"""What is done to selected takes, and what the page is told afterwards: the parts that changed, a toast, a way back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.http import trigger_client_event

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission, needed
from playground.gallery import deleting, favourites
from playground.jobs.models import Take
from playground.web.context import shell_for
from playground.web.gallery_page import GalleryPage, shown_query, shown_scope
from playground.web.galleryfilters import uuid_of
from playground.web.htmx import fresh, is_htmx
from playground.web.job_page import may_cancel
from playground.web.take_links import tile_id

UNDO_KEY = "deleted_takes"
COMPARED = (2, 4)


def selected(request: HttpRequest, membership: Membership) -> list[Take]:
    """The ticked takes that the team has; others are as good as not ticked."""
    return favourites.living_takes(membership.team_id, shell_for(request).mode, ids_of(request))


def ids_of(request: HttpRequest) -> list[UUID]:
    found = [found for text in request.POST.getlist("take") if (found := uuid_of(text))]
    return list(dict.fromkeys(found))[: favourites.MOST_AT_ONCE]


def count_words(count: int) -> str:
    return ngettext("%(count)s take", "%(count)s takes", count) % {"count": count}


def shown_page(request: HttpRequest, membership: Membership) -> GalleryPage:
    """The gallery as it stands in the browser that asks."""
    shown = shown_query(request)
    return GalleryPage.of(membership, shell_for(request).mode, shown, shown_scope(request, shown))


def anchor(take: Take) -> str:
    return tile_id(take.job, take)


def back(request: HttpRequest, membership: Membership) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": shown_page(request, membership).wanted.url})


def said(
    request: HttpRequest, membership: Membership, words: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A sentence and what changed; without script the page again, which says the sentence."""
    is_problem = status >= 400
    if not is_htmx(request):
        (messages.error if is_problem else messages.success)(request, words)
        return back(request, membership)
    kind = "error" if is_problem else "success"
    response = fresh(request, "gallery/_done.html", {"kind": kind, "words": words} | (context or {}), status=status)
    return response if is_problem else trigger_client_event(response, "selection-done", after="settle")


def require_deletion(membership: Membership, takes: Iterable[Take]) -> None:
    """One's own; owners and admins also the others' of the team."""
    others = [take for take in takes if not may_cancel(take.job, membership)]
    if others:
        numbers = ", ".join(str(number) for number in sorted({take.job.number for take in others})[:8])
        raise PermissionDenied(
            _(
                "Deleting takes of others needs the role %(needed)s, and one's own the role %(needed_for_own)s. "
                "Yours is %(role)s. Nothing was deleted. Not yours to delete: %(numbers)s."
            )
            % {
                "needed": needed(Permission.ALL_TASKS),
                "needed_for_own": needed(Permission.RUN),
                "role": membership.get_role_display(),
                "numbers": numbers,
            }
        )


def delete(request: HttpRequest, membership: Membership, takes: Sequence[Take]) -> HttpResponse:
    gone = set(deleting.delete(membership.team_id, takes))
    lost = [take for take in takes if take.pk in gone]
    words = _("%(takes)s deleted.") % {"takes": count_words(len(lost))}
    if not is_htmx(request):
        request.session[UNDO_KEY] = [take.pk.hex for take in lost]
        return back(request, membership)
    page = shown_page(request, membership)
    counted = page.days_of([take.job for take in lost])
    context = page.frame | {"lost": lost, "total": counted.whole, "counted_days": counted.days.items()}
    response = fresh(request, "gallery/_deleted.html", context | {"undo": lost, "words": words})
    response = trigger_client_event(response, "takes-deleted", after="settle")
    return trigger_client_event(response, "say", {"value": words})


def restore(request: HttpRequest, membership: Membership) -> HttpResponse:
    mode = shell_for(request).mode
    takes = deleting.deleted_takes(membership.team_id, mode, ids_of(request))
    require_deletion(membership, takes)
    back_again = deleting.restore(membership.team_id, takes)
    brought = _("%(takes)s brought back.") % {"takes": count_words(len(back_again))}
    words = brought if back_again else _("There is nothing left to bring back.")
    request.session.pop(UNDO_KEY, None)
    if not is_htmx(request):
        messages.success(request, words)
        return back(request, membership)
    page = shown_page(request, membership)
    return fresh(request, "gallery/_restored.html", page.grid() | {"words": words, "kind": "success"})


def kept_undo(request: HttpRequest) -> list[UUID]:
    """What was deleted without script a moment ago: the page that follows offers it back, once."""
    if UNDO_KEY not in request.session:
        return []
    return [found for text in request.session.pop(UNDO_KEY) if (found := uuid_of(text))]
