"""The list of models, and each model's picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership
from playground.catalog import pricing, registry
from playground.catalog.card import Card
from playground.web.access import member_required
from playground.web.posters import poster_of

DEFAULT_MODEL = ("modkie", "google/veo-3-1")
POSTER_SECONDS = 30 * 24 * 3600
_SCENES = {
    "text-to-video": "Text", "image-to-video": "Image", "video-to-video": "Video", "first-last-frame": "First–last",
    "reference-to-video": "Reference", "motion-control": "Motion control", "upscale": "Upscale",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """A model as a card of the list: what it is, what it can do, what its example costs."""

    card: Card
    price: pricing.Quote | None
    tags: tuple[str, ...]


def offer_of(card: Card) -> Offer:
    try:
        price = pricing.quote(card, card.defaults | dict(card.example))
    except pricing.Unpriced:
        price = None
    return Offer(card, price, _tags(card))


def default_card() -> Card:
    """The model that a fresh installation opens with; the first live one if that is gone."""
    try:
        return registry.get(DEFAULT_MODEL[1], DEFAULT_MODEL[0])
    except registry.UnknownModel:
        return registry.live_cards()[0]


@require_safe
@member_required
def home(request: HttpRequest, membership: Membership) -> HttpResponse:
    card = default_card()
    return redirect("model-playground", card.gateway, card.id)


@require_safe
@member_required
def models(request: HttpRequest, membership: Membership) -> HttpResponse:
    cards = registry.live_cards()
    query, vendor = request.GET.get("q", "").strip()[:200], request.GET.get("vendor", "")
    found = [offer_of(card) for card in cards if _matches(card, query) and vendor in ("", card.vendor)]
    context = {
        "nav": "models",
        "offers": found,
        "query": query,
        "vendor": vendor,
        "vendors": sorted({card.vendor for card in cards}),
        "all_count": len(cards),
    }
    is_fragment = request.headers.get("HX-Request") == "true"
    response = render(request, "models/_cards.html" if is_fragment else "models/models.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@member_required
def poster(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponseBase:
    try:
        card = registry.get(model_id, gateway)
    except registry.UnknownModel:
        raise Http404 from None
    response = FileResponse(poster_of(card).open("rb"), content_type="image/webp")
    response["Cache-Control"] = f"private, max-age={POSTER_SECONDS}"
    return response


def _matches(card: Card, query: str) -> bool:
    text = " ".join((card.title, card.id, card.vendor, card.family, card.summary)).lower()
    return all(word in text for word in query.lower().split())


def _tags(card: Card) -> tuple[str, ...]:
    """What the schema says it can do, so that a tag is never a promise of its own."""
    tags = [_SCENES.get(scene, scene.replace("-", " ").capitalize()) for scene in card.scenes]
    properties = card.properties
    if any(name in properties for name in ("generate_audio", "sound", "audio")):
        tags.append("Audio")
    resolutions: Sequence[object] = properties.get("resolution", {}).get("enum", ())
    if resolutions:
        tags.append(f"up to {resolutions[-1]}")
    duration = properties.get("duration", {})
    longest = max(duration.get("enum", ()), default=duration.get("maximum"))
    if isinstance(longest, int):
        tags.append(f"up to {longest} s")
    return tuple(tags)
