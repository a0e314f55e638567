"""What somebody sees who was given a link: a take or a collection, without the product around it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from playground.accounts import ratelimit
from playground.accounts.addresses import client_address
from playground.core import clock
from playground.gallery import shares
from playground.gallery.models import Share
from playground.jobs.models import Take
from playground.media import signing
from playground.web.context import shell_for
from playground.web.shapes import ratio_of
from playground.web.stage import card_of
from playground.web.tiles import model_title

PAGE_SIZE = 60
UNKNOWN_PER_MINUTE = 30
# Who watches has no session that could go on when the file's address ends; whether the link is still good is asked each time.
MEDIA_TTL_SECONDS = signing.API_TTL_SECONDS


@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The take, or the collection's takes. 404 for a link that never was, 410 for one that is over."""
    try:
        share = shares.find(token)
    except shares.Gone:
        return _gone(request)
    if share is None:
        return _unknown(request)
    if share.take is None:
        return _collection(request, share, token)
    take = shares.take_in(share, share.take.pk)
    return _take(request, share, take) if take else _gone(request)


@require_safe
def shared_take(request: HttpRequest, token: str, take_id: UUID) -> HttpResponse:
    """One take of a shared collection."""
    try:
        share = shares.find(token)
    except shares.Gone:
        return _gone(request)
    if share is None:
        return _unknown(request)
    take = shares.take_in(share, take_id) if share.collection_id else None
    if take is None:
        raise Http404(_("The link does not lead to such a take."))
    return _take(request, share, take, collection_url=reverse("shared", args=[token]))


def media_address(share: Share, take: Take, rendition: str) -> str:
    """Absolute, for this link alone, and never good for longer than the link."""
    left = MEDIA_TTL_SECONDS if share.expires_at is None else int((share.expires_at - clock.now()).total_seconds())
    return signing.signed_url(take.pk, rendition, audience=f"share:{share.pk}", ttl_seconds=max(1, min(MEDIA_TTL_SECONDS, left)))


def _path(share: Share, take: Take, rendition: str) -> str:
    """For the page itself, which may be open under another name than PUBLIC_URL."""
    return media_address(share, take, rendition).removeprefix(settings.PUBLIC_URL)


def _take(request: HttpRequest, share: Share, take: Take, *, collection_url: str = "") -> HttpResponse:
    job = take.job
    prompt = str(job.payload.get("prompt") or "") if share.shows_prompt else ""
    title = model_title(job)
    context = {
        "share": share,
        "take": take,
        "model": title,
        "prompt": prompt,
        "heading": title,
        "ratio": ratio_of(take, job),
        "video": _path(share, take, "video"),
        "poster": _path(share, take, "poster"),
        "og_video": media_address(share, take, "video"),
        "og_image": media_address(share, take, "poster"),
        "og_url": f"{settings.PUBLIC_URL}{request.path}",
        "collection": share.collection,
        "collection_url": collection_url,
        "own_url": _own_url(request, share, take),
        "tag": _("Sandbox") if job.is_sandbox else "",
    }
    return _answer(render(request, "shares/take.html", context))


def _own_url(request: HttpRequest, share: Share, take: Take) -> str:
    """People of the team begin with these settings; everybody else with the model, once they are signed in."""
    job = take.job
    card = card_of(job)
    page = reverse("model-playground", args=card.key) if card else reverse("models")
    shell = shell_for(request)
    if shell.membership is None:
        return f"{reverse('sign-in')}?{urlencode({'next': page})}"
    is_here = shell.membership.team_id == share.team_id and shell.mode == job.mode
    return f"{page}?from={job.number}" if is_here and card else page


def _collection(request: HttpRequest, share: Share, token: str) -> HttpResponse:
    given = request.GET.get("page", "")
    number = int(given) if given.isascii() and given.isdecimal() and 0 < len(given) < 5 else 1
    found = shares.takes_in(share, start=(max(number, 1) - 1) * PAGE_SIZE, limit=PAGE_SIZE + 1)
    tiles: list[dict[str, Any]] = [
        {
            "url": reverse("shared-take", args=[token, take.pk]),
            "thumb": _path(share, take, "thumb"),
            "ratio": ratio_of(take, take.job),
            "take": take,
            "model": model_title(take.job),
            "seconds": (take.video.duration_ms or 0) / 1000,
        }
        for take in found[:PAGE_SIZE]
    ]
    context = {
        "share": share,
        "heading": share.collection,
        "tiles": tiles,
        "next_page": number + 1 if len(found) > PAGE_SIZE else None,
        "og_image": media_address(share, found[0], "poster") if found else "",
        "og_url": f"{settings.PUBLIC_URL}{request.path}",
    }
    return _answer(render(request, "shares/collection.html", context))


def _gone(request: HttpRequest) -> HttpResponse:
    return _answer(render(request, "shares/gone.html", status=410))


def _unknown(request: HttpRequest) -> HttpResponse:
    """Counted by address: whoever tries tokens is soon told to wait."""
    wait_seconds = ratelimit.allow_here("share", client_address(request), UNKNOWN_PER_MINUTE)
    if wait_seconds is None:
        raise Http404(_("There is no such link."))
    response = _answer(render(request, "429.html", status=429))
    response["Retry-After"] = str(int(wait_seconds) + 1)
    return response


def _answer(response: HttpResponse) -> HttpResponse:
    """Kept by nobody, found by no search engine, and its address told to no other site."""
    patch_cache_control(response, private=True, no_store=True)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
