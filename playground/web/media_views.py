"""Stored files by signed link. The signature is the permission: API clients and players have no session.

A page that stays open outlives its links; then the session of somebody of the team is permission enough.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from playground.accounts.access import memberships_for_user
from playground.accounts.addresses import client_address
from playground.gallery import shares
from playground.gallery.downloads import name_of
from playground.jobs import queries
from playground.jobs.models import Take
from playground.media.models import StoredFile
from playground.media.serving import range_response
from playground.media.signing import BadLink, LinkExpired, MediaGrant, verify


@require_safe
def media(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """One rendition of a take. 404 for a link that is not ours or a take that is gone, 410 for one that has expired."""
    try:
        grant = verify(token)
    except LinkExpired as expired:
        if _is_of_the_team(request, expired.grant):
            return _answer(request, expired.grant)
        return HttpResponse(_("This link has expired. Open the page again for a new one."), status=410, content_type="text/plain")
    except BadLink as error:
        raise Http404(str(error)) from None
    return _answer(request, grant)


def _is_of_the_team(request: HttpRequest, grant: MediaGrant) -> bool:
    teams = {membership.team_id for membership in memberships_for_user(request.user)}
    return any(queries.take_for_team(team_id, grant.take_id) for team_id in teams)


def _answer(request: HttpRequest, grant: MediaGrant) -> HttpResponseBase:
    is_shared = grant.audience.startswith("share:")
    as_download = "download" in request.GET
    try:
        is_open = _is_open(grant, as_download) if is_shared else grant.audience == "job"
    except shares.Gone as gone:
        return HttpResponse(str(gone), status=410, content_type="text/plain")
    take = queries.take_by_id(grant.take_id) if is_open else None
    stored = _file_of(take, grant.rendition) if take else None
    if take is None or stored is None:
        raise Http404(_("There is no such file."))
    return range_response(
        request,
        stored,
        filename=name_of(take, stored.storage_name),
        as_download=as_download,
        client_key=client_address(request),
        # What a browser keeps it would show after the link was revoked.
        **({"cache_seconds": 0} if is_shared else {}),
    )


def _is_open(grant: MediaGrant, as_download: bool) -> bool:
    """Asked on every request: whether the link behind this address still shows the take. Raises Gone."""
    share = shares.for_media(grant.audience.removeprefix("share:"), grant.take_id)
    return share is not None and (share.allows_download or not as_download)


def _file_of(take: Take, rendition: str) -> StoredFile | None:
    files = {"video": take.video, "poster": take.poster, "thumb": take.thumb, "preview": take.preview}
    return files.get(rendition)
