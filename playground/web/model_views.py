"""The list of models, and each model's picture and clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import replace_url

from playground.accounts.addresses import client_address
from playground.accounts.models import Membership
from playground.catalog import registry
from playground.catalog.card import Card
from playground.credits.prices import own_prices_of
from playground.gallery.comparisons import picks_of
from playground.jobs import queries
from playground.jobs.models import Take
from playground.media.ranges import Unsatisfiable, parse_range
from playground.media.serving import range_response
from playground.web.access import member_required
from playground.web.announce import say
from playground.web.catalogue import Offer, card_or_404, default_card, offer_of
from playground.web.checklist import steps_for
from playground.web.context import shell_for
from playground.web.facets import SORTS, Filters, groups_of, sift, ways_out
from playground.web.htmx import fresh, is_htmx, uncached
from playground.web.previews import Kind, preview_of
from playground.web.standing import UNTRIED, Standing, standings

# The first screens of a list of a hundred; what follows comes when somebody gets there.
PAGE_SIZE = 24
PICTURE_SECONDS = 30 * 24 * 3600
# What stands for a picture that is still being drawn: one transparent pixel. The page asks again for it.
ONE_PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b")


@dataclass(frozen=True, slots=True)
class Listed:
    """A model in the list, with how it has done for this team."""

    offer: Offer
    standing: Standing
    picks: int = 0

    @property
    def picture(self) -> str:
        """The query of its picture and clip; a new take or a new version of the card is a new address."""
        return f"take={self.standing.take_id.hex}" if self.standing.take_id else f"v={self.offer.card.version[:8]}"


@require_safe
@member_required
def home(request: HttpRequest, membership: Membership) -> HttpResponse:
    card = default_card()
    return redirect("model-playground", card.gateway, card.id)


@require_safe
@member_required
def models(request: HttpRequest, membership: Membership) -> HttpResponse:
    shell, filters = shell_for(request), Filters.of(request.GET)
    own = own_prices_of(membership.team_id)
    offers = [offer_of(card, own.get(card.key)) for card in registry.live_cards()]
    sifted = sift(offers, filters)
    found = [model.offer for model in sifted if model.is_found()]
    known, picks = standings(membership.team_id, shell.mode), picks_of(membership.team_id, shell.mode)
    listed = [Listed(offer, known.get(offer.card.key, UNTRIED), picks.get(offer.card.key, 0)) for offer in found]
    page = page_of(ordered(listed, filters.sort, shell.mode), filters, request)
    if page.is_alone:
        return fresh(request, "models/_page.html", {"page": page})
    context = {
        "nav": "models",
        "page": page,
        "found_count": len(found),
        "filters": filters,
        "groups": groups_of(sifted, filters, shell.usd_per_credit),
        "ways": [] if found else ways_out(sifted, filters),
        "vendors": sorted({offer.card.vendor for offer in offers}),
        "vendor": next(iter(filters.chosen["vendor"]), ""),
        "sorts": SORTS.items(),
        "all_count": len(offers),
    }
    if not is_htmx(request):
        return fresh(request, "models/models.html", context | {"checklist": steps_for(request, membership)})
    response = fresh(request, "models/_found.html", context)
    query = filters.query()
    replace_url(response, f"{reverse('models')}{'?' if query else ''}{query}")
    return say(response, _("%(found)s of %(all)s models") % {"found": len(found), "all": len(offers)})


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown of the list; `start` is how many cards stand before. `is_alone`: only what follows, for a page that has those."""

    items: Sequence[Listed]
    start: int
    more_url: str
    is_alone: bool


def page_of(listed: Sequence[Listed], filters: Filters, request: HttpRequest) -> Page:
    """Page 2 without script is the first two: nothing that was read goes away. A number that is none is the first."""
    text = request.GET.get("page", "")
    number = max(int(text), 1) if text.isdecimal() and len(text) < 4 else 1
    is_alone = request.headers.get("HX-Target") == "more"
    start, end = (number - 1) * PAGE_SIZE if is_alone else 0, number * PAGE_SIZE
    query = filters.query()
    more_url = f"{reverse('models')}?{query}{'&' if query else ''}page={number + 1}" if end < len(listed) else ""
    return Page(listed[start:end], start, more_url, is_alone)


def ordered(listed: Sequence[Listed], sort: str, mode: str) -> list[Listed]:
    """Ties are broken by name. A model without a price comes last of the cheap, as nobody can say that it is."""

    def rank(item: Listed) -> tuple[float, str, str]:
        card, price = item.offer.card, item.offer.price
        by_name = (card.title.lower(), card.gateway)
        if sort == "price":
            return (price.max_millicredits if price else float("inf"), *by_name)
        if sort == "picked":
            return (-item.picks, *by_name)
        if sort == "fast":
            # A stand-in's time says nothing about the model's.
            measured = item.standing.median_seconds if mode == "live" else None
            return (measured or card.typical_seconds, *by_name)
        return (-item.standing.runs, *by_name)

    return sorted(listed, key=rank)


@require_safe
@member_required
def poster(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponseBase:
    """The team's take that `?take=` names, else the sandbox's picture of the example."""
    return _picture(request, membership, card_or_404(gateway, model_id), "poster")


@require_safe
@member_required
def preview(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponseBase:
    """The same as a few silent seconds; 204 while they are being drawn."""
    return _picture(request, membership, card_or_404(gateway, model_id), "clip")


def _picture(request: HttpRequest, membership: Membership, card: Card, kind: Kind) -> HttpResponseBase:
    if "take" in request.GET:
        take = _take_or_404(membership, card, request.GET["take"])
        stored = take.thumb if kind == "poster" else take.preview
        return range_response(request, stored, client_key=client_address(request), cache_seconds=PICTURE_SECONDS)
    path = preview_of(card, kind) if kind == "poster" else preview_of(card, kind, wait_seconds=0)
    if path is None:
        waiting = HttpResponse(ONE_PIXEL, content_type="image/gif") if kind == "poster" else HttpResponse(status=204)
        return uncached(waiting)
    response = _drawn(request, path.read_bytes(), "image/webp" if kind == "poster" else "video/mp4")
    response["Cache-Control"] = f"private, max-age={PICTURE_SECONDS if 'v' in request.GET else 3600}"
    return response


def _drawn(request: HttpRequest, content: bytes, content_type: str) -> HttpResponse:
    """All of a small file, or the range that was asked for: some browsers play nothing from a server without ranges."""
    try:
        part = parse_range(request.headers.get("Range", ""), len(content), max_bytes=len(content))
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
    headers = {"Accept-Ranges": "bytes"}
    if part is None:
        return HttpResponse(content, content_type=content_type, headers=headers)
    headers["Content-Range"] = part.content_range(len(content))
    return HttpResponse(content[part.start : part.end], content_type=content_type, status=206, headers=headers)


def _take_or_404(membership: Membership, card: Card, text: str) -> Take:
    try:
        take = queries.take_for_team(membership.team_id, UUID(text))
    except ValueError:
        take = None
    if take is None or (take.job.gateway, take.job.model_id) != card.key:
        raise Http404(_("There is no such take."))
    return take
