"""Uploads over HTTP: taking files for a field, mending them, and giving them back to those who may read them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from playground.accounts.access import identity_for_key, memberships_for_user
from playground.accounts.addresses import client_address
from playground.accounts.models import Membership
from playground.media import uploads
from playground.media.models import Upload
from playground.media.serving import range_response
from playground.media.upload_links import is_signed_for
from playground.web.access import member_required
from playground.web.catalogue import card_or_404
from playground.web.context import shell_for
from playground.web.diskuploads import is_too_large, too_large
from playground.web.htmx import fresh
from playground.web.uploading import Giver, absorb_field, spec_of
from playground.web.uploadwidgets import Note, Place, UploadInput, described_by

_BEARER = "Bearer "
_ATTACHED_KINDS = ("document",)


@require_POST
@member_required
def upload(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Files, a link or a button of one drop zone; the answer is the zone as it is then."""
    if is_too_large(request):
        return too_large(request)
    posted = request.POST
    card = card_or_404(posted.get("gateway", ""), posted.get("model", ""))
    name = posted.get("field", "")
    spec = spec_of(card, name)
    if spec is None or len(name) > 200:
        raise Http404(_("There is no such field."))
    urls, note = absorb_field(request, spec, name, Giver(membership, shell_for(request).mode))
    return _zone(request, Place(membership.team_id, *card.key, notes={name: note}), spec, name, urls)


def _zone(request: HttpRequest, place: Place, spec: Any, name: str, urls: list[str]) -> HttpResponse:
    many = spec.get("type") == "array"
    widget = UploadInput(spec, many=many)
    widget.place = place
    described = described_by(request.POST.get("described", ""))
    attrs = {"id": f"id_{name}", **({"aria-describedby": described} if described else {})}
    note = place.notes.get(name, Note())
    context = widget.get_context(name, urls if many else (urls or [""])[0], attrs)
    return fresh(request, widget.template_name, context, status=note.status)


@require_POST
@member_required
def fix(request: HttpRequest, membership: Membership, upload_id: UUID) -> HttpResponseBase:
    """Mend one file; the zone comes back with the result beside the original, which stays until somebody says so."""
    if uploads.upload_for_team(membership.team_id, upload_id) is None:
        raise Http404(_("There is no such upload."))
    return upload(request)


@require_safe
def content(request: HttpRequest, upload_id: UUID, name: str) -> HttpResponseBase:
    """The file, for its team: by session, by an API key, or by a signed link. 404 for everybody else."""
    found = _readable(request, upload_id)
    is_attached = "download" in request.GET or found.kind in _ATTACHED_KINDS
    reader = client_address(request)
    return range_response(request, found.stored, filename=found.name, as_download=is_attached, client_key=reader)


@require_safe
def thumb(request: HttpRequest, upload_id: UUID) -> HttpResponseBase:
    found = _readable(request, upload_id)
    if found.thumb is None:
        raise Http404(_("This file has no picture."))
    return range_response(request, found.thumb, filename="thumb.webp")


def _readable(request: HttpRequest, upload_id: UUID) -> Upload:
    token = request.GET.get("token", "")
    if token and is_signed_for(upload_id, token):
        found = Upload.objects.filter(pk=upload_id).select_related("stored", "thumb").first()
    else:
        found = next(filter(None, (uploads.upload_for_team(team_id, upload_id) for team_id in _teams_of(request))), None)
    if found is None:
        raise Http404(_("There is no such upload."))
    return found


def _teams_of(request: HttpRequest) -> list[int]:
    header = request.headers.get("Authorization", "")
    if header.startswith(_BEARER):
        identity = identity_for_key(header.removeprefix(_BEARER).strip())
        return [identity.team_id] if identity else []
    return [membership.team_id for membership in memberships_for_user(request.user)]
