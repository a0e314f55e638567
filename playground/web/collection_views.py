"""Collections: the list of them, and making, renaming and deleting one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission
from playground.gallery import collections
from playground.gallery.models import LONGEST_NAME, Collection
from playground.web.access import allowed
from playground.web.context import shell_for
from playground.web.gallery_page import GalleryPage
from playground.web.galleryfilters import SCOPES, Wanted
from playground.web.htmx import fresh


def collections_page(request: HttpRequest, page: GalleryPage, *, status: int = 200, **more: Any) -> HttpResponse:
    """The list; `problem` and `typed` are of a name that could not be taken."""
    cards = collections.cards_of(page.membership.team_id, page.mode)
    context = {"nav": "gallery", "scopes": SCOPES, "cards": cards, "longest": LONGEST_NAME}
    return fresh(request, "gallery/collections.html", page.frame | context | more, status=status)


def url_of(collection: Collection) -> str:
    return Wanted(scope="collections", collection=collection.pk).url


@require_POST
@allowed(Permission.RUN)
def create(request: HttpRequest, membership: Membership) -> HttpResponse:
    mode, typed = shell_for(request).mode, request.POST.get("name", "")
    try:
        made = collections.create(membership.team_id, mode, typed, membership.user)
    except collections.CollectionError as error:
        page = GalleryPage.of(membership, mode, request.GET, "collections")
        return collections_page(request, page, status=422, problem=str(error), typed=typed)
    messages.success(request, _("%(name)s is there. Select takes in the gallery and add them to it.") % {"name": made.name})
    return redirect(url_of(made))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.RUN)
def rename(request: HttpRequest, membership: Membership, collection_id: UUID) -> HttpResponse:
    """GET shows both changes, the name and the end; POST is the name."""
    collection = _collection_or_404(request, membership, collection_id)
    if request.method != "POST":
        return _edit(request, collection, collection.name)
    typed = request.POST.get("name", "")
    try:
        collections.rename(collection, typed)
    except collections.CollectionError as error:
        return _edit(request, collection, typed, problem=str(error))
    messages.success(request, _("The collection is called %(name)s now.") % {"name": collection.name})
    return redirect(url_of(collection))


@require_POST
@allowed(Permission.RUN)
def delete(request: HttpRequest, membership: Membership, collection_id: UUID) -> HttpResponse:
    collection = _collection_or_404(request, membership, collection_id)
    collections.delete(collection)
    words = _("The collection %(name)s is deleted. Its takes stay in the gallery.") % {"name": collection.name}
    messages.success(request, words)
    return redirect(f"{reverse('gallery')}?scope=collections")


def _edit(request: HttpRequest, collection: Collection, typed: str, *, problem: str = "") -> HttpResponse:
    context = {"nav": "gallery", "collection": collection, "typed": typed, "problem": problem, "back": url_of(collection)}
    return fresh(request, "gallery/collection.html", context | {"longest": LONGEST_NAME}, status=422 if problem else 200)


def _collection_or_404(request: HttpRequest, membership: Membership, collection_id: UUID) -> Collection:
    found = collections.collection_of(membership.team_id, shell_for(request).mode, collection_id)
    if found is None:
        raise Http404(_("There is no such collection."))
    return found
