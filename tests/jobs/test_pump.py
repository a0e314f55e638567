"""The pump with a scripted provider: what it claims, what it may call at once, and that no outcome is lost on the way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError, connections
from pytest_django.fixtures import Settings

from playground.credits import services as ledger
from playground.jobs import calling, fairness, health, provider_accounts, pump, services, settling, submitting, sweeper, upstreams, wakeup
from playground.jobs.models import EngineLease, Job, ProviderAccount, State
from playground.jobs.settling import Settlement
from playground.providers.base import AccountTrouble, Limits, MaybeSent, Provider, RateLimited, Running, Snapshot, Submission
from tests.factories import make_job, make_owner
from tests.jobs.controlled_clock import ControlledClock
from tests.jobs.engine_jobs import DONE, Scripted, kinds_of, running, state_of
from tests.jobs.engine_jobs import submitting as submitting_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Scripted:
    settings.POLL_FACTOR, settings.PROVIDER_TIMEOUT_SECONDS = 0.01, 300
    scripted = Scripted()

    def build(name: str) -> Provider:
        if name != "sandbox":
            raise LookupError(name)
        return scripted

    monkeypatch.setattr(upstreams, "build", build)
    return scripted


def run_pump(until: Callable[[], bool], budget_seconds: float = 600) -> None:
    """Turn rounds until the condition holds (it is asked in the pump's own database thread)."""
    asyncio.run(pump.Pump().run(budget_seconds=budget_seconds, keep_going=lambda: not until()))


def all_in(*states: str) -> Callable[[], bool]:
    return lambda: not Job.objects.exclude(state__in=states).exists()


def test_jobs_go_from_the_queue_to_saving(provider: Scripted) -> None:
    owner = make_owner()
    jobs = [make_job(owner).job for _ in range(5)]
    run_pump(all_in(State.SAVING))
    assert sorted(provider.submitted) == sorted(job.pk.hex for job in jobs)


def test_the_seat_is_given_up_when_nothing_is_left_and_not_taken_twice(provider: Scripted) -> None:
    make_job(make_owner())
    assert health.take_seat(health.PUMP_SEAT, 20) is not None
    assert not pump.run_seated(budget_seconds=60)
    assert provider.submitted == []
    EngineLease.objects.all().delete()
    assert not pump.run_seated(budget_seconds=60)
    assert len(provider.submitted) == 1
    assert not health.is_pump_seated()


# --- nothing that was found out is lost ---------------------------------------------------------------------------------
def test_an_outcome_that_comes_in_while_others_are_stored_is_not_lost(provider: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    first_is_being_stored, second_has_answered = threading.Event(), threading.Event()
    settle = settling.settle

    def settle_slowly(settlements: list[Settlement]) -> list[Settlement]:
        first_is_being_stored.set()
        assert second_has_answered.wait(300)
        return settle(settlements)

    async def submit(submission: Submission) -> str:
        provider.submitted.append(submission.job_id)
        if len(provider.submitted) == 2:
            await asyncio.to_thread(first_is_being_stored.wait, 300)
            # A little later, so that the answer has gone through the pump's hands before the other is stored.
            asyncio.get_running_loop().call_later(0.05, second_has_answered.set)
        return f"up-{submission.job_id}"

    monkeypatch.setattr(settling, "settle", settle_slowly)
    monkeypatch.setattr(provider, "submit", submit)
    owner = make_owner()
    jobs = [make_job(owner).job for _ in range(2)]
    run_pump(all_in(State.SAVING))
    assert not any("in_doubt" in kinds_of(job) for job in jobs)


def test_a_paid_id_is_stored_as_soon_as_the_database_is_back(provider: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """More failures than any other outcome is granted."""
    failures = iter(range(settling.TRIES * 3))
    record = services.record_upstream_id

    def locked(job_id: object, upstream_id: str) -> bool:
        if next(failures, None) is not None:
            raise OperationalError("database is locked")
        return record(job_id, upstream_id)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "record_upstream_id", locked)
    job = make_job(make_owner()).job
    run_pump(all_in(State.SAVING))
    job.refresh_from_db()
    assert job.upstream_id == f"up-{job.pk.hex}"
    assert provider.submitted == [job.pk.hex]


def test_a_pump_that_is_to_stop_first_stores_what_it_was_told(provider: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter(range(4))
    record = services.record_upstream_id

    def locked(job_id: object, upstream_id: str) -> bool:
        if next(failures, None) is not None:
            raise OperationalError("database is locked")
        return record(job_id, upstream_id)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "record_upstream_id", locked)
    job = make_job(make_owner()).job
    run_pump(lambda: bool(provider.submitted))
    assert state_of(job) == State.RUNNING


def test_one_bad_outcome_costs_only_itself_and_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_owner()
    good, bad = submitting_job(owner), submitting_job(owner)

    def fail() -> None:
        raise RuntimeError("a fault of ours")

    batch = [Settlement(bad, fail), Settlement(good, lambda: submitting.settle_accepted(good, "up"))]
    again = settling.settle(batch)
    assert [settlement.job.pk for settlement in again] == [bad.pk]
    assert state_of(good) == State.RUNNING
    for _ in range(settling.TRIES):
        again = settling.settle(again)
    assert again == []


def test_a_round_that_fails_does_not_end_the_pump(provider: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter(range(3))
    sweep = sweeper.sweep

    def locked() -> int:
        if next(failures, None) is not None:
            raise OperationalError("database is locked")
        return sweep()

    monkeypatch.setattr(sweeper, "sweep", locked)
    monkeypatch.setattr(pump, "SWEEP_SECONDS", 0)
    make_job(make_owner())
    run_pump(all_in(State.SAVING))
    assert len(provider.submitted) == 1


def test_an_answer_that_is_there_when_the_time_is_up_still_counts(
    provider: Scripted, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """As when the process was frozen: the timer and the answer are both due at the same turn of the loop."""
    settings.PROVIDER_TIMEOUT_SECONDS = 0.05

    async def submit(submission: Submission) -> str:
        await asyncio.sleep(0.3)
        return f"up-{submission.job_id}"

    monkeypatch.setattr(provider, "submit", submit)
    job = make_job(make_owner()).job
    run_pump(all_in(State.SAVING))
    assert "in_doubt" not in kinds_of(job)


def test_a_call_that_never_ends_is_bounded(provider: Scripted, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.PROVIDER_TIMEOUT_SECONDS = 0.05
    monkeypatch.setattr(calling, "LAST_ANSWER_SECONDS", 0.05)

    async def submit(submission: Submission) -> str:
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr(provider, "submit", submit)
    job = make_job(make_owner()).job
    run_pump(all_in(State.IN_DOUBT))
    assert "maybe sent: no answer in time" in job.events.get(kind="in_doubt").detail


@pytest.mark.parametrize("fault", [ValueError("our own bug"), MaybeSent("HTTP 502")])
def test_an_unexpected_failure_while_sending_is_a_doubt_at_once(provider: Scripted, fault: Exception) -> None:
    def submit(submission: Submission) -> str:
        raise fault

    provider.on_submit = submit
    make_job(make_owner())
    run_pump(all_in(State.IN_DOUBT))
    assert len(provider.submitted) == 1


def test_an_unexpected_failure_while_reading_means_still_running(provider: Scripted) -> None:
    answers = iter([ValueError("our own bug"), MaybeSent("HTTP 502"), RateLimited("429", retry_after_seconds=0.05)])

    def poll(running: Running) -> Snapshot:
        if (fault := next(answers, None)) is not None:
            raise fault
        return DONE

    provider.on_poll = poll
    job = make_job(make_owner()).job
    run_pump(all_in(State.SAVING))
    assert "in_doubt" not in kinds_of(job)


# --- how much at once -------------------------------------------------------------------------------------------------
def test_no_more_is_sent_than_the_provider_s_rate_allows(provider: Scripted, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    # It stands still: on a busy machine five rounds may last longer than the window.
    ControlledClock(monkeypatch)
    settings.TEAM_RUNNING_CAP = 100
    provider.limits = Limits(creates_per_10_seconds=3, reads_per_second=100, running=100)
    owner = make_owner()
    for _ in range(6):
        make_job(owner)
    run_pump(lambda: len(provider.submitted) >= 3)
    # A new pump, as in the next tick of the queue, knows what the one before has sent.
    rounds = iter(range(5))
    run_pump(lambda: next(rounds, None) is None)
    assert len(provider.submitted) == 3


def test_no_more_run_than_the_provider_takes(provider: Scripted, settings: Settings) -> None:
    settings.TEAM_RUNNING_CAP = 100
    provider.limits = Limits(creates_per_10_seconds=100, reads_per_second=100, running=2)
    provider.on_poll = lambda running: Snapshot("generating", 0.5)
    owner = make_owner()
    for _ in range(5):
        make_job(owner)
    rounds = iter(range(5))
    run_pump(lambda: next(rounds, None) is None)
    assert Job.objects.filter(state=State.RUNNING).count() == len(provider.submitted) == 2


def test_after_trouble_with_our_account_one_job_goes_ahead_and_the_others_follow(provider: Scripted, settings: Settings) -> None:
    owner = make_owner()
    for _ in range(4):
        make_job(owner)

    def submit(submission: Submission) -> str:
        raise AccountTrouble("no credits", code="402")

    provider.on_submit = submit
    settings.POLL_FACTOR = 1
    run_pump(lambda: ProviderAccount.objects.exclude(trouble="").exists())
    refused = len(provider.submitted)
    assert ProviderAccount.objects.get().trouble == "the sandbox: 402 no credits"

    ProviderAccount.objects.update(paused_until=None)
    assert fairness.room_at({"sandbox": provider.limits}, most=64) == {"sandbox": 1}
    provider.on_submit = lambda submission: f"up-{submission.job_id}"
    settings.POLL_FACTOR = 0.01
    run_pump(all_in(State.SAVING))
    assert len(provider.submitted) == refused + 4
    assert ProviderAccount.objects.get().trouble == ""


def test_an_equal_share_of_the_calls_is_left_for_polls(provider: Scripted, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """A provider that hangs on every submission must not stop what is running."""
    settings.TEAM_RUNNING_CAP = 100
    monkeypatch.setattr(pump, "CALLS_AT_ONCE", 4)
    monkeypatch.setattr(pump, "SUBMISSIONS_AT_ONCE", 3)
    owner = make_owner()
    under_way = running(owner)
    waiting = [make_job(owner).job for _ in range(6)]
    release = asyncio.Event()

    async def submit(submission: Submission) -> str:
        await release.wait()
        return f"up-{submission.job_id}"

    async def poll(running: Running) -> Snapshot:
        if running.upstream_id == under_way.upstream_id:
            release.set()
        return DONE

    monkeypatch.setattr(provider, "submit", submit)
    monkeypatch.setattr(provider, "poll", poll)
    run_pump(all_in(State.SAVING))
    assert {state_of(job) for job in waiting} == {State.SAVING}


# --- when to work -----------------------------------------------------------------------------------------------------
def test_there_is_work_while_something_can_be_sent_or_asked(settings: Settings) -> None:
    owner = make_owner()
    assert not pump.has_work()
    job = make_job(owner).job
    assert pump.has_work()
    provider_accounts.pause("sandbox", 3600, trouble="no credits")
    assert not pump.has_work(), "a long pause is for the next minute's tick"
    services.cancel(job.pk)
    ProviderAccount.objects.update(paused_until=None, trouble="")
    running(owner)
    assert pump.has_work()


def test_a_job_whose_provider_has_no_key_keeps_nobody_busy(settings: Settings) -> None:
    owner = make_owner()
    settings.MODKIE_API_KEY = "sk-any"
    ledger.grant(team=owner.team, mode="live", millicredits=1_000_000)
    make_job(owner, mode="live")
    assert pump.has_work()
    settings.MODKIE_API_KEY = ""
    assert not pump.has_work()


def test_a_doubt_without_an_id_is_the_sweeper_s_and_not_the_pump_s() -> None:
    job = submitting_job(make_owner())
    services.doubt(job.pk, job.lease_token, detail="timeout")
    assert not pump.has_work()


def test_a_seated_pump_is_not_poked(monkeypatch: pytest.MonkeyPatch) -> None:
    hints: list[str] = []
    monkeypatch.setattr(wakeup, "async_task", hints.append)
    wakeup.poke()
    assert hints == ["playground.jobs.tasks.pump_tick"]
    health.take_seat(health.PUMP_SEAT, 20)
    wakeup.poke()
    assert len(hints) == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_is_made_even_if_the_pump_cannot_be_poked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> bool:
        raise OperationalError("database is locked")

    monkeypatch.setattr(health, "is_pump_seated", fail)
    job = make_job(make_owner()).job
    assert Job.objects.get().pk == job.pk


@pytest.fixture(autouse=True)
def _close_connections_of_threads() -> object:
    yield
    connections.close_all()
