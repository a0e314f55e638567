"""Counting holds in budgets: the hot path of `services.hold` and of the settlements.

Whoever is here has changed the account's row in this transaction, and so holds its lock: budgets are never locked in
another order. The guarded UPDATE is the truth all the same; what was read before it only finds the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from playground import flatsql
from playground.accounts import audit
from playground.accounts.audit import Action
from playground.accounts.models import ApiKey, User
from playground.core import clock
from playground.core.money import format_credits
from playground.credits import periods
from playground.credits.errors import BudgetExceeded
from playground.credits.models import Account, Budget, Entry, Period, SubjectKind

WARN_PERCENT = 80

_MINE = "(subject = 'team' OR (subject = 'member' AND subject_id = %s) OR (subject = 'key' AND subject_id = %s))"
# A period only ever begins: a clock that is late by a moment counts in the one that has begun already.
_COUNT = """
UPDATE credits_budget SET
    used_millicredits = CASE WHEN period_start >= %s THEN used_millicredits ELSE 0 END + %s,
    warned_at = CASE WHEN period_start >= %s THEN warned_at ELSE NULL END,
    reached_at = CASE WHEN period_start >= %s THEN reached_at ELSE NULL END,
    period_start = CASE WHEN period_start >= %s THEN period_start ELSE %s END
WHERE id = %s AND CASE WHEN period_start >= %s THEN used_millicredits ELSE 0 END + %s <= limit_millicredits
"""
_PERIODS = tuple(Period)
_SAME_PERIOD = " OR ".join(f"(period = '{period}' AND period_start = %s)" for period in _PERIODS)
_GIVE_BACK = f"""
UPDATE credits_budget SET used_millicredits = used_millicredits - %s
WHERE account_id = %s AND {_MINE} AND used_millicredits >= %s
    AND ({_SAME_PERIOD})
"""  # noqa: S608


def applicable(account_id: int, user_id: int | None, key_id: int | None) -> list[Budget]:
    """The budgets that a run counts in: the team's, the member's and the key's; in the order in which they are changed."""
    budgets = flatsql.find(Budget, order_by="id", account_id=account_id)
    ids = {SubjectKind.TEAM: 0, SubjectKind.MEMBER: user_id, SubjectKind.KEY: key_id}
    return [budget for budget in budgets if budget.subject_id == ids[SubjectKind(budget.subject)]]


def used_at(budget: Budget, at: datetime) -> int:
    """What is used of the period in which the moment lies: nothing, while no hold has begun it."""
    return budget.used_millicredits if budget.period_start >= periods.began(budget.period, at) else 0


def used_now(budget: Budget) -> int:
    return used_at(budget, clock.now())


def count(hold: Entry) -> None:
    """Count a hold in every budget that applies. Raises BudgetExceeded, whose caller must leave the transaction."""
    millicredits = hold.held_delta_millicredits
    if millicredits == 0:
        return
    at = hold.created_at
    for budget in applicable(hold.account_id, hold.by_user_id, hold.by_key_id):
        start = flatsql.moment(periods.began(budget.period, at))
        changed = flatsql.execute(_COUNT, [start, millicredits, start, start, start, start, budget.pk, start, millicredits])
        if not changed:
            raise exceeded(budget, millicredits, at)
        _note_marks(budget, used_at(budget, at), millicredits, at)


def _note_marks(budget: Budget, before: int, millicredits: int, at: datetime) -> None:
    """Write down, once in a period, that most or all of a budget is used."""
    after, limit = before + millicredits, budget.limit_millicredits
    is_same = budget.period_start >= periods.began(budget.period, at)
    if is_nearly_used(after, limit) and not (is_same and budget.warned_at):
        _mark(budget, Action.BUDGET_WARNED, after, at)
    if after >= limit and not (is_same and budget.reached_at):
        _mark(budget, Action.BUDGET_REACHED, after, at)


def _mark(budget: Budget, action: Action, used: int, at: datetime) -> bool:
    field = "warned_at" if action == Action.BUDGET_WARNED else "reached_at"
    if not Budget.objects.filter(pk=budget.pk, **{field: None}).update(**{field: at}):
        return False
    team_id, mode = Account.objects.values_list("team_id", "mode").get(pk=budget.account_id)
    limit = budget.limit_millicredits
    audit.record(
        action, team=team_id, subject=whose(budget), mode=mode, period=budget.period, used_millicredits=used, limit_millicredits=limit
    )  # fmt: skip
    return True


def note_reached(error: BudgetExceeded) -> None:
    """Write down, once in a period, that a budget stopped a run. Call it after the transaction that was left."""
    budget = Budget.objects.filter(pk=error.budget_id, reached_at=None).first()
    # A run that is dearer than half a budget which nobody used says nothing about the period.
    if budget is not None and is_nearly_used(used_now(budget), budget.limit_millicredits):
        _mark(budget, Action.BUDGET_REACHED, budget.used_millicredits, clock.now())


def is_nearly_used(used: int, limit: int) -> bool:
    return used * 100 >= limit * WARN_PERCENT


def give_back(hold: Entry, millicredits: int) -> None:
    """Take back what a settlement returned from the budgets of the period of its hold, if that is still the present one."""
    if millicredits == 0:
        return
    starts = [flatsql.moment(periods.began(period, hold.created_at)) for period in _PERIODS]
    flatsql.execute(
        _GIVE_BACK, [millicredits, hold.account_id, hold.by_user_id or -1, hold.by_key_id or -1, millicredits, *starts]
    )  # fmt: skip


def first_exceeded(budgets: Iterable[Budget], millicredits: int, at: datetime) -> BudgetExceeded | None:
    """What a hold of this size would be refused with. Reads only."""
    for budget in budgets:
        if millicredits and used_at(budget, at) + millicredits > budget.limit_millicredits:
            return exceeded(budget, millicredits, at)
    return None


def exceeded(budget: Budget, millicredits: int, at: datetime) -> BudgetExceeded:
    left = max(0, budget.limit_millicredits - used_at(budget, at))
    start = max(budget.period_start, periods.began(budget.period, at))
    if left * 2 < budget.limit_millicredits:
        words = _("%(budget)s of %(limit)s credits %(period)s is used up: %(needed)s needed, %(left)s left.")
    else:
        words = _("%(budget)s of %(limit)s credits %(period)s does not cover this: %(needed)s needed, %(left)s left.")
    told = words % {
        "budget": _whose(budget),
        "limit": format_credits(budget.limit_millicredits),
        "period": periods.words(budget.period, start),
        "needed": format_credits(millicredits),
        "left": format_credits(left),
    }
    words = f"{told} {periods.begins_anew(budget.period, start)}"
    return BudgetExceeded(
        words,
        budget_id=budget.pk,
        is_of_key=budget.subject == SubjectKind.KEY,
        period=str(budget.period),
        begins_anew_at=periods.ends(budget.period, start),
        needed_millicredits=millicredits,
        left_millicredits=left,
    )


def whose(budget: Budget) -> str:
    """`Mara's budget`, `The budget of the key CI`, `The team's budget`: in English, for the audit log and for operators."""
    with translation.override("en"):
        return _whose(budget)


def _whose(budget: Budget) -> str:
    if budget.subject == SubjectKind.TEAM:
        return _("The team's budget")
    if budget.subject == SubjectKind.KEY:
        name = ApiKey.objects.filter(pk=budget.subject_id).values_list("name", flat=True).first()
        return _("The budget of the key %(name)s") % {"name": name} if name else _("The budget of the key that is gone")
    user = User.objects.filter(pk=budget.subject_id).first()
    return _("%(name)s's budget") % {"name": user} if user else _("The budget of somebody who is gone")
