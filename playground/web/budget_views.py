"""Budgets of the team, its members and its keys. Each row is a form of its own, with and without script."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission
from playground.credits.budgets import BudgetState, budgets_of, remove_budget
from playground.web import budgeting
from playground.web.access import allowed
from playground.web.budgeting import BudgetForm, LimitForm, Row
from playground.web.credits_views import account_of
from playground.web.htmx import fresh, is_htmx, uncached


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Permission.BUDGETS)
def budgets(request: HttpRequest, membership: Membership) -> HttpResponse:
    """All of them, and the form for one more."""
    account = account_of(request)
    form = BudgetForm(request.POST if request.method == "POST" else None, account)
    if not form.is_bound:
        return _page(request, form)
    question = ""
    if form.is_valid():
        given = form.cleaned_data
        subject = budgeting.subject_of(given["subject"])
        question = budgeting.save(form, membership, account, subject, given["period"], confirmed=_is_confirmed(request))
        if not question and form.is_valid():
            whose = dict(budgeting.subjects_of(account))[given["subject"]]
            messages.success(request, _("Budget of %(subject)s set.") % {"subject": whose})
            return redirect("budgets")
    return _page(request, form, question=question, status=422)


@require_POST
@allowed(Permission.BUDGETS)
def budget(request: HttpRequest, membership: Membership, budget_id: int) -> HttpResponse:
    """A new limit; for htmx only the row comes back."""
    state = _state_or_404(request, budget_id)
    form = LimitForm(request.POST, state)
    question = ""
    if form.is_valid():
        confirmed = _is_confirmed(request)
        question = budgeting.save(form, membership, account_of(request), state.subject, state.period, confirmed=confirmed)
        if not question and form.is_valid():
            if not is_htmx(request):
                messages.success(request, _("Budget saved."))
                return redirect("budgets")
            saved = _state_or_404(request, budget_id)
            return fresh(request, "credits/_budget_row.html", {"row": _row(saved), "is_saved": True})
    row = Row(state, form, question)
    if is_htmx(request):
        return fresh(request, "credits/_budget_row.html", {"row": row}, status=422)
    return _page(request, BudgetForm(None, account_of(request)), changed=row, status=422)


@require_POST
@allowed(Permission.BUDGETS)
def budget_removal(request: HttpRequest, membership: Membership, budget_id: int) -> HttpResponse:
    state = _state_or_404(request, budget_id)
    remove_budget(team=membership.team, budget_id=state.id, by=membership)
    if is_htmx(request):
        return uncached(HttpResponse())
    messages.success(request, _("Budget of %(subject)s removed.") % {"subject": state.subject_words})
    return redirect("budgets")


def _is_confirmed(request: HttpRequest) -> bool:
    """The limit that was asked about, and no other."""
    return request.POST.get("confirmed", "") == request.POST.get("limit", "").strip() != ""


def _state_or_404(request: HttpRequest, budget_id: int) -> BudgetState:
    for state in budgets_of(account_of(request).pk):
        if state.id == budget_id:
            return state
    raise Http404("no such budget in this team and mode")


def _row(state: BudgetState) -> Row:
    return Row(state, LimitForm(None, state))


def _page(request: HttpRequest, form: BudgetForm, *, question: str = "", changed: Row | None = None, status: int = 200) -> HttpResponse:
    states = budgets_of(account_of(request).pk)
    rows = [changed if changed and changed.state.id == state.id else _row(state) for state in states]
    context: dict[str, Any] = {"nav": "credits", "rows": rows, "form": form, "question": question}
    return fresh(request, "credits/budgets.html", context, status=status)
