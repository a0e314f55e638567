"""The proof: what every check finds, what is kept of it, and how sums are put right."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from playground.accounts.models import AuditEvent
from playground.core import ids
from playground.credits import proof
from playground.credits import services as ledger
from playground.credits.budgets import Subject, set_budget
from playground.credits.models import Account, Budget, DailyUse, Entry, Proof
from playground.credits.services import Origin
from playground.jobs import services as job_services
from playground.jobs import tasks
from playground.jobs.models import Job, State, Take
from tests.factories import Personas, make_job
from tests.web.playground import finished

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(personas: Personas) -> Account:
    """A team with a budget, a job that waits, one that was cancelled, and one that was charged with its take."""
    alice = personas.alice
    set_budget(team=alice.team, mode="test", subject=Subject.team(), period="month", limit_millicredits=10**9)
    make_job(alice)
    job_services.cancel(make_job(alice).job.pk)
    done = finished(alice)
    ledger.capture(job_id=done.pk, millicredits=done.price_millicredits)
    return ledger.account_for(alice.team_id, "test")


def broken() -> set[str]:
    return {finding.invariant.name for finding in proof.prove() if not finding.is_kept}


def tamper_balance(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(available_millicredits=1)


def tamper_days(account: Account) -> None:
    DailyUse.objects.filter(account=account).update(charges=99)


def forget_days(account: Account) -> None:
    DailyUse.objects.filter(account=account).delete()


def tamper_budget(account: Account) -> None:
    Budget.objects.update(used_millicredits=1)


def forget_hold(account: Account) -> None:
    Entry.objects.filter(kind="hold", job_id=Job.objects.get(state=State.SUCCESS).pk).delete()


def forget_job(account: Account) -> None:
    ledger.hold(account_id=account.pk, job_id=ids.new_id(), millicredits=5, origin=Origin())


def fail_without_release(account: Account) -> None:
    Job.objects.filter(state=State.QUEUED).update(state=State.FAIL)


def lose_take(account: Account) -> None:
    Take.objects.all().delete()


def charge_otherwise(account: Account) -> None:
    Job.objects.filter(state=State.SUCCESS).update(charged_millicredits=1)


def unhold(account: Account) -> None:
    Entry.objects.filter(kind="hold", job_id=Job.objects.get(state=State.QUEUED).pk).delete()


def test_books_in_order_keep_every_invariant_and_the_page_can_tell(books: Account) -> None:
    assert broken() == set()

    states = proof.states()
    assert len(states) == len(proof.invariants()) == Proof.objects.count()
    assert all(state.is_kept and state.words == state.sentence and state.checked_at for state in states)


@pytest.mark.parametrize(
    ("tamper", "names"),
    [
        (tamper_balance, {"balances"}),
        (tamper_days, {"days"}),
        (forget_days, {"days"}),
        (tamper_budget, {"budgets"}),
        (forget_hold, {"balances", "settlements", "budgets"}),
        (forget_job, {"open_holds"}),
        (fail_without_release, {"open_holds"}),
        (lose_take, {"charges"}),
        (charge_otherwise, {"charges"}),
        (unhold, {"balances", "held", "budgets", "unfinished"}),
    ],
)
def test_each_fault_is_found_and_kept_for_the_page(books: Account, tamper: Callable[[Account], None], names: set[str]) -> None:
    tamper(books)

    assert broken() == names
    assert {state.name for state in proof.states() if not state.is_kept} == names
    with pytest.raises(CommandError, match="discrepanc"):
        call_command("ledger", "verify", stdout=io.StringIO(), stderr=io.StringIO())


def test_before_the_first_look_nobody_knows(books: Account) -> None:
    assert {state.is_kept for state in proof.states()} == {None}


def test_the_schedule_looks_and_says_aloud_what_is_wrong(books: Account, caplog: pytest.LogCaptureFixture) -> None:
    tamper_balance(books)
    tasks.prove_ledger()

    assert "Every balance is the sum of its entries." in caplog.text
    assert Proof.objects.filter(is_kept=False).count() == 1


def rebuild(*arguments: str) -> str:
    out = io.StringIO()
    call_command("ledger", "rebuild", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("tamper", [tamper_balance, tamper_days, forget_days, tamper_budget])
def test_rebuild_shows_what_is_different_and_puts_it_right(books: Account, tamper: Callable[[Account], None]) -> None:
    tamper(books)
    found = broken()
    shown = rebuild("--dry-run")
    assert "1 difference. Nothing was written." in shown
    assert broken() == found

    assert "1 difference. Put right." in rebuild()
    assert broken() == set()
    assert AuditEvent.objects.filter(action="ledger.rebuilt", via="command line").count() == 1
    assert "0 differences. Nothing to do." in rebuild()


def test_rebuild_refuses_where_entries_are_missing(books: Account) -> None:
    Entry.objects.filter(kind="grant").delete()
    with pytest.raises(CommandError, match="some are missing"):
        rebuild()
