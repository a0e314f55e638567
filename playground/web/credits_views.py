"""The team's credits: what there is, what is held, and every movement."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership
from playground.web import ledger
from playground.web.access import member_required
from playground.web.catalogue import default_card, offer_of
from playground.web.context import shell_for

PAGE_SIZE = 50


@require_safe
@member_required
def credits(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The page, or with `before` from htmx the next rows of its table."""
    account = shell_for(request).account
    assert account is not None  # a membership always has a team, and a team an account
    given = request.GET.get("before", "")
    before = int(given) if given.isdecimal() and len(given) < 19 else None
    rows = ledger.page(membership.team_id, account.pk, before=before, limit=PAGE_SIZE + 1)
    context: dict[str, Any] = {
        "nav": "credits",
        "rows": rows[:PAGE_SIZE],
        "more": rows[PAGE_SIZE - 1].entry.pk if len(rows) > PAGE_SIZE else None,
        "is_first_page": before is None,
    }
    is_piece = before is not None and request.headers.get("HX-Request") == "true"
    if not is_piece:
        offer = offer_of(default_card())
        enough = account.available_millicredits // offer.price.hold_millicredits if offer.price else 0
        context |= {"account": account, "month": ledger.this_month(account.pk), "offer": offer, "enough_for": enough}
    response = render(request, "credits/_rows.html" if is_piece else "credits/credits.html", context)
    patch_vary_headers(response, ["HX-Request"])
    patch_cache_control(response, no_store=True)
    return response
