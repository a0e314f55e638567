"""Budgets as the page lists and changes them: whom one can have, the forms, and the question where it is spent already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playground.accounts import members
from playground.accounts.models import ApiKey, Membership, Mode
from playground.credits.budgets import BudgetState, Subject, set_budget
from playground.credits.errors import BudgetBelowSpent, LedgerError
from playground.credits.models import Account, Period, SubjectKind
from playground.web.amounts import Credits

_REQUIRED = {"required": gettext_lazy("Write the most that may be spent.")}
_PERIODS = [
    (Period.HOUR, gettext_lazy("An hour")),
    (Period.DAY, gettext_lazy("A day")),
    (Period.MONTH, gettext_lazy("A month")),
    (Period.TOTAL, gettext_lazy("In total")),
]


class LimitForm(forms.Form):
    """The limit alone: whose budget it is says the address."""

    limit = Credits(error_messages=_REQUIRED)

    def __init__(self, data: Mapping[str, Any] | None, state: BudgetState) -> None:
        super().__init__(data, auto_id=f"id_%s_{state.id}")


class BudgetForm(forms.Form):
    """A budget that is new, or takes the place of the one of the same subject and period."""

    subject = forms.ChoiceField(
        error_messages={"required": gettext_lazy("Choose for whom."), "invalid_choice": gettext_lazy("Choose one of these.")}
    )
    period = forms.ChoiceField(
        choices=_PERIODS,
        error_messages={"required": gettext_lazy("Choose for how long."), "invalid_choice": gettext_lazy("Choose one of these.")},
    )
    limit = Credits(error_messages=_REQUIRED)

    def __init__(self, data: Mapping[str, Any] | None, account: Account) -> None:
        super().__init__(data, initial={"subject": "team", "period": Period.MONTH})
        self.fields["subject"].choices = subjects_of(account)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Row:
    """A budget with its form. `question` is asked where more is spent already than the new limit."""

    state: BudgetState
    form: LimitForm
    question: str = ""


def subjects_of(account: Account) -> list[tuple[str, str]]:
    """The team, its members and its valid keys of the account's mode: `team`, `member:3`, `key:7`."""
    people = [(f"member:{one.user_id}", str(one.user)) for one in members.members_of(account.team_id)]
    keys = ApiKey.objects.filter(team_id=account.team_id, mode=account.mode, revoked_at=None).order_by("name", "pk")
    return [
        ("team", _("The whole team")),
        *people,
        *((f"key:{key.pk}", _("Key: %(name)s") % {"name": key.name}) for key in keys if key.is_valid),
    ]


def subject_of(text: str) -> Subject:
    """Of a value that `subjects_of` offered."""
    kind, _, number = text.partition(":")
    return Subject(SubjectKind(kind), int(number or 0))


def save(form: LimitForm | BudgetForm, membership: Membership, account: Account, subject: Subject, period: str, *, confirmed: bool) -> str:
    """Set the budget. "" when it is done, else the question; a refusal stands at the form's field."""
    mode: Mode = "live" if account.mode == "live" else "test"
    try:
        set_budget(
            team=membership.team, mode=mode, subject=subject, period=period, limit_millicredits=form.cleaned_data["limit"],
            by=membership, confirmed=confirmed,
        )  # fmt: skip
    except BudgetBelowSpent as below:
        return str(below)
    except LedgerError as refusal:
        form.add_error("limit", str(refusal))
    return ""
