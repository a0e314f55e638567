"""What a credit costs: USD_PER_CREDIT, or a team's own rate."""

from __future__ import annotations

import time
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts import audit
from playground.accounts.audit import Action
from playground.accounts.models import Membership, Team
from playground.credits.errors import LedgerError, NotAllowed

CACHE_SECONDS = 1.0
MOST_USD = Decimal(1000)
_MOST_REMEMBERED = 10_000

_memory: dict[int, tuple[float, Decimal | None]] = {}


def rate_of(team: Team | None) -> Decimal:
    """USD for one credit."""
    return team.usd_per_credit if team and team.usd_per_credit else Decimal(settings.USD_PER_CREDIT)


def rate_for(team_id: int) -> Decimal:
    """The same by the team's id, for hot paths: at most one query a second."""
    remembered = _memory.get(team_id)
    if remembered is None or time.monotonic() - remembered[0] >= CACHE_SECONDS:
        if len(_memory) > _MOST_REMEMBERED:
            _memory.clear()
        own = Team.objects.filter(pk=team_id).values_list("usd_per_credit", flat=True).first()
        remembered = _memory[team_id] = time.monotonic(), own
    return remembered[1] or Decimal(settings.USD_PER_CREDIT)


@transaction.atomic
def set_rate(team: Team, usd_per_credit: Decimal | None, *, by: Membership | None = None) -> None:
    """Give a team a rate of its own; None returns to USD_PER_CREDIT. Without `by` the command line asks.

    Jobs that exist keep the rate they were made at. Raises NotAllowed or LedgerError.
    """
    if by is not None and not by.user.is_operator:
        raise NotAllowed(_("What a credit costs is set by whoever runs this installation."))
    if usd_per_credit is not None:
        _require_sensible(usd_per_credit)
    before = Team.objects.select_for_update().get(pk=team.pk).usd_per_credit
    if before == usd_per_credit:
        return
    Team.objects.filter(pk=team.pk).update(usd_per_credit=usd_per_credit)
    team.usd_per_credit = usd_per_credit
    audit.record(Action.RATE_SET, team=team, subject=team.name, before=_text(before), usd_per_credit=_text(usd_per_credit))
    _memory.pop(team.pk, None)


def _require_sensible(usd_per_credit: Decimal) -> None:
    if not usd_per_credit.is_finite() or not 0 < usd_per_credit <= MOST_USD:
        raise LedgerError(_("A credit costs more than $0 and at most $%(most)s.") % {"most": f"{MOST_USD:,}"})
    if usd_per_credit != round(usd_per_credit, 6):
        raise LedgerError(_("The price of a credit has at most six decimals."))


def _text(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate:f}"


def forget() -> None:
    """Empty this process's memory of rates, so that a change counts at once."""
    _memory.clear()
