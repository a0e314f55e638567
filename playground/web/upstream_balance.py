"""For the operator: what the providers have left for us, how long it lasts, and what the teams could still spend of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.accounts import permissions
from playground.accounts.permissions import Permission
from playground.core.money import format_credits
from playground.core.wording import credits_in_words
from playground.jobs import provider_balances
from playground.jobs.provider_balances import Outlook, Owed
from playground.web.context import shell_for

LONG_DAYS = 365


@dataclass(frozen=True, slots=True)
class BalanceRow:
    outlook: Outlook

    @property
    def lasts(self) -> str:
        """For a table: `about 2 days`."""
        if self.outlook.days is None:
            return _("Not known") if self.outlook.balance_millicredits is None else _("Nothing was taken this week")
        return _days_words(self.outlook.days)

    @property
    def warning(self) -> str:
        """Before it runs out, in numbers; "" while there is enough."""
        outlook = self.outlook
        if not outlook.is_low:
            return ""
        if outlook.is_empty:
            return _("%(provider)s has no credits left: live jobs wait until there are some.") % {"provider": outlook.title}
        if not outlook.is_short_of_days:
            words = _("%(provider)s has %(credits)s left: jobs under way may take %(held)s.")
        elif outlook.is_short_of_held:
            words = _("%(provider)s has %(credits)s left: %(time)s at the pace of this week, and jobs under way may take %(held)s.")
        else:
            words = _("%(provider)s has %(credits)s left: %(time)s at the pace of this week.")
        return words % {
            "provider": outlook.title,
            "credits": credits_in_words(outlook.balance_millicredits or 0),
            "time": _days_words(outlook.days or 0),
            "held": format_credits(outlook.held_millicredits),
        }


@dataclass(frozen=True, slots=True)
class UpstreamBalance:
    rows: list[BalanceRow]
    owed: Owed

    @property
    def warnings(self) -> list[str]:
        return [row.warning for row in self.rows if row.warning]

    @property
    def left_millicredits(self) -> int:
        return sum(row.outlook.balance_millicredits or 0 for row in self.rows)

    @property
    def owed_words(self) -> str:
        """Our promise beside what stands behind it."""
        credits, cost = self.owed.credits_millicredits, self.owed.cost_millicredits
        short = _whole(cost - self.left_millicredits)
        is_known = all(row.outlook.balance_millicredits is not None for row in self.rows)
        is_short, costs_the_same = is_known and short > 0, cost == credits
        words = _owed_short(costs_the_same=costs_the_same) if is_short else _owed(costs_the_same=costs_the_same)
        told = words % {"credits": credits_in_words(credits), "cost": format_credits(_whole(cost)), "missing": format_credits(short)}
        return f"{told} {_('What is left there covers it.')}" if is_known and not is_short else told


def for_operator(request: HttpRequest) -> UpstreamBalance | None:
    """None for everybody else, and where no live provider has a key."""
    shell = shell_for(request)
    may_see = shell.membership is not None and permissions.allows(shell.membership.role, Permission.PROVIDERS)
    if not (may_see and is_operator(request)):
        return None
    rows = [BalanceRow(outlook) for outlook in provider_balances.outlooks()]
    return UpstreamBalance(rows, provider_balances.owed()) if rows else None


def is_operator(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_operator


def fragment(request: HttpRequest) -> dict[str, Any]:
    """What `credits/_upstream.html` shows: warnings in either mode, the numbers beside live credits only."""
    return {"upstream": for_operator(request), "has_numbers": shell_for(request).mode == "live"}


def _owed(*, costs_the_same: bool) -> str:
    if costs_the_same:
        return _("All teams together have %(credits)s for live jobs.")
    return _("All teams together have %(credits)s for live jobs, which come to about %(cost)s there at the cost of this week.")


def _owed_short(*, costs_the_same: bool) -> str:
    if costs_the_same:
        return _("All teams together have %(credits)s for live jobs: %(missing)s more than is left there.")
    return _(
        "All teams together have %(credits)s for live jobs, which come to about %(cost)s there at the cost of this week:"
        " %(missing)s more than is left there."
    )


def _whole(millicredits: int) -> int:
    """Rounded up to credits: this is what must be there."""
    return -(-millicredits // 1000) * 1000


def _days_words(days: float) -> str:
    """Rounded down: better a day early than a day late."""
    whole = int(days)
    if whole > LONG_DAYS:
        return _("more than a year")
    if whole == 0:
        return _("less than a day")
    return ngettext("about %(days)s day", "about %(days)s days", whole) % {"days": f"{whole:,}"}
