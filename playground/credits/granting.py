"""Credits that people add or correct in the page: who may, and in which mode."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from playground.accounts import permissions
from playground.accounts.models import Membership, Mode, Team
from playground.accounts.permissions import Permission
from playground.core import money
from playground.credits import services
from playground.credits.errors import NotAllowed
from playground.credits.models import Account
from playground.credits.rates import rate_of


@dataclass(frozen=True, slots=True)
class Pack:
    """An amount that is often added, and what it costs at the team's rate."""

    millicredits: int
    usd: Decimal


def packs_of(team: Team) -> list[Pack]:
    """CREDIT_PACKS at the team's rate."""
    amounts = [money.to_millicredits(credits) for credits in settings.CREDIT_PACKS]
    return [Pack(amount, money.usd(amount, rate_of(team))) for amount in amounts]


def why_not(by: Membership, mode: Mode) -> str:
    """Why this person may not add or adjust credits in this mode, or "".

    Live credits are paid for by whoever pays the providers: the operator of the installation, and no owner of a team.
    """
    if not permissions.allows(by.role, Permission.CREDITS):
        return permissions.refusal(by, Permission.CREDITS)
    if mode == "live" and not by.user.is_operator:
        return _("Live credits are given out by whoever runs this installation.")
    return ""


def grant_from_page(by: Membership, mode: Mode, millicredits: int, note: str = "") -> Account:
    """Add credits to the member's team. Raises NotAllowed or LedgerError."""
    _require(by, mode)
    return services.grant(team=by.team, mode=mode, millicredits=millicredits, note=note, actor=by.user)


def adjust_from_page(by: Membership, mode: Mode, millicredits: int, note: str) -> Account:
    """Correct the credits of the member's team up or down, with a reason. Raises NotAllowed or LedgerError."""
    _require(by, mode)
    return services.adjust(team=by.team, mode=mode, millicredits=millicredits, note=note, actor=by.user)


def _require(by: Membership, mode: Mode) -> None:
    if words := why_not(by, mode):
        raise NotAllowed(words)
