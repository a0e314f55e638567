"""What the Credits page says: four numbers, thirty days of use, and how much of each budget is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from playground.accounts.models import ApiKey, User
from playground.credits import budgets, periods, usage
from playground.credits.budgets import BudgetState
from playground.credits.models import Account, Period, SubjectKind
from playground.web.catalogue import Offer, default_card, offer_of
from playground.web.ledger import gone, title_of
from playground.web.ledgerfilters import label_among
from playground.web.usagechart import DAYS, Chart, Use, chart_of


@dataclass(frozen=True, slots=True)
class Stats:
    """`enough_for` counts jobs of the model that the page names; `budget` is the team's of the month, if it has one."""

    account: Account
    month: usage.Month
    budget: BudgetState | None
    offer: Offer
    enough_for: int


def stats_of(account: Account, states: Iterable[BudgetState]) -> Stats:
    offer = offer_of(default_card())
    return Stats(
        account=account,
        month=usage.this_month(account.pk),
        budget=next((one for one in states if one.subject.kind == SubjectKind.TEAM and one.period == Period.MONTH), None),
        offer=offer,
        enough_for=account.available_millicredits // offer.price.hold_millicredits if offer.price else 0,
    )


def states_of(account: Account) -> list[BudgetState]:
    """The budgets that still stop somebody."""
    return [state for state in budgets.budgets_of(account.pk) if not state.is_gone]


def usage_of(account: Account, by: usage.Group) -> Chart:
    last = periods.today()
    rows = usage.by_day(account.pk, by, last - timedelta(days=DAYS - 1), last)
    if by == "member":
        people = {user.pk: str(user) for user in User.objects.filter(pk__in={row.user_id for row in rows if row.user_id})}
        uses = [Use(row.day, row.user_id, people.get(row.user_id or 0, gone()), row.charged_millicredits) for row in rows]
    elif by == "key":
        keys = dict(ApiKey.objects.filter(pk__in={row.key_id for row in rows if row.key_id}).values_list("pk", "name"))
        uses = [Use(row.day, row.key_id, _key_label(row.key_id, keys), row.charged_millicredits) for row in rows]
    else:
        titles = {model: title_of(*model) for model in {(row.gateway, row.model_id) for row in rows}}
        uses = [_of_model(row, titles) for row in rows]
    return chart_of(uses, last)


def _of_model(row: usage.UseRow, titles: dict[tuple[str, str], str]) -> Use:
    model = (row.gateway, row.model_id)
    return Use(row.day, model, label_among(model, titles) or _("Not recorded"), row.charged_millicredits)


def _key_label(key_id: int | None, names: dict[int, str]) -> str:
    if key_id is None:
        return _("In the page")
    return names.get(key_id, _("A key that is gone"))
