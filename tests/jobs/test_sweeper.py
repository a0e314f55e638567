"""The broom's rules, one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.credits import services as ledger
from playground.credits.models import Account
from playground.jobs import services, sweeper
from playground.jobs.models import Job, State
from tests.factories import make_job, make_owner
from tests.jobs import engine_jobs
from tests.jobs.controlled_clock import ControlledClock
from tests.jobs.engine_jobs import DONE, kinds_of, polled, state_of

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


@pytest.fixture
def owner(clock: ControlledClock, settings: Settings) -> Membership:
    settings.MODKIE_API_KEY = "sk-any"
    membership = make_owner()
    ledger.grant(team=membership.team, mode="live", millicredits=10_000_000)
    return membership


def reason(job: Job) -> str:
    job.refresh_from_db()
    return job.fail_reason


def doubtful(owner: Membership) -> Job:
    job = engine_jobs.submitting(owner)
    services.doubt(job.pk, job.lease_token, detail="timeout")
    return job


def overdue(owner: Membership, clock: ControlledClock) -> Job:
    """A job that was still running at its deadline and is in doubt since."""
    job = engine_jobs.running(owner)
    clock.advance(job.deadline_seconds)
    services.poll_failed(polled(job), "HTTP 502")
    assert state_of(job) == State.IN_DOUBT
    return job


def test_nothing_is_swept_before_its_time(owner: Membership, clock: ControlledClock) -> None:
    make_job(owner)
    engine_jobs.submitting(owner)
    doubtful(owner)
    engine_jobs.running(owner)
    engine_jobs.saving(owner)
    clock.advance(59)
    assert sweeper.sweep() == 0


def test_a_sender_that_died_before_sending_gives_the_job_back(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.submitting(owner, is_marked=False)
    clock.advance(61)
    assert sweeper.sweep() == 1
    assert state_of(job) == State.QUEUED


def test_a_sender_that_died_while_sending_leaves_a_doubt(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.submitting(owner, mode="live")
    clock.advance(61)
    assert sweeper.sweep() == 1
    assert state_of(job) == State.IN_DOUBT
    assert Account.objects.get(mode="live").held_millicredits == 60_000


def test_the_sandbox_is_asked_again_because_it_remembers_and_bills_nothing(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.submitting(owner)
    clock.advance(61)
    assert sweeper.sweep() == 1
    assert state_of(job) == State.QUEUED
    assert engine_jobs.mark(engine_jobs.claim(job))
    assert services.record_upstream_id(job.pk, "up")


def test_a_doubt_about_the_sending_ends_after_an_hour_and_the_operator_is_told(
    owner: Membership, clock: ControlledClock, caplog: pytest.LogCaptureFixture
) -> None:
    job = doubtful(owner)
    clock.advance(HOUR - 1)
    assert sweeper.sweep() == 0
    clock.advance(2)
    assert sweeper.sweep() == 1
    assert (state_of(job), reason(job)) == (State.FAIL, "in_doubt")
    assert Account.objects.get(mode="test").held_millicredits == 0
    assert "it is our loss" in caplog.text


def test_a_doubt_about_the_result_ends_as_a_timeout_once_it_was_looked_at_to_the_end(owner: Membership, clock: ControlledClock) -> None:
    job = overdue(owner, clock)
    clock.advance(HOUR + 1)
    services.poll_failed(polled(job), "HTTP 502")
    clock.advance(60)
    assert sweeper.sweep() == 0, "whoever is just looking gets the time to finish"
    clock.advance(120)
    assert sweeper.sweep() == 1
    assert reason(job) == "timeout"


def test_after_a_day_switched_off_an_overdue_job_is_asked_about_once_more(owner: Membership, clock: ControlledClock) -> None:
    job = overdue(owner, clock)
    clock.advance(24 * HOUR)
    assert sweeper.sweep() == 0
    [claimed] = services.claim_for_polling(10, ["sandbox"])
    assert services.apply_snapshot(claimed, DONE)
    assert state_of(job) == State.SAVING


def test_a_last_look_that_nobody_takes_is_the_end(owner: Membership, clock: ControlledClock) -> None:
    """The provider's key is gone: there is nobody to ask."""
    job = overdue(owner, clock)
    clock.advance(24 * HOUR)
    sweeper.sweep()
    clock.advance(121)
    assert sweeper.sweep() == 1
    assert reason(job) == "timeout"


def test_six_hours_in_the_queue_are_enough(owner: Membership, clock: ControlledClock) -> None:
    job = make_job(owner).job
    clock.advance(6 * HOUR + 1)
    assert sweeper.sweep() == 1
    assert reason(job) == "provider_account"


def test_a_result_that_was_never_had_is_lost_after_its_deadline_and_a_last_try(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.saving(owner)
    clock.advance(25 * HOUR)
    assert sweeper.sweep() == 0
    assert services.claim_for_saving() is not None, "the last try"
    clock.advance(121)
    assert sweeper.sweep() == 1
    assert reason(job) == "result_lost"


def test_a_result_that_is_being_saved_is_left_alone(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.saving(owner)
    clock.advance(23 * HOUR)
    claimed = services.claim_for_saving()
    assert claimed and claimed.lease_token
    Job.objects.filter(pk=job.pk).update(deadline_at=clock.now)
    for _ in range(6):
        clock.advance(50)
        services.renew_leases([claimed.lease_token])
        assert sweeper.sweep() == 0
    assert services.succeed(claimed, [])


def test_a_running_job_that_nobody_can_read_falls_into_doubt(owner: Membership, clock: ControlledClock) -> None:
    job = engine_jobs.running(owner)
    clock.advance(job.deadline_seconds + 119)
    assert sweeper.sweep() == 0
    clock.advance(2)
    assert sweeper.sweep() == 1
    assert state_of(job) == State.IN_DOUBT
    assert kinds_of(job)[-1] == "in_doubt"


def test_one_job_that_cannot_be_ended_does_not_keep_the_others_from_their_end(
    owner: Membership, clock: ControlledClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison, other = doubtful(owner), doubtful(owner)
    release: Callable[..., int] = ledger.release

    def faulty(*, job_id: object) -> int:
        if job_id == poison.pk:
            raise RuntimeError("no hold")
        return release(job_id=job_id)

    monkeypatch.setattr(ledger, "release", faulty)
    clock.advance(HOUR + 1)
    assert sweeper.sweep() == 1
    assert (state_of(poison), state_of(other)) == (State.IN_DOUBT, State.FAIL)


def test_the_times_are_settings(owner: Membership, clock: ControlledClock, settings: Settings) -> None:
    settings.IN_DOUBT_MINUTES, settings.QUEUED_HOURS = 1, 1
    unknown = doubtful(owner)
    assert Job.objects.get(pk=unknown.pk).deadline_at == clock.now + timedelta(minutes=1)
    queued = make_job(owner).job
    clock.advance(HOUR + 1)
    sweeper.sweep()
    assert (reason(unknown), reason(queued)) == ("in_doubt", "provider_account")
