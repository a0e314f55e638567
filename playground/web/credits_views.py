"""The team's credits: what there is, what is held, what was spent on what, and every movement."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership
from playground.credits.models import Account
from playground.web import credits_page, csvexport, ledger
from playground.web.access import member_required
from playground.web.context import shell_for
from playground.web.htmx import fresh, is_htmx
from playground.web.ledgerfilters import GROUPS, Wanted, number_of, selects_for, wanted_of

PAGE_SIZE = 50


@require_safe
@member_required
def credits(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The page; for htmx the ledger under other filters, or with `before` the next rows of its table."""
    account = account_of(request)
    wanted, before = wanted_of(request.GET), number_of(request.GET.get("before", ""))
    context = _ledger(account, wanted, before)
    if is_htmx(request) and before is not None:
        return fresh(request, "credits/_rows.html", context)
    context |= {"selects": selects_for(account, wanted), "groups": _groups(wanted)}
    if is_htmx(request):
        response = fresh(request, "credits/_refiltered.html", context)
        response["HX-Push-Url"] = _address(wanted)
        return response
    states = credits_page.states_of(account)
    context |= {"nav": "credits", "stats": credits_page.stats_of(account, states), "budgets": states}
    context |= {"chart": credits_page.usage_of(account, wanted.by)}
    return fresh(request, "credits/credits.html", context)


@require_safe
@member_required
def credits_csv(request: HttpRequest, membership: Membership) -> HttpResponseBase:
    """Every entry that the filters let through, written while it is read."""
    account = account_of(request)
    name = f"credits-{membership.team.slug}-{account.mode}-{timezone.localdate():%Y-%m-%d}.csv"
    return csvexport.stream(ledger.csv_rows(account.pk, wanted_of(request.GET).entries), name)


def account_of(request: HttpRequest) -> Account:
    """The account of the team and mode that the person is in."""
    account = shell_for(request).account
    assert account is not None  # a membership always has a team, and a team an account
    return account


def _ledger(account: Account, wanted: Wanted, before: int | None) -> dict[str, Any]:
    rows = ledger.page(account.team_id, account.pk, wanted.entries, before=before, limit=PAGE_SIZE + 1)
    following = f"before={rows[PAGE_SIZE - 1].entry.pk}" if len(rows) > PAGE_SIZE else ""
    return {
        "wanted": wanted,
        "rows": rows[:PAGE_SIZE],
        "older": f"?{wanted.query}&{following}".replace("?&", "?") if following else "",
        "is_first_page": before is None,
    }


def _groups(wanted: Wanted) -> list[tuple[str, str, bool]]:
    """Links to the chart by something else, under the same filters: address, label, whether it is shown."""
    return [(_address(wanted.grouped(group)), label, group == wanted.by) for group, label in GROUPS.items()]


def _address(wanted: Wanted) -> str:
    return f"{reverse('credits')}?{wanted.query}".rstrip("?")
