"""Budgets as people set and read them: the most that a team, a member or a key may spend per hour, day or month, or in total.

What counts is what was held in the period, less what came back of it. Counting itself is in `spending`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts import audit, permissions
from playground.accounts.audit import Action
from playground.accounts.models import ApiKey, Membership, Mode, Team, User
from playground.accounts.permissions import Permission
from playground.core import clock
from playground.core.money import format_credits
from playground.core.wording import Labels
from playground.credits import periods, spending, sums
from playground.credits.errors import BudgetBelowSpent, BudgetExceeded, LedgerError, NotAllowed
from playground.credits.models import Account, Budget, Period, SubjectKind
from playground.credits.services import MOST_MILLICREDITS, account_for

_PERIOD_WORDS = Labels(
    {
        Period.HOUR: gettext_noop("this hour"),
        Period.DAY: gettext_noop("today"),
        Period.MONTH: gettext_noop("this month"),
        Period.TOTAL: gettext_noop("in total"),
    }
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose budget: `Subject.team()`, `Subject.member(user_id)`, `Subject.key(key_id)`."""

    kind: SubjectKind
    id: int = 0

    @classmethod
    def team(cls) -> Subject:
        return cls(SubjectKind.TEAM)

    @classmethod
    def member(cls, user_id: int) -> Subject:
        return cls(SubjectKind.MEMBER, user_id)

    @classmethod
    def key(cls, key_id: int) -> Subject:
        return cls(SubjectKind.KEY, key_id)


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget in the present period. `subject_words` is a name; `period_words` fit behind a number: `today`, `this month`.

    `percent` is at most 100; `is_gone` says that the member has left or the key was revoked.
    """

    id: int
    subject: Subject
    subject_words: str
    period: Period
    period_words: str
    used_millicredits: int
    limit_millicredits: int
    percent: int
    is_warned: bool
    is_reached: bool
    is_gone: bool

    @property
    def left_millicredits(self) -> int:
        return max(0, self.limit_millicredits - self.used_millicredits)


def budgets_of(account_id: int) -> list[BudgetState]:
    """The team's first, then members' and keys', each by name. At most four queries."""
    budgets = list(Budget.objects.filter(account_id=account_id))
    if not budgets:
        return []
    names = _Names(account_id, budgets)
    order = list(SubjectKind)
    states = [_state(budget, spending.used_now(budget), names) for budget in budgets]
    return sorted(
        states, key=lambda one: (order.index(one.subject.kind), one.subject_words, one.subject.id, list(Period).index(one.period))
    )


def set_budget(
    *,
    team: Team,
    mode: Mode,
    subject: Subject,
    period: Period | str,
    limit_millicredits: int,
    by: Membership | None = None,
    confirmed: bool = False,
) -> BudgetState:
    """Set or change a budget. Without `by` the operator asks. What was spent in the period before counts, too.

    Raises NotAllowed, LedgerError (an absurd limit, a subject that is not the team's), or BudgetBelowSpent where the limit
    is under what was spent already and `confirmed` is not given. Calling it twice changes nothing the second time.
    """
    _require(by, team)
    kept = _checked_period(period)
    if limit_millicredits <= 0:
        raise LedgerError(_("A budget is more than nothing."))
    if limit_millicredits > MOST_MILLICREDITS:
        raise LedgerError(_("A budget is at most %(credits)s credits.") % {"credits": format_credits(MOST_MILLICREDITS)})
    _require_ours(team, mode, subject)
    account_id = account_for(team.pk, mode).pk
    with transaction.atomic():
        # Holds change the account's row first: none can come between the sum and the budget.
        Account.objects.select_for_update().get(pk=account_id)
        used = sums.used_in_period(account_id, subject.kind, subject.id, kept)
        if limit_millicredits < used and not confirmed:
            raise BudgetBelowSpent(_below(used, limit_millicredits, kept), used)
        budget, before = _write(account_id, subject, kept, limit_millicredits, used)
        if before != limit_millicredits:
            audit.record(
                Action.BUDGET_SET, team=team, subject=spending.whose(budget), mode=mode, period=str(kept), before=before,
                limit_millicredits=limit_millicredits,
            )  # fmt: skip
    return _state(budget, used, _Names(account_id, [budget]))


def remove_budget(*, team: Team, budget_id: int, by: Membership | None = None) -> None:
    """Take a budget away. Raises NotAllowed; Budget.DoesNotExist for one of another team, or that is gone already."""
    _require(by, team)
    with transaction.atomic():
        budget = Budget.objects.select_related("account").get(pk=budget_id, account__team=team)
        Account.objects.select_for_update().get(pk=budget.account_id)
        if Budget.objects.filter(pk=budget_id).delete()[0]:
            audit.record(
                Action.BUDGET_REMOVED, team=team, subject=spending.whose(budget), mode=budget.account.mode, period=budget.period,
                before=budget.limit_millicredits,
            )  # fmt: skip


def would_stop(account_id: int, *, user_id: int | None, key_id: int | None, millicredits: int) -> BudgetExceeded | None:
    """What a run at this price would be refused with at this moment. One query; raises nothing."""
    return spending.first_exceeded(spending.applicable(account_id, user_id, key_id), millicredits, clock.now())


def _write(account_id: int, subject: Subject, period: Period, limit: int, used: int) -> tuple[Budget, int | None]:
    """The budget, and its limit before."""
    start = periods.began(period, clock.now())
    key = {"account_id": account_id, "subject": subject.kind, "subject_id": subject.id, "period": period}
    budget = Budget.objects.filter(**key).first()
    if budget is None:
        return Budget.objects.create(**key, limit_millicredits=limit, used_millicredits=used, period_start=start), None
    before = budget.limit_millicredits
    budget.limit_millicredits, budget.used_millicredits = limit, used
    # A higher limit is warned about anew.
    if budget.period_start != start or not spending.is_nearly_used(used, limit):
        budget.warned_at = None
    if budget.period_start != start or used < limit:
        budget.reached_at = None
    budget.period_start = start
    budget.save(update_fields=["limit_millicredits", "used_millicredits", "warned_at", "reached_at", "period_start"])
    return budget, before


def _below(used: int, limit: int, period: Period) -> str:
    words = _("%(used)s credits are spent %(period)s already, more than %(limit)s.")
    spent = words % {"used": format_credits(used), "period": _PERIOD_WORDS[period], "limit": format_credits(limit)}
    following = periods.ends(period, periods.began(period, clock.now()))
    if following is None:
        return f"{spent} {_('With this budget nothing runs any more.')}"
    stopped = _("With this budget nothing runs until it begins anew %(when)s.") % {"when": periods.moment_words(period, following)}
    return f"{spent} {stopped}"


def _require(by: Membership | None, team: Team) -> None:
    if by is not None and (by.team_id != team.pk or not permissions.allows(by.role, Permission.BUDGETS)):
        raise NotAllowed(permissions.refusal(by, Permission.BUDGETS))


def _checked_period(period: Period | str) -> Period:
    try:
        return Period(period)
    except ValueError:
        raise LedgerError(_("A budget is per hour, day or month, or in total.")) from None


def _require_ours(team: Team, mode: Mode, subject: Subject) -> None:
    if subject.kind == SubjectKind.MEMBER and not Membership.objects.filter(team=team, user_id=subject.id).exists():
        raise LedgerError(_("There is no such member in the team."))
    if subject.kind == SubjectKind.KEY and not ApiKey.objects.filter(team=team, mode=mode, pk=subject.id, revoked_at=None).exists():
        raise LedgerError(_("There is no such live key in the team.") if mode == "live" else _("There is no such test key in the team."))


class _Names:
    """Whom budgets are of, for people."""

    def __init__(self, account_id: int, budgets: list[Budget]) -> None:
        user_ids = [budget.subject_id for budget in budgets if budget.subject == SubjectKind.MEMBER]
        key_ids = [budget.subject_id for budget in budgets if budget.subject == SubjectKind.KEY]
        self._users = {user.pk: user for user in User.objects.filter(pk__in=user_ids)} if user_ids else {}
        self._keys = {key.pk: key for key in ApiKey.objects.filter(pk__in=key_ids)} if key_ids else {}
        members = Membership.objects.filter(user_id__in=user_ids, team__accounts=account_id)
        self._members = set(members.values_list("user_id", flat=True)) if user_ids else set()

    def of(self, budget: Budget) -> tuple[str, bool]:
        """The name, and whether it is of the past."""
        if budget.subject == SubjectKind.TEAM:
            return _("The team"), False
        if budget.subject == SubjectKind.KEY:
            key = self._keys.get(budget.subject_id)
            return (key.name, not key.is_valid) if key else (_("A key that is gone"), True)
        user = self._users.get(budget.subject_id)
        return (str(user), user.pk not in self._members) if user else (_("Somebody who is gone"), True)


def _state(budget: Budget, used: int, names: _Names) -> BudgetState:
    words, is_gone = names.of(budget)
    limit = budget.limit_millicredits
    period = Period(budget.period)
    return BudgetState(
        id=budget.pk,
        subject=Subject(SubjectKind(budget.subject), budget.subject_id),
        subject_words=words,
        period=period,
        period_words=_PERIOD_WORDS[period],
        used_millicredits=used,
        limit_millicredits=limit,
        percent=min(100, used * 100 // limit),
        is_warned=spending.is_nearly_used(used, limit),
        is_reached=used >= limit,
        is_gone=is_gone,
    )
