"""The model switcher: its list, and the step to another model that takes along what was typed.

What was typed is kept in the session for that one step. A query would cut long prompts, and a script could not
serve those who have none.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from playground.accounts.models import Membership
from playground.catalog import registry
from playground.catalog.card import Card
from playground.credits.prices import own_prices_of
from playground.web.access import member_required
from playground.web.catalogue import card_or_404
from playground.web.facets import QUERY_LENGTH
from playground.web.htmx import fresh, is_htmx
from playground.web.playground_page import PlaygroundPage
from playground.web.switching import beside, carried, keep_carried, scene_words
from playground.web.uploading import absorb_files

# Of a form that is sent on as it is; the page has its own.
NOT_TYPED = ("csrfmiddlewaretoken", "nonce")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def switcher(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponse:
    """The models that accept the same scene, for the popover in the head; without script a page that holds what was typed."""
    card, words = card_or_404(gateway, model_id), request.GET.get("_q", "").strip()[:QUERY_LENGTH]
    offers = beside(card, words, own_prices_of(membership.team_id))
    context = {"card": card, "offers": offers, "words": words}
    if is_htmx(request):
        return fresh(request, "playground/_switcher_list.html", context)
    data = absorb_files(request, card, membership)
    typed = [(name, value) for name in data for value in data.getlist(name) if name not in NOT_TYPED]
    return fresh(request, "playground/switcher.html", context | {"nav": "models", "scene_words": scene_words(card), "typed": typed})


@require_POST
@member_required
def switch(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponse:
    """To the model of the address, from the form of the model that `of` names."""
    target = card_or_404(gateway, model_id)
    source = _source(request.GET.get("of", "")) or target
    payload = PlaygroundPage(request, membership, source).form(request.POST).payload()
    keep_carried(request.session, target, carried(source, target, payload))
    address = f"{reverse('model-playground', args=target.key)}?prompt=carried"
    if not is_htmx(request):
        return redirect(address)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = address
    return response


def _source(text: str) -> Card | None:
    gateway, _, model_id = text.partition("/")
    try:
        return registry.get(model_id, gateway)
    except registry.UnknownModel:
        return None
