"""Whose job goes next."""

from __future__ import annotations

from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.credits import services as ledger
from playground.jobs import fairness, provider_accounts, services
from playground.jobs.models import Job, State
from playground.providers.base import Limits
from tests.factories import make_job, make_owner
from tests.jobs.controlled_clock import ControlledClock
from tests.jobs.engine_jobs import NO_LIMITS, claim, running, submitting

pytestmark = pytest.mark.django_db
PLENTY = {"sandbox": 50, "modkie": 50}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


@pytest.fixture
def teams(clock: ControlledClock) -> list[Membership]:
    return [make_owner(f"{name}@example.com", name) for name in ("first", "second", "third")]


def teams_of(job_ids: list[UUID]) -> list[str]:
    return [Job.objects.get(pk=job_id).team.slug for job_id in job_ids]


def test_the_team_with_the_fewest_running_goes_first(teams: list[Membership], clock: ControlledClock) -> None:
    first, second, _ = teams
    for owner, count in ((first, 3), (second, 1)):
        for _ in range(count):
            running(owner)
    for owner in teams:
        for _ in range(4):
            make_job(owner)
        clock.advance(1)
    order = teams_of(fairness.next_queued({"sandbox": 7}))
    assert order == ["third", "second", "third", "second", "third", "first", "second"]


def test_a_team_s_own_jobs_go_in_the_order_in_which_they_came(teams: list[Membership], clock: ControlledClock) -> None:
    jobs = []
    for _ in range(3):
        jobs.append(make_job(teams[0]).job.pk)
        clock.advance(1)
    assert fairness.next_queued(PLENTY) == jobs


def test_among_equals_whoever_waited_longest_goes_first(teams: list[Membership], clock: ControlledClock) -> None:
    for owner in reversed(teams):
        make_job(owner)
        clock.advance(1)
    assert teams_of(fairness.next_queued({"sandbox": 1})) == ["third"]


def test_a_team_never_has_more_running_than_its_cap_and_the_rest_waits(teams: list[Membership], settings: Settings) -> None:
    settings.TEAM_RUNNING_CAP = 4
    for _ in range(3):
        running(teams[0])
    for _ in range(5):
        make_job(teams[0])
    assert len(fairness.next_queued(PLENTY)) == 1
    assert len(services.claim_for_submission(NO_LIMITS, most=50)) == 1
    assert fairness.next_queued(PLENTY) == []


def test_a_provider_that_is_nearly_full_does_not_hide_the_jobs_for_another(teams: list[Membership], clock: ControlledClock) -> None:
    for _ in range(20):
        make_job(teams[0])
    clock.advance(1)
    other = make_job(teams[0]).job
    Job.objects.filter(pk=other.pk).update(provider="modkie")
    chosen = fairness.next_queued({"sandbox": 1, "modkie": 5})
    assert len(chosen) == 2 and other.pk in chosen


def test_no_room_no_jobs(teams: list[Membership]) -> None:
    make_job(teams[0])
    assert fairness.next_queued({}) == []
    assert fairness.next_queued({"sandbox": 0}) == []
    assert fairness.next_queued({"modkie": 5}) == []


def test_a_job_that_waits_after_a_refusal_is_not_chosen_before_its_time(teams: list[Membership], clock: ControlledClock) -> None:
    job = make_job(teams[0]).job
    claimed = claim(job)
    assert claimed.lease_token
    services.requeue(job.pk, claimed.lease_token, detail="429", delay_seconds=30)
    assert fairness.next_queued(PLENTY) == []
    clock.advance(30)
    assert fairness.next_queued(PLENTY) == [job.pk]


def test_requests_of_all_pumps_count_for_the_provider_s_rate(teams: list[Membership], clock: ControlledClock) -> None:
    limits = {"sandbox": Limits(creates_per_10_seconds=5, reads_per_second=0, running=0), "modkie": NO_LIMITS["modkie"]}
    running(teams[0])
    clock.advance(6)
    running(teams[1])
    services.cancel(make_job(teams[2]).job.pk)
    assert fairness.room_at(limits, most=50) == {"sandbox": 3, "modkie": 50}
    clock.advance(5)
    assert fairness.room_at(limits, most=50)["sandbox"] == 4


def test_a_request_counts_until_the_window_after_its_answer_is_over(teams: list[Membership], clock: ControlledClock) -> None:
    """It may arrive at any moment until it is answered, however long that takes."""
    limits = {"sandbox": Limits(creates_per_10_seconds=1, reads_per_second=0, running=0)}
    job = submitting(teams[0])
    clock.advance(50)
    assert fairness.room_at(limits, most=50) == {"sandbox": 0}
    services.record_upstream_id(job.pk, "slow")
    clock.advance(9)
    assert fairness.room_at(limits, most=50) == {"sandbox": 0}
    clock.advance(2)
    assert fairness.room_at(limits, most=50) == {"sandbox": 1}


def test_what_is_claimed_counts_before_it_is_sent(teams: list[Membership]) -> None:
    limits = {"sandbox": Limits(creates_per_10_seconds=3, reads_per_second=0, running=0)}
    for _ in range(5):
        make_job(teams[0])
    assert len(services.claim_for_submission(limits, most=50)) == 3
    assert services.claim_for_submission(limits, most=50) == []


def test_a_paused_account_takes_nothing_and_one_in_trouble_takes_one(teams: list[Membership], clock: ControlledClock) -> None:
    provider_accounts.pause("kie", 30)
    provider_accounts.pause("modkie", 30, trouble="no credits")
    assert fairness.room_at(NO_LIMITS, most=50) == {"sandbox": 50}
    clock.advance(31)
    assert fairness.room_at(NO_LIMITS, most=50) == {"sandbox": 50, "kie": 50, "modkie": 1}


def test_a_job_whose_files_are_not_there_yet_holds_nobody_up(teams: list[Membership], clock: ControlledClock) -> None:
    first = make_job(teams[0]).job
    clock.advance(1)
    second = make_job(teams[0]).job
    Job.objects.filter(pk=first.pk).update(is_waiting_for_files=True)
    assert fairness.next_queued(PLENTY) == [second.pk]


def test_test_and_live_of_a_team_are_lines_of_their_own(teams: list[Membership], settings: Settings) -> None:
    settings.MODKIE_API_KEY, settings.TEAM_RUNNING_CAP = "sk-any", 1
    ledger.grant(team=teams[0].team, mode="live", millicredits=1_000_000)
    running(teams[0])
    live = make_job(teams[0], mode="live").job
    make_job(teams[0])
    assert fairness.next_queued(PLENTY) == [live.pk]
    assert live.state == State.QUEUED


def test_what_is_claimed_stands_in_the_order_of_its_turns(teams: list[Membership], clock: ControlledClock) -> None:
    """Not as the database finds it: the whole line of a team would leave before anybody else's first job."""
    for owner in teams:
        for _ in range(4):
            make_job(owner)
            clock.advance(1)
    turns = fairness.next_queued(PLENTY)
    assert teams_of(turns) == ["first", "second", "third"] * 4
    assert [job.pk for job in services.claim_for_submission(NO_LIMITS, most=50)] == turns


def test_jobs_are_read_in_the_order_in_which_they_fell_due_and_before_them_what_called_back(
    teams: list[Membership], clock: ControlledClock
) -> None:
    jobs = []
    for _ in range(5):
        jobs.append(running(teams[0]).pk)
        clock.advance(1)
    services.hint(jobs[2])
    clock.advance(10_000)
    assert [job.pk for job in services.claim_for_polling(100, ["sandbox"])] == [jobs[2], *jobs[:2], *jobs[3:]]
