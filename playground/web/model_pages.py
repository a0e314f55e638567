"""A model's page for readers: its sections, below the playground or by themselves, and what is left of a retired model."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership
from playground.catalog.card import Card
from playground.jobs.models import Job
from playground.web.access import member_required
from playground.web.catalogue import card_or_404
from playground.web.context import shell_for
from playground.web.htmx import fresh, is_htmx
from playground.web.model_sections import about
from playground.web.playground_page import PlaygroundPage


@require_safe
@member_required
def about_model(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponse:
    """The sections: a part of the playground's page for htmx, a page of their own for everyone else."""
    context = about_context(request, membership, card_or_404(gateway, model_id))
    return fresh(request, "models/_about.html" if is_htmx(request) else "models/about.html", context)


def about_context(request: HttpRequest, membership: Membership, card: Card) -> dict[str, Any]:
    mode = shell_for(request).mode
    sections = about(card, team_id=membership.team_id, mode=mode)
    return {"nav": "models", "card": card, "about": sections, "back_url": reverse("models")}


def retired(page: PlaygroundPage, job: Job | None) -> HttpResponse:
    """Takes that were made with it and what it was, without form and Run."""
    context = page.stage_context(job) | about_context(page.request, page.membership, page.card)
    return fresh(page.request, "models/retired.html", context | {"can_run": False, "scenes": []})
