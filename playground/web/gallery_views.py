"""The gallery: what a person or a team has made, newest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership
from playground.web import bulk, collection_views
from playground.web.access import member_required
from playground.web.context import shell_for
from playground.web.gallery_page import GalleryPage, ideas, scope_of
from playground.web.htmx import fresh, is_htmx


@require_safe
@member_required
def gallery(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The page; with `after` from htmx the next piece of its grid, and for its filters the grid and what stands around."""
    page = GalleryPage.of(membership, shell_for(request).mode, request.GET, scope_of(request))
    if page.is_list_of_collections:
        return collection_views.collections_page(request, page)
    after, number = request.GET.get("after", ""), request.GET.get("n", "")
    is_grid = is_htmx(request) and request.headers.get("HX-Target") == "grid"
    is_piece = bool(after) and is_htmx(request) and request.headers.get("HX-History-Restore-Request") != "true" and not is_grid
    context = page.grid(after, int(number) if number.isdecimal() and len(number) < 5 else 1, is_piece=is_piece)
    if is_piece:
        return fresh(request, "gallery/_page.html", context)
    if not context["days"] and not page.wanted.is_filtered:
        context["ideas"] = ideas()
    context |= page.around(context["models"])
    if not is_grid:
        return fresh(request, "gallery/gallery.html", context | {"undo": bulk.kept_undo(request)})
    response = fresh(request, "gallery/_refiltered.html", context)
    response["HX-Push-Url"] = page.wanted.url
    return response
