"""The rules of a job's states that the random walk cannot spell out one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.credits import services as ledger
from playground.credits.models import Account, Entry
from playground.jobs import provider_accounts, services, submitting
from playground.jobs.models import Attempt, FailReason, Job, ProviderAccount, State
from playground.jobs.outbox import wire_state
from playground.jobs.services import watching
from playground.providers.base import AccountTrouble, MaybeSent, NeverSent, RateLimited, Refused, Snapshot
from tests.factories import make_job, make_owner
from tests.jobs import engine_jobs
from tests.jobs.controlled_clock import ControlledClock
from tests.jobs.engine_jobs import DONE, kinds_of, polled, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


@pytest.fixture
def owner(clock: ControlledClock, settings: Settings) -> Membership:
    settings.MODKIE_API_KEY = "sk-any"
    membership = make_owner()
    ledger.grant(team=membership.team, mode="live", millicredits=10_000_000)
    return membership


def held() -> int:
    return Account.objects.get(mode="test").held_millicredits


# --- ids ------------------------------------------------------------------------------------------------------------
def test_a_paid_id_is_taken_whatever_became_of_the_lease(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.submitting(owner, mode="live")
    clock.advance(61)
    services.recover_submission(job)
    assert state_of(job) == State.IN_DOUBT
    assert services.record_upstream_id(job.pk, "late")
    assert state_of(job) == State.RUNNING


def test_an_id_that_comes_after_the_end_leaves_a_trace_for_the_operator(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.submitting(owner)
    services.doubt(job.pk, job.lease_token, detail="timeout")
    services.fail(job.pk, origins=(State.IN_DOUBT,), reason=FailReason.IN_DOUBT)
    submitting.settle_accepted(job, "much too late")
    submitting.settle_accepted(job, "much too late")
    assert state_of(job) == State.FAIL
    assert job.events.get(kind="unclaimed_id").detail == "much too late"


def test_one_upstream_id_serves_one_job_only(owner: Membership) -> None:
    first, second = engine_jobs.running(owner, "same"), engine_jobs.submitting(owner)
    assert not services.record_upstream_id(second.pk, "same")
    assert (state_of(first), state_of(second)) == (State.RUNNING, State.SUBMITTING)


def test_a_second_id_never_displaces_the_first(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.running(owner, "first")
    services.doubt(job.pk, None, detail="no result before the deadline")
    assert not services.record_upstream_id(job.pk, "second")
    job.refresh_from_db()
    assert (job.state, job.upstream_id) == (State.IN_DOUBT, "first")


# --- what an answer to a submission means -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("error", "state", "outcome"),
    [
        (NeverSent("connection refused"), State.QUEUED, "never_sent"),
        (RateLimited("slow down", code="429", retry_after_seconds=7), State.QUEUED, "never_sent"),
        (AccountTrouble("no credits", code="402"), State.QUEUED, "never_sent"),
        (MaybeSent("timeout"), State.IN_DOUBT, "in_doubt"),
        (Refused("no such fruit", code="422"), State.FAIL, "refused"),
    ],
)
def test_each_error_has_one_consequence(owner: Membership, error: Exception, state: State, outcome: str) -> None:
    job = engine_jobs.submitting(owner)
    submitting.settle_error(job, error)  # type: ignore[arg-type]
    assert state_of(job) == state
    assert Attempt.objects.get(job=job).outcome == outcome
    assert held() == (0 if state == State.FAIL else 60_000)
    assert ledger.verify() == []


def test_a_job_that_was_not_reached_waits_longer_each_time(owner: Membership, clock: ControlledClock) -> None:
    job = make_job(owner).job
    waits = []
    for _ in range(8):
        submitting.settle_error(engine_jobs.claim(job), NeverSent("connection refused"))
        job.refresh_from_db()
        waits.append((job.due_at - clock.now).total_seconds())
        clock.advance(waits[-1])
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]


def test_the_longer_pause_of_an_account_wins(owner: Membership, clock: ControlledClock) -> None:
    provider_accounts.pause("modkie", 60, trouble="ModKie: 402 no credits")
    provider_accounts.pause("modkie", 5)
    account = ProviderAccount.objects.get(provider="modkie")
    assert account.paused_until == clock.now + timedelta(seconds=60)
    assert account.trouble == "ModKie: 402 no credits"


# --- leases ---------------------------------------------------------------------------------------------------------
def test_a_sender_that_lost_its_lease_may_not_send(owner: Membership, clock: ControlledClock) -> None:
    late = engine_jobs.submitting(owner, is_marked=False)
    clock.advance(61)
    assert engine_jobs.mark(late) == []
    assert services.recover_submission(late)
    fresh = engine_jobs.claim(late)
    assert engine_jobs.mark(late) == []
    assert engine_jobs.mark(fresh) == [fresh]


def test_a_renewed_lease_is_not_taken_over(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.submitting(owner)
    assert job.lease_token
    clock.advance(61)
    services.renew_leases([job.lease_token])
    assert not services.recover_submission(job)
    assert state_of(job) == State.SUBMITTING


def test_late_writers_change_nothing(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.running(owner)
    late = polled(job)
    clock.advance(61)
    fresh = polled(job)
    assert not services.apply_snapshot(late, DONE)
    assert not services.poll_failed(late, "HTTP 502")
    assert services.apply_snapshot(fresh, Snapshot("fail", fail_code="500", fail_message="Oh."))
    assert not services.apply_snapshot(late, DONE)
    assert state_of(job) == State.FAIL


def test_a_late_media_worker_charges_nothing(owner: Membership, clock: ControlledClock) -> None:
    engine_jobs.saving(owner)
    late = services.claim_for_saving()
    clock.advance(61)
    fresh = services.claim_for_saving()
    assert late and fresh
    assert not services.succeed(late, [])
    assert not services.save_failed(late, detail="no video")
    assert services.succeed(fresh, [])
    assert not services.succeed(late, [])
    assert set(Entry.objects.filter(job_id=late.pk).values_list("kind", flat=True)) == {"hold", "capture"}


# --- watching -------------------------------------------------------------------------------------------------------
def test_a_job_that_generates_for_ever_ends_after_its_deadline_and_the_doubt(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.running(owner)
    still = Snapshot("generating", 0.5)
    clock.advance(job.deadline_seconds + 1)
    services.apply_snapshot(polled(job), still)
    assert state_of(job) == State.IN_DOUBT
    services.apply_snapshot(polled(job), still)
    assert state_of(job) == State.IN_DOUBT, "still running is no end of a doubt that began at the deadline"
    services.apply_snapshot(polled(job), DONE)
    assert state_of(job) == State.SAVING


def test_words_on_the_wire_never_go_back(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.running(owner)
    words = []
    for snapshot in (Snapshot("waiting"), Snapshot("generating", 0.2), Snapshot("queuing"), Snapshot("waiting"), DONE):
        services.apply_snapshot(polled(job), snapshot)
        job.refresh_from_db()
        words.append(wire_state(job))
    assert words == ["queuing", "generating", "generating", "generating", "generating"]


def test_success_without_a_link_is_asked_again_and_then_in_doubt(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.running(owner)
    for _ in range(watching.MAX_EMPTY_SUCCESSES):
        assert state_of(job) == State.RUNNING
        services.apply_snapshot(polled(job), Snapshot("success"))
    assert state_of(job) == State.IN_DOUBT
    services.apply_snapshot(polled(job), DONE)
    assert state_of(job) == State.SAVING


def test_a_callback_makes_the_job_due_at_once_and_moves_nothing(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.running(owner)
    assert services.claim_for_polling(10, ["sandbox"]) == []
    assert services.hint(job.pk)
    assert state_of(job) == State.RUNNING
    assert [found.pk for found in services.claim_for_polling(10, ["sandbox"])] == [job.pk]


# --- cancelling -----------------------------------------------------------------------------------------------------
def test_only_a_queued_job_can_be_cancelled(owner: Membership) -> None:
    queued, sending, saving = make_job(owner).job, engine_jobs.submitting(owner), engine_jobs.saving(owner)
    assert [services.cancel(job.pk) for job in (queued, sending, saving)] == [True, False, False]
    assert not services.cancel(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.fail_reason) == (State.FAIL, "cancelled")
    assert services.claim_for_submission(engine_jobs.NO_LIMITS, most=10) == []


def test_every_change_that_a_page_shows_raises_the_version(owner: Membership) -> None:
    job = make_job(owner).job
    versions = [job.version]
    claimed = engine_jobs.claim(job)
    for act in (
        lambda: engine_jobs.mark(claimed),
        lambda: services.record_upstream_id(job.pk, "up"),
        lambda: services.apply_snapshot(polled(job), Snapshot("generating", 0.5)),
        lambda: services.apply_snapshot(polled(job), DONE),
    ):
        act()
        versions.append(Job.objects.values_list("version", flat=True).get(pk=job.pk))
    assert versions == [1, 2, 3, 4, 5]
    assert kinds_of(job) == ["submitted", "upstream_generating", "upstream_success"]
