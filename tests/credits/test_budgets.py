"""Budgets: who sets them, what counts, when they stop a run and when they begin anew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from playground.accounts.models import ApiKey, AuditEvent, Membership
from playground.core import clock, ids
from playground.credits import services as ledger
from playground.credits.budgets import BudgetState, Subject, budgets_of, remove_budget, set_budget, would_stop
from playground.credits.errors import BudgetBelowSpent, BudgetExceeded, LedgerError, NotAllowed
from playground.credits.models import Account, Budget, Entry
from playground.credits.services import Origin
from playground.jobs import services as job_services
from playground.jobs.models import Job
from tests.api.client import Program, request_body
from tests.factories import Personas, make_job, make_key, make_owner
from tests.jobs.controlled_clock import ControlledClock
from tests.threads import at_once
from tests.web.playground import HTMX, VEO_PAGE, run

pytestmark = pytest.mark.django_db
PRICE = 60_000


@pytest.fixture(autouse=True)
def controlled(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    """No day and no month ends in the middle of a test."""
    return ControlledClock(monkeypatch)


def budget_for(member: Membership, limit: int, *, period: str = "month", subject: Subject | None = None, **more: Any) -> BudgetState:
    subject = subject or Subject.member(member.user_id)
    return set_budget(team=member.team, mode="test", subject=subject, period=period, limit_millicredits=limit, **more)


def account_of(member: Membership) -> Account:
    return ledger.account_for(member.team_id, "test")


def used(member: Membership) -> list[int]:
    return [budget.used_millicredits for budget in budgets_of(account_of(member).pk)]


def told(action: str) -> list[tuple[str, Any]]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk").values_list("subject", "detail__used_millicredits"))


# --- what counts ----------------------------------------------------------------------------------------------------
def test_a_hold_counts_at_once_and_what_comes_back_counts_no_more(personas: Personas) -> None:
    budget_for(personas.bob, 10 * PRICE)
    job = make_job(personas.bob).job
    assert used(personas.bob) == [PRICE]

    job_services.cancel(job.pk)
    assert used(personas.bob) == [0]
    assert ledger.verify() == []


def test_of_a_capture_only_what_was_charged_counts(personas: Personas) -> None:
    budget_for(personas.bob, 10 * PRICE)
    job_id = ids.new_id()
    ledger.hold(account_id=account_of(personas.bob).pk, job_id=job_id, millicredits=PRICE, origin=Origin(personas.bob.user_id))

    ledger.capture(job_id=job_id, millicredits=PRICE // 3)
    assert used(personas.bob) == [PRICE // 3]


def test_a_run_with_a_key_counts_for_the_key_and_its_maker_and_the_team_and_for_nobody_else(personas: Personas) -> None:
    secret = make_key(personas.bob)
    key = ApiKey.objects.get()
    for subject in (Subject.team(), Subject.key(key.pk), Subject.member(personas.bob.user_id), Subject.member(personas.alice.user_id)):
        budget_for(personas.alice, 10 * PRICE, subject=subject)
    Program(secret).create_id()

    counted = {budget.subject_words: budget.used_millicredits for budget in budgets_of(account_of(personas.alice).pk)}
    assert counted == {"The team": PRICE, "Alice": 0, "Bob": PRICE, "test key": PRICE}


def test_what_was_spent_before_the_budget_was_set_counts(personas: Personas) -> None:
    make_job(personas.bob)
    job_services.cancel(make_job(personas.bob).job.pk)
    make_job(personas.alice)

    assert budget_for(personas.bob, 10 * PRICE).used_millicredits == PRICE
    assert budget_for(personas.bob, 10 * PRICE, subject=Subject.team(), period="total").used_millicredits == 2 * PRICE
    assert ledger.verify() == []


def test_the_budgets_of_test_and_live_are_apart(personas: Personas) -> None:
    set_budget(team=personas.bob.team, mode="live", subject=Subject.member(personas.bob.user_id), period="month", limit_millicredits=1)

    assert make_job(personas.bob).is_new


def test_without_budgets_a_hold_costs_no_query_more(personas: Personas) -> None:
    account = account_of(personas.bob)
    with CaptureQueriesContext(connection) as captured:
        ledger.hold(account_id=account.pk, job_id=ids.new_id(), millicredits=PRICE)

    assert [query["sql"].split()[0] for query in captured] == ["SAVEPOINT", "UPDATE", "SELECT", "INSERT", "RELEASE"]


# --- what stops -----------------------------------------------------------------------------------------------------
def test_the_last_run_that_fits_passes_and_the_next_is_refused_with_nothing_held(personas: Personas) -> None:
    budget_for(personas.bob, 2 * PRICE)
    make_job(personas.bob)
    make_job(personas.bob)
    before = account_of(personas.bob).held_millicredits
    with pytest.raises(BudgetExceeded):
        make_job(personas.bob)

    assert Job.objects.count() == 2
    assert account_of(personas.bob).held_millicredits == before == 2 * PRICE
    assert make_job(personas.alice).is_new
    assert ledger.verify() == []


def test_the_refusal_says_whose_budget_what_is_left_and_when_it_begins_anew(personas: Personas, controlled: ControlledClock) -> None:
    controlled.now = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)
    budget_for(personas.bob, PRICE + 12_000)
    make_job(personas.bob)
    with pytest.raises(BudgetExceeded) as refused:
        make_job(personas.bob)

    words = "Bob's budget of 72 credits for November is used up: 60 needed, 12 left. It begins anew on 1 December."
    assert str(refused.value) == words
    stopped = would_stop(account_of(personas.bob).pk, user_id=personas.bob.user_id, key_id=None, millicredits=PRICE)
    assert str(stopped) == words
    assert would_stop(account_of(personas.bob).pk, user_id=personas.bob.user_id, key_id=None, millicredits=12_000) is None


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("day", "for today is used up: 60 needed, 12 left. It begins anew on 1 January."),
        ("total", "in total is used up: 60 needed, 12 left. An"),
    ],
)
def test_the_refusal_names_the_period(personas: Personas, controlled: ControlledClock, period: str, words: str) -> None:
    controlled.now = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
    budget_for(personas.bob, PRICE + 12_000, period=period)
    make_job(personas.bob)
    with pytest.raises(BudgetExceeded) as refused:
        make_job(personas.bob)

    assert words in str(refused.value)


def test_the_page_says_it_before_and_after_paying(client: Client, personas: Personas) -> None:
    budget_for(personas.bob, PRICE // 2)
    client.force_login(personas.bob.user)
    assert "Bob&#x27;s budget of 30 credits" in client.get(VEO_PAGE).text
    refused = run(client, headers=HTMX)

    assert (refused.status_code, Job.objects.count()) == (402, 0)
    assert "60 needed, 30 left" in refused.text


def test_the_api_says_it_in_the_dry_run_and_at_the_task(personas: Personas) -> None:
    program = Program(make_key(personas.bob))
    budget_for(personas.bob, PRICE // 2)
    dry = program.post(request_body(), path="/api/v1/jobs/validateTask").json()["data"]
    answer = program.create(request_body())

    assert [hint["message"][:12] for hint in dry["hints"] if hint["code"] == "budget"] == ["Bob's budget"]
    assert (answer["code"], answer["msg"][:12], Job.objects.count()) == (402, "Bob's budget", 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_runs_that_together_exceed_a_budget_exactly_one_passes() -> None:
    owner = make_owner()
    budget_for(owner, PRICE + PRICE // 2)
    results = at_once(2, lambda _: make_job(owner))

    assert [type(result) for result in results if isinstance(result, Exception)] == [BudgetExceeded]
    assert Job.objects.count() == 1
    assert ledger.verify() == []


def test_what_costs_nothing_passes_a_budget_that_is_used_up(personas: Personas) -> None:
    budget_for(personas.bob, PRICE)
    make_job(personas.bob)
    job_id = ids.new_id()
    ledger.hold(account_id=account_of(personas.bob).pk, job_id=job_id, millicredits=0, origin=Origin(personas.bob.user_id))

    assert Entry.objects.filter(job_id=job_id).exists()


# --- periods --------------------------------------------------------------------------------------------------------
def test_a_day_begins_anew_at_midnight_of_the_installation(personas: Personas, controlled: ControlledClock, settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    controlled.now = datetime(2026, 7, 1, 21, 59, tzinfo=UTC)
    budget_for(personas.bob, PRICE, period="day")
    make_job(personas.bob)
    with pytest.raises(BudgetExceeded):
        make_job(personas.bob)
    controlled.advance(60)

    assert used(personas.bob) == [0]
    make_job(personas.bob)
    assert used(personas.bob) == [PRICE]
    assert ledger.verify() == []


def test_what_comes_back_of_yesterday_gives_today_nothing(personas: Personas, controlled: ControlledClock) -> None:
    for period in ("day", "month"):
        budget_for(personas.bob, 5 * PRICE, period=period)
    of_yesterday = make_job(personas.bob).job
    controlled.advance(24 * 3600)
    make_job(personas.bob)
    job_services.cancel(of_yesterday.pk)

    assert {one.period: one.used_millicredits for one in budgets_of(account_of(personas.bob).pk)} == {"day": PRICE, "month": PRICE}
    assert ledger.verify() == []


def test_a_total_never_begins_anew(personas: Personas, controlled: ControlledClock) -> None:
    budget_for(personas.bob, PRICE, period="total")
    make_job(personas.bob)
    controlled.advance(400 * 24 * 3600)
    with pytest.raises(BudgetExceeded):
        make_job(personas.bob)


# --- what is told ---------------------------------------------------------------------------------------------------
def test_eighty_percent_and_the_end_are_each_told_once_in_a_period(personas: Personas, controlled: ControlledClock) -> None:
    budget_for(personas.bob, 5 * PRICE, period="day")
    for _ in range(3):
        make_job(personas.bob)
    assert told("budget.warned") == []
    fourth = make_job(personas.bob).job
    job_services.cancel(fourth.pk)
    make_job(personas.bob)
    make_job(personas.bob)
    for _ in range(2):
        with pytest.raises(BudgetExceeded):
            make_job(personas.bob)
    assert told("budget.warned") == [("Bob's budget", 4 * PRICE)]
    assert told("budget.reached") == [("Bob's budget", 5 * PRICE)]

    controlled.advance(24 * 3600)
    for _ in range(4):
        make_job(personas.bob)
    assert len(told("budget.warned")) == 2


def test_a_refused_run_tells_that_a_budget_is_used_up_once(personas: Personas) -> None:
    budget_for(personas.bob, PRICE + PRICE // 10)
    make_job(personas.bob)
    for _ in range(2):
        with pytest.raises(BudgetExceeded):
            make_job(personas.bob)

    assert told("budget.reached") == [("Bob's budget", PRICE)]


def test_the_state_says_how_much_is_used_in_percent(personas: Personas) -> None:
    budget_for(personas.bob, 5 * PRICE)
    for _ in range(4):
        make_job(personas.bob)
    [state] = budgets_of(account_of(personas.bob).pk)

    assert (state.subject_words, state.period_words, state.percent) == ("Bob", "this month", 80)
    assert (state.is_warned, state.is_reached, state.left_millicredits) == (True, False, PRICE)


# --- setting --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("limit", [0, -1, 10**15 + 1])
def test_a_limit_is_a_sensible_amount(personas: Personas, limit: int) -> None:
    with pytest.raises(LedgerError, match="A budget is"):
        budget_for(personas.bob, limit)
    assert not Budget.objects.exists()


def test_a_limit_below_what_is_spent_is_set_only_when_confirmed(personas: Personas) -> None:
    make_job(personas.bob)
    with pytest.raises(BudgetBelowSpent, match="60 credits are spent this month already, more than 30"):
        budget_for(personas.bob, PRICE // 2)
    assert not Budget.objects.exists()

    assert budget_for(personas.bob, PRICE // 2, confirmed=True).is_reached
    with pytest.raises(BudgetExceeded):
        make_job(personas.bob)


def test_a_change_keeps_what_is_used_and_is_written_down_with_what_was_before(personas: Personas) -> None:
    budget_for(personas.bob, 5 * PRICE)
    make_job(personas.bob)
    state = budget_for(personas.bob, 7 * PRICE)
    budget_for(personas.bob, 7 * PRICE)

    assert (state.used_millicredits, Budget.objects.count()) == (PRICE, 1)
    lines = AuditEvent.objects.filter(action="budget.set").order_by("pk").values_list("detail__before", "detail__limit_millicredits")
    assert list(lines) == [(None, 5 * PRICE), (5 * PRICE, 7 * PRICE)]


def test_only_who_manages_sets_and_removes_budgets(personas: Personas) -> None:
    state = budget_for(personas.bob, 5 * PRICE, by=personas.alice)
    with pytest.raises(NotAllowed, match="Owner or Admin"):
        budget_for(personas.bob, PRICE, by=personas.bob)
    with pytest.raises(NotAllowed):
        remove_budget(team=personas.bob.team, budget_id=state.id, by=personas.bob)
    with pytest.raises(NotAllowed):
        budget_for(personas.bob, PRICE, by=personas.charlie)
    with pytest.raises(Budget.DoesNotExist):
        remove_budget(team=personas.charlie.team, budget_id=state.id, by=personas.charlie)

    remove_budget(team=personas.bob.team, budget_id=state.id, by=personas.alice)
    assert not Budget.objects.exists()
    assert AuditEvent.objects.filter(action="budget.removed", subject="Bob's budget").count() == 1


def test_a_budget_is_for_the_teams_own_members_and_keys(personas: Personas) -> None:
    make_key(personas.charlie)
    for subject in (Subject.member(personas.charlie.user_id), Subject.key(ApiKey.objects.get().pk)):
        with pytest.raises(LedgerError, match="There is no such"):
            budget_for(personas.alice, PRICE, subject=subject)
    with pytest.raises(LedgerError, match="per hour, day or month, or in total"):
        budget_for(personas.alice, PRICE, period="week")


def test_the_moment_of_a_test_is_the_ledgers(controlled: ControlledClock, personas: Personas) -> None:
    make_job(personas.bob)
    assert set(Entry.objects.values_list("created_at", flat=True)) == {clock.now()}
