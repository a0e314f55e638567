"""The only writer of the ledger. Every function joins the caller's transaction and locks the account row by its UPDATE.

Raises InsufficientCredits when a hold does not fit; a second hold, capture or release of the same job raises
IntegrityError from the database, so that even a fault in the state machine cannot charge twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from playground import flatsql
from playground.accounts.models import Team, User
from playground.accounts.services import Mode
from playground.core.money import format_credits
from playground.credits.models import Account, Entry, EntryKind

# A slip of the keyboard must not reach the end of a 64-bit column.
MOST_MILLICREDITS = 10**15


class LedgerError(Exception):
    """A movement that the ledger refuses; the message is for people."""


class InsufficientCredits(LedgerError):
    def __init__(self, available_millicredits: int, needed_millicredits: int) -> None:
        self.available_millicredits = available_millicredits
        self.needed_millicredits = needed_millicredits
        missing = needed_millicredits - available_millicredits
        super().__init__(f"You have {format_credits(available_millicredits)}. {format_credits(missing)} more needed.")


def account_for(team_id: int, mode: Mode) -> Account:
    """The account, made on first use; a new test account starts with TEST_CREDITS."""
    account = Account.objects.filter(team_id=team_id, mode=mode).first()
    if account is not None:
        return account
    with transaction.atomic():
        account, is_new = Account.objects.get_or_create(team_id=team_id, mode=mode)
        if is_new and mode == "test":
            _move(account.pk, EntryKind.GRANT, settings.TEST_MILLICREDITS, 0, note="Test credits to start with")
            account.refresh_from_db()
    return account


def account_id_for(team_id: int, mode: Mode) -> int:
    """The account's key alone, for hot paths."""
    found: int | None = flatsql.value("SELECT id FROM credits_account WHERE team_id = %s AND mode = %s", [team_id, mode])
    return account_for(team_id, mode).pk if found is None else found


def balance_of(team_id: int, mode: Mode) -> int | None:
    """What is available, without making the account; None while there is none."""
    sql = "SELECT available_millicredits FROM credits_account WHERE team_id = %s AND mode = %s"
    found: int | None = flatsql.value(sql, [team_id, mode])
    return found


def grant(*, team: Team, mode: Mode, millicredits: int, note: str = "", actor: User | None = None) -> Account:
    if millicredits <= 0:
        raise LedgerError("A top-up must be more than nothing.")
    if millicredits > MOST_MILLICREDITS:
        raise LedgerError(f"A top-up may have at most {format_credits(MOST_MILLICREDITS)} credits.")
    account = account_for(team.pk, mode)
    _move(account.pk, EntryKind.GRANT, millicredits, 0, note=note, actor_id=actor.pk if actor else None)
    account.refresh_from_db()
    return account


def adjust(*, team: Team, mode: Mode, millicredits: int, note: str, actor: User | None = None) -> Account:
    """Correct the available credits up or down; needs a reason and may not go below zero."""
    if not note.strip():
        raise LedgerError("An adjustment needs a reason.")
    account = account_for(team.pk, mode)
    _move(account.pk, EntryKind.ADJUST, millicredits, 0, note=note, actor_id=actor.pk if actor else None)
    account.refresh_from_db()
    return account


def hold(*, account_id: int, job_id: UUID, millicredits: int) -> int:
    """Move credits from available to held for a job; returns what is available after."""
    return _move(account_id, EntryKind.HOLD, -millicredits, millicredits, job_id=job_id)


def capture(*, job_id: UUID, millicredits: int) -> int:
    """Charge a job from its hold and give the rest back; returns what was charged.

    More than the hold is never taken: the hold is captured, and the caller flags the difference.
    """
    hold_entry = Entry.objects.get(job_id=job_id, kind=EntryKind.HOLD)
    held = hold_entry.held_delta_millicredits
    charged = max(0, min(millicredits, held))
    _move(hold_entry.account_id, EntryKind.CAPTURE, held - charged, -held, job_id=job_id)
    return charged


def release(*, job_id: UUID) -> int:
    """Give a job's hold back in full; returns how much that was."""
    hold_entry = Entry.objects.get(job_id=job_id, kind=EntryKind.HOLD)
    held = hold_entry.held_delta_millicredits
    _move(hold_entry.account_id, EntryKind.RELEASE, held, -held, job_id=job_id)
    return held


@transaction.atomic
def _move(
    account_id: int,
    kind: EntryKind,
    available_delta: int,
    held_delta: int,
    *,
    job_id: UUID | None = None,
    note: str = "",
    actor_id: int | None = None,
) -> int:
    # The guarded UPDATE is the lock: two holds that together exceed the balance cannot both match.
    changed = flatsql.execute(
        "UPDATE credits_account SET available_millicredits = available_millicredits + %s,"
        " held_millicredits = held_millicredits + %s WHERE id = %s AND available_millicredits >= %s",
        [available_delta, held_delta, account_id, -available_delta],
    )
    available: int = flatsql.value("SELECT available_millicredits FROM credits_account WHERE id = %s", [account_id])
    if not changed:
        raise InsufficientCredits(available, -available_delta)
    flatsql.insert(
        Entry(
            account_id=account_id,
            job_id=job_id,
            kind=kind,
            available_delta_millicredits=available_delta,
            held_delta_millicredits=held_delta,
            available_after_millicredits=available,
            note=note,
            actor_id=actor_id,
        )
    )
    return available


@dataclass(frozen=True, slots=True)
class Discrepancy:
    subject: str
    rule: str


def verify() -> list[Discrepancy]:
    """Recompute every account and every hold from the entries; an empty list proves the ledger."""
    found: list[Discrepancy] = []
    sums = {
        row["account_id"]: (row["available"], row["held"])
        for row in Entry.objects.values("account_id").annotate(
            available=Sum("available_delta_millicredits"), held=Sum("held_delta_millicredits")
        )
    }
    for account in Account.objects.select_related("team"):
        available, held = sums.get(account.pk, (0, 0))
        if (available, held) != (account.available_millicredits, account.held_millicredits):
            found.append(
                Discrepancy(
                    str(account),
                    f"the entries sum to {available}/{held}, the account says {account.available_millicredits}/{account.held_millicredits}",
                )
            )
    settled = Entry.objects.filter(kind__in=[EntryKind.CAPTURE, EntryKind.RELEASE])
    holds = dict(Entry.objects.filter(kind=EntryKind.HOLD).values_list("job_id", "held_delta_millicredits"))
    for entry in settled.iterator():
        held_before = holds.get(entry.job_id)
        if held_before is None:
            found.append(Discrepancy(f"job {entry.job_id}", f"{entry.kind} without a hold"))
        elif entry.held_delta_millicredits != -held_before:
            found.append(Discrepancy(f"job {entry.job_id}", f"{entry.kind} of another amount than was held"))
        elif not 0 <= entry.available_delta_millicredits <= held_before:
            found.append(Discrepancy(f"job {entry.job_id}", f"{entry.kind} returns more than was held"))
        elif entry.kind == EntryKind.RELEASE and entry.available_delta_millicredits != held_before:
            found.append(Discrepancy(f"job {entry.job_id}", "a release that keeps something"))
    return found
