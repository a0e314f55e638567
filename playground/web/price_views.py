"""What a team pays for a model: the owners set it, everybody in the team can read what holds and what was before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from playground.accounts import permissions
from playground.accounts.models import Membership
from playground.accounts.permissions import Permission, allows
from playground.catalog.card import Card
from playground.core import clock
from playground.credits import prices
from playground.credits.models import PriceOverride
from playground.web.access import member_required
from playground.web.catalogue import card_or_404
from playground.web.htmx import fresh

REMOVE = "remove"


class PriceForm(forms.Form):
    """One of price and mark-up. The moment is read in the viewer's time zone; empty means at once."""

    credits = forms.DecimalField(required=False)
    markup = forms.DecimalField(required=False)
    effective_from = forms.DateTimeField(
        required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"]
    )
    note = forms.CharField(required=False, max_length=200, strip=True)

    def add_refusal(self, refusal: prices.PriceError) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, forms.ValidationError(str(refusal), code=refusal.rule))


@dataclass(frozen=True, slots=True)
class HistoryRow:
    override: PriceOverride
    words: str
    status: str
    is_now: bool


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def own_price(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponse:
    """The page, and the one form on it. A refusal keeps what was typed and says at which field and why."""
    card = card_or_404(gateway, model_id)
    if request.method != "POST":
        return _page(request, membership, card, PriceForm())
    if not allows(membership.role, Permission.PRICES):
        form = PriceForm(request.POST)
        form.is_valid()
        form.add_error(None, permissions.refusal(membership, Permission.PRICES))
        return _page(request, membership, card, form, status=403)
    form = PriceForm(request.POST)
    if form.is_valid():
        try:
            override = _save(form, membership, card, is_removal=request.POST.get("action") == REMOVE)
        except prices.PriceError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"{card.title}: {prices.words_of(override, card.pricing['unit'])}.")
            return redirect("model-own-price", card.gateway, card.id)
    return _page(request, membership, card, form, status=422)


def _save(form: PriceForm, membership: Membership, card: Card, *, is_removal: bool) -> PriceOverride:
    given = form.cleaned_data
    common: dict[str, Any] = {
        "team": membership.team,
        "card": card,
        "actor": membership.user,
        "effective_from": given["effective_from"],
        "note": given["note"],
    }
    if is_removal:
        return prices.remove_price(**common)
    return prices.set_price(credits=given["credits"], markup_percent=given["markup"], **common)


def _page(request: HttpRequest, membership: Membership, card: Card, form: PriceForm, *, status: int = 200) -> HttpResponse:
    context = {
        "nav": "models",
        "card": card,
        "unit": card.pricing["unit"],
        "form": form,
        "history": _history(membership.team_id, card),
        "published": card.pricing["credits"] is not None,
        "can_set": allows(membership.role, Permission.PRICES),
    }
    return fresh(request, "prices/price.html", context, status=status)


def _history(team_id: int, card: Card) -> list[HistoryRow]:
    """Newest first, each with what became of it: planned, holding now, or over."""
    now = clock.now()
    rows, has_holding = [], False
    for override in prices.history_of(team_id, card.gateway, card.id):
        is_planned = override.effective_from > now
        status = _("Planned") if is_planned else _("Past") if has_holding else _("Now")
        is_now = not is_planned and not has_holding
        has_holding = has_holding or not is_planned
        rows.append(HistoryRow(override, prices.words_of(override, card.pricing["unit"]), status, is_now))
    return rows
