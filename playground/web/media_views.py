"""Stored files by signed link. The signature is the permission: API clients and players have no session.

A page that stays open outlives its links; then the session of somebody of the team is permission enough.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from playground.accounts.access import memberships_for_user
from playground.jobs import queries
from playground.jobs.models import Take
from playground.media.models import StoredFile
from playground.media.serving import range_response
from playground.media.signing import BadLink, LinkExpired, MediaGrant, verify


def media(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """One rendition of a take. 404 for a link that is not ours or a take that is gone, 410 for one that has expired."""
    try:
        grant = verify(token)
    except LinkExpired as expired:
        if _is_of_the_team(request, expired.grant):
            return _answer(request, expired.grant)
        return HttpResponse("This link has expired. Open the page again for a new one.", status=410, content_type="text/plain")
    except BadLink as error:
        raise Http404(str(error)) from None
    return _answer(request, grant)


def _is_of_the_team(request: HttpRequest, grant: MediaGrant) -> bool:
    teams = {membership.team_id for membership in memberships_for_user(request.user)}
    return any(queries.take_for_team(team_id, grant.take_id) for team_id in teams)


def _answer(request: HttpRequest, grant: MediaGrant) -> HttpResponseBase:
    take = queries.take_by_id(grant.take_id) if grant.audience == "job" else None
    stored = _file_of(take, grant.rendition) if take else None
    if take is None or stored is None:
        raise Http404("There is no such file.")
    return range_response(
        request,
        stored,
        filename=_name_of(take, stored),
        as_download="download" in request.GET,
        client_key=str(request.META.get("REMOTE_ADDR", "")),
    )


def _file_of(take: Take, rendition: str) -> StoredFile | None:
    files = {"video": take.video, "poster": take.poster, "thumb": take.thumb, "preview": take.preview}
    return files.get(rendition)


def _name_of(take: Take, stored: StoredFile) -> str:
    """`veo-3-1-take-15.mp4`: what somebody finds again among downloads; `15b` when a job has several."""
    model = take.job.model_id.rpartition("/")[2]
    letter = chr(ord("a") + take.index) if 0 < take.index < 26 else ""
    return f"{model}-take-{take.job.number}{letter}.{stored.storage_name.rpartition('.')[2]}"
