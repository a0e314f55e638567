"""The only writer of the ledger. Every function joins the caller's transaction and locks the account row by its UPDATE.

Raises InsufficientCredits when a hold does not fit the balance and BudgetExceeded when it does not fit a budget; a second
hold, capture or release of the same job raises IntegrityError from the database, so that even a fault in the state
machine cannot charge twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground import flatsql
from playground.accounts import audit
from playground.accounts.audit import Action
from playground.accounts.models import Mode, Team, User
from playground.core import clock
from playground.core.money import format_credits
from playground.credits import daily, spending, sums
from playground.credits.errors import BudgetExceeded, InsufficientCredits, LedgerError
from playground.credits.invariants import INVARIANTS, Discrepancy
from playground.credits.models import Account, Entry, EntryKind

__all__ = ["BudgetExceeded", "InsufficientCredits", "LedgerError", "Origin", "account_for", "account_id_for", "adjust", "balance_of"]
__all__ += ["capture", "grant", "hold", "hold_within", "rebalance", "release", "verify"]
# A slip of the keyboard must not reach the end of a 64-bit column.
MOST_MILLICREDITS = 10**15
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """Who holds credits, and for what. A key's holds are those of whoever made it, too."""

    user_id: int | None = None
    key_id: int | None = None
    gateway: str = ""
    model_id: str = ""


NOWHERE = Origin()


def account_for(team_id: int, mode: Mode) -> Account:
    """The account, made on first use; a new test account starts with TEST_CREDITS."""
    account = Account.objects.filter(team_id=team_id, mode=mode).first()
    if account is not None:
        return account
    with transaction.atomic():
        account, is_new = Account.objects.get_or_create(team_id=team_id, mode=mode)
        if is_new and mode == "test":
            beginning = Entry(account_id=account.pk, kind=EntryKind.GRANT, note=gettext_noop("Test credits to start with"))
            _move(beginning, settings.TEST_MILLICREDITS, 0)
            account.refresh_from_db()
    return account


def account_id_for(team_id: int, mode: Mode) -> int:
    """The account's key alone, in one flat statement."""
    found: int | None = flatsql.value("SELECT id FROM credits_account WHERE team_id = %s AND mode = %s", [team_id, mode])
    return account_for(team_id, mode).pk if found is None else found


def balance_of(team_id: int, mode: Mode) -> int | None:
    """What is available, without making the account; None while there is none."""
    sql = "SELECT available_millicredits FROM credits_account WHERE team_id = %s AND mode = %s"
    found: int | None = flatsql.value(sql, [team_id, mode])
    return found


@transaction.atomic
def grant(*, team: Team, mode: Mode, millicredits: int, note: str = "", actor: User | None = None) -> Account:
    """Add credits, with a line in the audit log. Raises LedgerError."""
    if millicredits <= 0:
        raise LedgerError(_("A top-up must be more than nothing."))
    _require_sensible(_("A top-up may have at most %(credits)s credits."), millicredits)
    account = _moved_by_hand(team, mode, EntryKind.GRANT, millicredits, note.strip(), actor)
    _record(Action.CREDITS_GRANTED, account, millicredits, note, actor)
    return account


@transaction.atomic
def adjust(*, team: Team, mode: Mode, millicredits: int, note: str, actor: User | None = None) -> Account:
    """Correct the available credits up or down; needs a reason and may not go below zero. Raises LedgerError."""
    if not note.strip():
        raise LedgerError(_("An adjustment needs a reason."))
    if millicredits == 0:
        raise LedgerError(_("An adjustment is more or less than nothing."))
    _require_sensible(_("An adjustment may have at most %(credits)s credits."), millicredits)
    account = _moved_by_hand(team, mode, EntryKind.ADJUST, millicredits, note.strip(), actor)
    _record(Action.CREDITS_ADJUSTED, account, millicredits, note, actor)
    return account


def _require_sensible(refusal: str, millicredits: int) -> None:
    if abs(millicredits) > MOST_MILLICREDITS:
        raise LedgerError(refusal % {"credits": format_credits(MOST_MILLICREDITS)})


def _moved_by_hand(team: Team, mode: Mode, kind: EntryKind, millicredits: int, note: str, actor: User | None) -> Account:
    if len(note) > LONGEST_NOTE:
        raise LedgerError(_("A note has at most %(count)s characters.") % {"count": LONGEST_NOTE})
    account = account_for(team.pk, mode)
    actor_id = actor.pk if actor else None
    entry = Entry(account_id=account.pk, kind=kind, note=note, actor_id=actor_id, by_user_id=actor_id)
    if _move(entry, millicredits, 0).available > MOST_MILLICREDITS * 10:
        raise LedgerError(_("An account may have at most %(credits)s credits.") % {"credits": format_credits(MOST_MILLICREDITS * 10)})
    account.refresh_from_db()
    return account


def _record(action: Action, account: Account, millicredits: int, note: str, actor: User | None) -> None:
    by = audit.person(actor) if actor else None
    audit.record(action, team=account.team_id, by=by, subject=note.strip(), mode=account.mode, millicredits=millicredits)


@transaction.atomic
def hold(*, account_id: int, job_id: UUID, millicredits: int, origin: Origin = NOWHERE) -> int:
    """Move credits from available to held for a job, and count them in its budgets; returns what is available after.

    Raises InsufficientCredits or BudgetExceeded, with nothing written if the caller leaves the transaction.
    """
    return hold_within(account_id=account_id, job_id=job_id, millicredits=millicredits, origin=origin)


def hold_within(*, account_id: int, job_id: UUID, millicredits: int, origin: Origin = NOWHERE) -> int:
    """`hold` without a savepoint of its own, for callers inside a transaction that they leave at whatever it raises."""
    entry = flatsql.made(
        Entry,
        account_id=account_id,
        job_id=job_id,
        kind=EntryKind.HOLD,
        by_user_id=origin.user_id,
        by_key_id=origin.key_id,
        gateway=origin.gateway,
        model_id=origin.model_id,
    )
    after = _move(entry, -millicredits, millicredits)
    if after.has_budgets:
        spending.count(entry)
    return after.available


def capture(*, job_id: UUID, millicredits: int) -> int:
    """Charge a job from its hold and give the rest back; returns what was charged.

    More than the hold is never taken: the hold is captured, and the caller flags the difference.
    """
    hold_entry = Entry.objects.get(job_id=job_id, kind=EntryKind.HOLD)
    charged = max(0, min(millicredits, hold_entry.held_delta_millicredits))
    _settle(hold_entry, EntryKind.CAPTURE, charged)
    return charged


def release(*, job_id: UUID) -> int:
    """Give a job's hold back in full; returns how much that was."""
    hold_entry = Entry.objects.get(job_id=job_id, kind=EntryKind.HOLD)
    _settle(hold_entry, EntryKind.RELEASE, 0)
    return hold_entry.held_delta_millicredits


@transaction.atomic
def _settle(hold_entry: Entry, kind: EntryKind, charged: int) -> None:
    held = hold_entry.held_delta_millicredits
    entry = Entry(
        account_id=hold_entry.account_id,
        job_id=hold_entry.job_id,
        kind=kind,
        by_user_id=hold_entry.by_user_id,
        by_key_id=hold_entry.by_key_id,
        gateway=hold_entry.gateway,
        model_id=hold_entry.model_id,
    )
    after = _move(entry, held - charged, -held)
    daily.count(entry)
    if after.has_budgets:
        spending.give_back(hold_entry, held - charged)


@dataclass(frozen=True, slots=True)
class _After:
    available: int
    has_budgets: bool


def _move(entry: Entry, available_delta: int, held_delta: int) -> _After:
    """Change the account and write the entry, whose amounts and moment are set here. Call it inside a transaction."""
    # The guarded UPDATE is the lock: two holds that together exceed the balance cannot both match.
    changed = flatsql.execute(
        "UPDATE credits_account SET available_millicredits = available_millicredits + %s,"
        " held_millicredits = held_millicredits + %s WHERE id = %s AND available_millicredits >= %s",
        [available_delta, held_delta, entry.account_id, -available_delta],
    )
    # Whether there are budgets is asked along the way: who has none pays no query for them.
    row = flatsql.row(
        "SELECT available_millicredits, EXISTS (SELECT 1 FROM credits_budget WHERE account_id = %s) FROM credits_account WHERE id = %s",
        [entry.account_id, entry.account_id],
    )
    assert row is not None
    if not changed:
        raise InsufficientCredits(row[0], -available_delta)
    entry.available_delta_millicredits = available_delta
    entry.held_delta_millicredits = held_delta
    entry.available_after_millicredits = row[0]
    # Read under the account's lock, so that the times of an account's entries are in their order.
    entry.created_at = clock.now()
    flatsql.insert(entry)
    return _After(row[0], bool(row[1]))


@transaction.atomic
def rebalance(account_id: int) -> None:
    """Set an account to what its entries sum to. Raises LedgerError where entries must be missing."""
    Account.objects.select_for_update().get(pk=account_id)
    available, held = sums.balance(account_id)
    if available < 0 or held < 0:
        raise LedgerError(f"The entries of account {account_id} sum to less than nothing: some are missing.")
    Account.objects.filter(pk=account_id).update(available_millicredits=available, held_millicredits=held)


def verify() -> list[Discrepancy]:
    """What contradicts the entries or is wrong among them; an empty list proves the ledger."""
    return [found for invariant in INVARIANTS for found in invariant.find()]
