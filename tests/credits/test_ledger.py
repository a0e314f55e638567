"""The ledger: what moves, what is refused, and what the database itself forbids."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import override_settings

from playground.accounts.models import Team
from playground.core import ids
from playground.credits import services as ledger
from playground.credits.models import Account, Entry, EntryKind
from playground.credits.services import InsufficientCredits, LedgerError
from tests.factories import Personas

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(personas: Personas) -> Account:
    """Alice's test account with 100 credits."""
    ledger.adjust(team=personas.alice.team, mode="test", millicredits=100_000 - 10_000_000, note="a small beginning")
    return ledger.account_for(personas.alice.team_id, "test")


def balance(account: Account) -> tuple[int, int]:
    account.refresh_from_db()
    return account.available_millicredits, account.held_millicredits


@override_settings(TEST_MILLICREDITS=5_000)
def test_a_test_account_starts_with_credits_and_a_live_one_with_none() -> None:
    team = Team.objects.create(slug=ids.new_id().hex, name="A team")

    assert balance(ledger.account_for(team.pk, "test")) == (5_000, 0)
    assert balance(ledger.account_for(team.pk, "live")) == (0, 0)
    assert list(Entry.objects.values_list("kind", flat=True)) == [EntryKind.GRANT]


def test_an_account_is_made_once() -> None:
    team = Team.objects.create(slug=ids.new_id().hex, name="A team")

    assert len({ledger.account_for(team.pk, "test").pk for _ in range(3)} | {ledger.account_id_for(team.pk, "test")}) == 1
    assert Entry.objects.count() == 1


def test_the_key_of_an_account_can_be_asked_for_before_there_is_one() -> None:
    team = Team.objects.create(slug=ids.new_id().hex, name="A team")

    assert ledger.account_id_for(team.pk, "live") == Account.objects.get(team=team, mode="live").pk


def test_a_hold_moves_credits_aside(account: Account) -> None:
    assert ledger.hold(account_id=account.pk, job_id=ids.new_id(), millicredits=60_000) == 40_000
    assert balance(account) == (40_000, 60_000)


def test_a_capture_keeps_what_was_used_and_returns_the_rest(account: Account) -> None:
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=60_000)

    assert ledger.capture(job_id=job_id, millicredits=45_000) == 45_000
    assert balance(account) == (55_000, 0)


def test_more_than_the_hold_is_never_taken(account: Account) -> None:
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=60_000)

    assert ledger.capture(job_id=job_id, millicredits=90_000) == 60_000
    assert balance(account) == (40_000, 0)


def test_a_release_gives_everything_back(account: Account) -> None:
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=60_000)

    assert ledger.release(job_id=job_id) == 60_000
    assert balance(account) == (100_000, 0)


def test_every_entry_knows_the_balance_after_it(account: Account) -> None:
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=60_000)
    ledger.capture(job_id=job_id, millicredits=10_000)

    rows = Entry.objects.filter(job_id=job_id).order_by("pk").values_list("kind", "available_after_millicredits")
    assert list(rows) == [("hold", 40_000), ("capture", 90_000)]


def test_the_last_thousandth_can_be_held_and_not_one_more(account: Account) -> None:
    with pytest.raises(InsufficientCredits) as refused:
        ledger.hold(account_id=account.pk, job_id=ids.new_id(), millicredits=100_001)

    assert str(refused.value) == "You have 100. 0.001 more needed."
    assert ledger.hold(account_id=account.pk, job_id=ids.new_id(), millicredits=100_000) == 0


@pytest.mark.parametrize(
    ("first", "second"), [("capture", "capture"), ("capture", "release"), ("release", "capture"), ("release", "release")]
)
def test_the_database_refuses_to_settle_a_job_twice(account: Account, first: str, second: str) -> None:
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=60_000)

    def settle(kind: str) -> None:
        if kind == "capture":
            ledger.capture(job_id=job_id, millicredits=60_000)
        else:
            ledger.release(job_id=job_id)

    settle(first)
    after_first = balance(account)
    with pytest.raises(IntegrityError), transaction.atomic():
        settle(second)
    assert balance(account) == after_first
    assert ledger.verify() == []


def test_the_database_refuses_to_hold_twice_for_a_job(account: Account) -> None:
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=10_000)
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.hold(account_id=account.pk, job_id=job_id, millicredits=10_000)

    assert balance(account) == (90_000, 10_000)


def test_nothing_is_settled_that_was_never_held(account: Account) -> None:
    with pytest.raises(Entry.DoesNotExist):
        ledger.capture(job_id=ids.new_id(), millicredits=1)
    with pytest.raises(Entry.DoesNotExist):
        ledger.release(job_id=ids.new_id())

    assert balance(account) == (100_000, 0)


@pytest.mark.parametrize("field", ["available_millicredits", "held_millicredits"])
def test_the_database_knows_no_negative_credits(account: Account, field: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(**{field: -1})


@pytest.mark.parametrize("millicredits", [0, -1, 10**18])
def test_a_top_up_is_a_sensible_amount(personas: Personas, millicredits: int) -> None:
    with pytest.raises(LedgerError):
        ledger.grant(team=personas.alice.team, mode="test", millicredits=millicredits)


def test_an_adjustment_needs_a_reason_and_ends_at_zero(personas: Personas, account: Account) -> None:
    with pytest.raises(LedgerError):
        ledger.adjust(team=personas.alice.team, mode="test", millicredits=5, note="  ")
    with pytest.raises(InsufficientCredits):
        ledger.adjust(team=personas.alice.team, mode="test", millicredits=-100_001, note="too much")

    assert balance(ledger.adjust(team=personas.alice.team, mode="test", millicredits=-100_000, note="all")) == (0, 0)


def test_a_movement_stays_out_of_a_transaction_that_fails(account: Account) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        ledger.hold(account_id=account.pk, job_id=ids.new_id(), millicredits=60_000)
        raise RuntimeError

    assert balance(account) == (100_000, 0)
    assert ledger.verify() == []


def put_in_place(entry: Entry, **changes: int) -> None:
    """The database refuses to change an entry: somebody would have to remove it and write another."""
    Entry.objects.filter(pk=entry.pk).delete()
    for name, value in changes.items():
        setattr(entry, name, value)
    entry.save(force_insert=True)


def tamper_account(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(available_millicredits=1)


def tamper_capture(account: Account) -> None:
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=60_000)
    ledger.capture(job_id=job_id, millicredits=60_000)
    put_in_place(Entry.objects.get(job_id=job_id, kind="capture"), held_delta_millicredits=-1, available_delta_millicredits=70_000)


def tamper_release(account: Account) -> None:
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=60_000)
    ledger.release(job_id=job_id)
    put_in_place(Entry.objects.get(job_id=job_id, kind="release"), available_delta_millicredits=59_999)


def tamper_hold(account: Account) -> None:
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=60_000)
    ledger.capture(job_id=job_id, millicredits=60_000)
    Entry.objects.filter(job_id=job_id, kind="hold").delete()


@pytest.mark.parametrize("tamper", [tamper_account, tamper_capture, tamper_release, tamper_hold])
def test_verify_finds_what_somebody_changed(account: Account, tamper: object) -> None:
    assert ledger.verify() == []
    assert callable(tamper)
    tamper(account)

    assert ledger.verify() != []
    with pytest.raises(CommandError, match="discrepanc"):
        call_command("ledger", "verify", stdout=io.StringIO(), stderr=io.StringIO())


def test_the_command_says_that_all_is_in_order(account: Account) -> None:
    out = io.StringIO()
    call_command("ledger", "verify", stdout=out)

    assert "in order" in out.getvalue()
