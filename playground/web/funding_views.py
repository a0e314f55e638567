"""Owners add and correct credits here; what a credit costs is set by whoever runs the installation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission
from playground.credits import granting, rates
from playground.credits.errors import LedgerError, NotAllowed
from playground.web import funding, oncetokens
from playground.web.access import allowed
from playground.web.context import shell_for
from playground.web.credits_views import account_of
from playground.web.htmx import fresh
from playground.web.oncetokens import Once, StaleToken

SENT_BEFORE = gettext_noop("This was sent before. Nothing was added or taken away again; the ledger shows what was.")
STALE = gettext_noop("This page is from earlier. Nothing was done; look at it once more and send it again.")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.CREDITS)
def add_credits(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The forms; a form that was filled in is shown once more, with its amount and account, before it is done."""
    if request.method != "POST":
        return _page(request, membership)
    if refusal := granting.why_not(membership, shell_for(request).mode):
        raise PermissionDenied(refusal)
    action = request.POST.get("action", "")
    if action not in funding.FORMS:
        return _page(request, membership, status=422)
    form = funding.FORMS[action](request.POST, account_of(request), granting.packs_of(membership.team))
    step = request.POST.get("step", "")
    if step == "change" or not form.is_valid():
        return _page(request, membership, {action: form}, status=200 if form.is_valid() else 422)
    if step != "confirm":
        return _confirm(request, membership, action, form)
    return _carry_out(request, membership, action, form)


@require_POST
@allowed(Permission.CREDITS)
def set_rate(request: HttpRequest, membership: Membership) -> HttpResponse:
    form = funding.RateForm(request.POST)
    if form.is_valid():
        try:
            rates.set_rate(membership.team, form.cleaned_data["usd"], by=membership)
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except LedgerError as refusal:
            form.add_error("usd", str(refusal))
        else:
            given = {"team": membership.team.name, "rate": funding.rate_text(rates.rate_of(membership.team))}
            messages.success(request, _("A credit costs %(team)s $%(rate)s.") % given)
            return redirect("credits-add")
    return _page(request, membership, {"rate": form}, status=422)


def _carry_out(request: HttpRequest, membership: Membership, action: str, form: Any) -> HttpResponse:
    try:
        nonce = _once(request, membership, action).claim(request.POST.get("once", ""))
    except StaleToken:
        return _confirm(request, membership, action, form, stale=_(STALE), status=409)
    if nonce is None:
        messages.info(request, _(SENT_BEFORE))
        return redirect("credits")
    try:
        messages.success(request, funding.carry_out(form, membership))
    except LedgerError as refusal:
        oncetokens.give_back(nonce)
        form.add_error("credits", funding.words_of(refusal))
        return _page(request, membership, {action: form}, status=422)
    return redirect("credits")


def _once(request: HttpRequest, membership: Membership, action: str) -> Once:
    return Once(membership.user_id, shell_for(request).place, action)


def _confirm(request: HttpRequest, membership: Membership, action: str, form: Any, *, stale: str = "", status: int = 200) -> HttpResponse:
    context = {
        "nav": "credits",
        "action": action,
        "confirmation": funding.confirmation_of(form, membership),
        "once": _once(request, membership, action).sign(),
        "stale": stale,
    }
    return fresh(request, "credits/confirm.html", context, status=status)


def _page(request: HttpRequest, membership: Membership, bound: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    account, packs, mode = account_of(request), granting.packs_of(membership.team), shell_for(request).mode
    unbound = {action: form(None, account, packs) for action, form in funding.FORMS.items()}
    refusal = granting.why_not(membership, mode)
    context = {
        "nav": "credits",
        "account": account,
        "packs": packs,
        "refusal": refusal,
        "whom": funding.whom_to_ask(membership.team_id, mode) if refusal else "",
        "forms": unbound | {"rate": funding.RateForm()} | (bound or {}),
        "rate": funding.rate_text(rates.rate_of(membership.team)),
        "own_rate": funding.rate_text(membership.team.usd_per_credit),
        "is_operator": membership.user.is_operator,
    }
    return fresh(request, "credits/add.html", context, status=status)
