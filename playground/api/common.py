"""What all contracts share: the balance, fresh links to results, and what is answered where there is nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from playground.accounts.access import KeyIdentity
from playground.accounts.models import Scope
from playground.api.bodies import json_object
from playground.api.entry import endpoint
from playground.api.envelopes import ApiError, failure, invalid, success
from playground.api.taskrequests import wrong_text
from playground.core.money import credits_number
from playground.credits.services import account_for
from playground.jobs import queries
from playground.media import uploads
from playground.media.signing import BadLink, LinkExpired, signed_url, verify

FRESH_SECONDS = 20 * 60
WRONG_URL = "url is wrong"


@endpoint("GET", Scope.READ)
def credit(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """What the key's mode can still spend; holds are already taken off."""
    return success(credits_number(account_for(identity.team_id, identity.mode).available_millicredits))


@endpoint("POST", Scope.READ)
def download_url(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """A link for 20 minutes to a result or an upload of the team, from any link to it that this house made, old ones too."""
    body = json_object(request)
    if mistakes := wrong_text(body, "url", required=True):
        raise invalid(mistakes)
    fresh = _fresh_take_link(body["url"], identity) or _fresh_upload_link(body["url"], identity)
    if not fresh:
        # The same words for a stranger's address, a link that was altered and another team's.
        raise ApiError(422, WRONG_URL)
    return success(fresh)


def _fresh_take_link(url: str, identity: KeyIdentity) -> str:
    prefix = f"{settings.PUBLIC_URL}/media/"
    try:
        path = urlsplit(url)._replace(query="", fragment="").geturl()
        grant = verify(path.removeprefix(prefix).partition("/")[0]) if path.startswith(prefix) else None
    except LinkExpired as expired:
        grant = expired.grant
    except (BadLink, ValueError):
        return ""
    if grant is None or grant.audience != "job":
        return ""
    take = queries.take_for_team(identity.team_id, grant.take_id)
    if take is None or take.job.mode != identity.mode:
        return ""
    return signed_url(take.pk, grant.rendition, audience="job", ttl_seconds=FRESH_SECONDS)


def _fresh_upload_link(url: str, identity: KeyIdentity) -> str:
    upload_id = uploads.upload_id_of(url)
    upload = uploads.upload_for_team(identity.team_id, upload_id) if upload_id else None
    return uploads.signed_url(upload, FRESH_SECONDS) if upload else ""


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    return failure(request, ApiError(404, "There is no such address in this API."))
