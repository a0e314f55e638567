"""An API key with its caps: the most that it may spend in an hour, in a day and in total.

Caps are budgets of the key, so that they are counted with every hold, under the account's lock, and given back with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts import keyring, permissions
from playground.accounts.keyring import KeySettings
from playground.accounts.models import ApiKey, Membership, Mode
from playground.accounts.permissions import Permission
from playground.accounts.services import create_key
from playground.core.money import format_credits
from playground.credits.budgets import BudgetState, Subject, budgets_of, remove_budget, set_budget
from playground.credits.errors import NotAllowed
from playground.credits.models import Account, Period

CAP_PERIODS = (Period.HOUR, Period.DAY, Period.TOTAL)
# None: no cap.
Caps = Mapping[Period, int | None]


def caps_of(key: ApiKey) -> dict[Period, BudgetState]:
    account_id = Account.objects.filter(team_id=key.team_id, mode=key.mode).values_list("pk", flat=True).first()
    mine = [state for state in budgets_of(account_id) if state.subject == Subject.key(key.pk)] if account_id else []
    return {state.period: state for state in mine if state.period in CAP_PERIODS}


@transaction.atomic
def make_key(by: Membership, *, mode: Mode, wanted: KeySettings, caps: Caps) -> tuple[ApiKey, str]:
    """A key with its caps, or neither. Raises AccountsError or LedgerError."""
    key, secret = create_key(team=by.team, mode=mode, created_by=by.user, wanted=wanted)
    _set(key, caps, {})
    return key, secret


@transaction.atomic
def change_key(by: Membership, key: ApiKey, *, wanted: KeySettings, caps: Caps) -> bool:
    """Change a key and its caps; False where nothing is different. Raises AccountsError, LedgerError or NotAllowed.

    Who may not set budgets may still bind a key of theirs closer, but not loosen what binds it: others may have set it.
    """
    before = caps_of(key)
    if not permissions.allows(by.role, Permission.BUDGETS):
        _require_not_looser(by, before, caps)
    is_changed = keyring.change_key(key, wanted)
    return _set(key, caps, before) or is_changed


def _set(key: ApiKey, caps: Caps, before: Mapping[Period, BudgetState]) -> bool:
    is_changed = False
    for period, limit in caps.items():
        known = before.get(period)
        if limit == (known.limit_millicredits if known else None):
            continue
        is_changed = True
        if limit is None and known is not None:
            remove_budget(team=key.team, budget_id=known.id)
        elif limit is not None:
            mode: Mode = "live" if key.mode == "live" else "test"
            # A cap under what is spent already is a way to stop a key: its page says so.
            set_budget(team=key.team, mode=mode, subject=Subject.key(key.pk), period=period, limit_millicredits=limit, confirmed=True)
    return is_changed


def _require_not_looser(by: Membership, before: Mapping[Period, BudgetState], caps: Caps) -> None:
    for period, known in before.items():
        limit = caps.get(period, known.limit_millicredits)
        if limit is None or limit > known.limit_millicredits:
            words = _("A cap of %(limit)s credits may be lowered, not raised or removed.")
            told = words % {"limit": format_credits(known.limit_millicredits)}
            raise NotAllowed(f"{told} {permissions.refusal(by, Permission.BUDGETS)}")
