"""In doubt: an id that only a callback names is adopted when the provider's own record shows our request, and never otherwise."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.credits import services as ledger
from playground.jobs import services, sweeper
from playground.jobs.models import Attempt, Job, State
from playground.providers.base import Snapshot
from tests.jobs.controlled_clock import ControlledClock
from tests.jobs.engine_jobs import DONE, echo_of, kinds_of, state_of
from tests.jobs.live_jobs import GRANTED, PRICE, Leaving, Records, call_back, doubtful, leaving, make_live_owner, money, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


@pytest.fixture
def owner(clock: ControlledClock, settings: Settings) -> Membership:
    return make_live_owner(settings)


def row(sent: Leaving) -> Job:
    return Job.objects.get(pk=sent.job.pk)


def foreign(job: Job) -> Snapshot:
    """The record of a task that somebody else's request made."""
    return record(job, echo=echo_of(job, input={"prompt": "Another film"}))


def refusals(sent: Leaving) -> list[str]:
    return list(sent.job.events.filter(kind="candidate_refused").values_list("detail", flat=True))


# --- ours -------------------------------------------------------------------------------------------------------------
def test_the_task_that_a_callback_names_is_adopted_and_its_result_fetched_at_one_look(owner: Membership) -> None:
    sent = doubtful(owner)
    call_back(sent, "task-1")
    assert Records(**{"task-1": record(sent.job)}).look() == 1
    assert (state_of(sent.job), row(sent).upstream_id, row(sent).candidate_id) == (State.SAVING, "task-1", "")
    assert kinds_of(sent.job)[-3:] == ["in_doubt", "adopted", "upstream_success"]
    assert Attempt.objects.get(job=sent.job).outcome == "adopted"
    assert money() == (GRANTED - PRICE, PRICE)


def test_a_failure_is_applied_at_the_same_look_and_paid_back(owner: Membership) -> None:
    sent = doubtful(owner)
    call_back(sent, "task-1")
    Records(**{"task-1": record(sent.job, "fail", fail_code="422", fail_message="Real person.")}).look()
    assert (state_of(sent.job), row(sent).fail_message, row(sent).upstream_id) == (State.FAIL, "Real person.", "task-1")
    assert money() == (GRANTED, 0)


def test_a_task_that_still_runs_is_adopted_with_what_was_seen_of_it_and_free_for_the_next_look(
    owner: Membership, clock: ControlledClock
) -> None:
    sent = doubtful(owner)
    call_back(sent, "task-1")
    provider = Records(**{"task-1": record(sent.job, "generating", progress=0.4, consumed_millicredits=PRICE)})
    provider.look()
    job = row(sent)
    assert (job.state, job.upstream_state, job.progress, job.consumed_millicredits) == (State.RUNNING, "generating", 40, PRICE)
    assert (job.lease_token, job.in_doubt_at) == (None, None)

    clock.advance(40)
    provider.records["task-1"] = record(sent.job)
    assert provider.look() == 1
    assert state_of(sent.job) == State.SAVING


def test_a_pump_that_adopts_keeps_the_job_until_it_has_written_what_it_saw(owner: Membership) -> None:
    """Dropped in between, another pump took the job, and the snapshot of the first was lost."""
    sent = doubtful(owner)
    call_back(sent, "task-1")
    [claimed] = services.claim_for_polling(10, ["kie"])
    assert services.apply_snapshot(claimed, record(sent.job, "success"))
    assert state_of(sent.job) == State.SAVING
    assert claimed.lease_token is not None


def test_the_deadline_of_an_adopted_job_begins_with_the_adoption(owner: Membership, clock: ControlledClock) -> None:
    sent = doubtful(owner)
    clock.advance(50 * 60)
    call_back(sent, "task-1")
    Records(**{"task-1": record(sent.job, "generating")}).look()
    clock.advance(20 * 60)
    sweeper.sweep()
    assert state_of(sent.job) == State.RUNNING, "the hour of the doubt is over, and the doubt was settled before"


# --- not ours ---------------------------------------------------------------------------------------------------------
def test_a_task_that_is_not_ours_is_refused_and_that_is_written_down(owner: Membership, clock: ControlledClock) -> None:
    sent = doubtful(owner)
    call_back(sent, "task-1")
    provider = Records(**{"task-1": foreign(sent.job)})
    provider.look()
    assert (state_of(sent.job), row(sent).upstream_id, row(sent).candidate_id) == (State.IN_DOUBT, "", "")
    assert refusals(sent) == ["task-1: its prompt is another"]
    assert money() == (GRANTED - PRICE, PRICE)
    clock.advance(300)
    assert provider.look() == 0, "there is nothing to ask by any more"


def test_a_record_that_does_not_say_what_was_asked_proves_nothing(owner: Membership) -> None:
    sent = doubtful(owner)
    call_back(sent, "task-1")
    Records(**{"task-1": DONE}).look()
    assert state_of(sent.job) == State.IN_DOUBT
    assert refusals(sent) == ["task-1: nothing to compare"]


def test_after_a_wrong_id_the_right_one_is_still_adopted(owner: Membership) -> None:
    sent = doubtful(owner)
    provider = Records(**{"wrong": foreign(sent.job), "right": record(sent.job)})
    call_back(sent, "wrong")
    provider.look()
    call_back(sent, "right")
    provider.look()
    assert (state_of(sent.job), row(sent).upstream_id) == (State.SAVING, "right")


@pytest.mark.parametrize("order", [("wrong", "right"), ("right", "wrong")])
def test_of_two_ids_that_came_before_a_look_the_right_one_is_adopted(owner: Membership, order: tuple[str, str]) -> None:
    sent = doubtful(owner)
    provider = Records(**{"wrong": foreign(sent.job), "right": record(sent.job)})
    for name in order:
        call_back(sent, name)
    while provider.look():
        pass
    assert (state_of(sent.job), row(sent).upstream_id) == (State.SAVING, "right")
    assert provider.asked.count("wrong") <= 1


def test_an_id_that_comes_while_another_is_looked_at_is_not_forgotten(owner: Membership) -> None:
    sent = doubtful(owner)
    call_back(sent, "wrong")
    [claimed] = services.claim_for_polling(10, ["kie"])
    call_back(sent, "right")
    services.apply_snapshot(claimed, foreign(sent.job))
    assert refusals(sent) == ["wrong: its prompt is another"]
    assert Records(right=record(sent.job)).look() == 1, "at once"
    assert (state_of(sent.job), row(sent).upstream_id) == (State.SAVING, "right")


def test_a_record_that_is_not_there_yet_is_asked_for_again(owner: Membership, clock: ControlledClock) -> None:
    sent = doubtful(owner)
    call_back(sent, "task-1")
    [claimed] = services.claim_for_polling(10, ["kie"])
    services.poll_failed(claimed, "recordInfo is null")
    clock.advance(60)
    Records(**{"task-1": record(sent.job)}).look()
    assert state_of(sent.job) == State.SAVING


# --- one job each -----------------------------------------------------------------------------------------------------
def test_two_equal_requests_in_doubt_never_get_one_task(owner: Membership) -> None:
    first, second = doubtful(owner), doubtful(owner)
    provider = Records(**{"task-1": record(first.job)})
    call_back(first, "task-1")
    provider.look()
    call_back(second, "task-1")
    provider.look()
    assert (state_of(first.job), state_of(second.job)) == (State.SAVING, State.IN_DOUBT)
    assert refusals(second) == ["task-1: it belongs to another job"]
    assert not Job.objects.filter(pk=second.job.pk).exclude(upstream_id="").exists()


def test_two_pumps_that_look_at_once_for_two_equal_requests_adopt_one_task_once(owner: Membership) -> None:
    first, second = doubtful(owner), doubtful(owner)
    for sent in (first, second):
        call_back(sent, "task-1")
    for claimed in services.claim_for_polling(10, ["kie"]):
        services.apply_snapshot(claimed, record(claimed))
    assert sorted([state_of(first.job), state_of(second.job)]) == [State.IN_DOUBT, State.SAVING]
    assert Job.objects.filter(upstream_id="task-1").count() == 1


def test_the_same_id_at_another_provider_is_another_task(owner: Membership) -> None:
    ours = doubtful(owner)
    other = leaving(owner, gateway="modkie", model_id="google/veo-3-1", payload={"prompt": "Sea", "duration": 5})
    assert services.record_upstream_id(other.job.pk, "task-1")
    call_back(ours, "task-1")
    Records(**{"task-1": record(ours.job)}).look()
    assert state_of(ours.job) == State.SAVING


# --- late -------------------------------------------------------------------------------------------------------------
def test_a_pump_that_lost_the_job_adopts_nothing_and_writes_nothing(owner: Membership, clock: ControlledClock) -> None:
    sent = doubtful(owner)
    call_back(sent, "task-1")
    [late] = services.claim_for_polling(10, ["kie"])
    clock.advance(61)
    [fresh] = services.claim_for_polling(10, ["kie"])
    before = (Job.objects.filter(pk=sent.job.pk).values().get(), kinds_of(sent.job))
    assert not services.apply_snapshot(late, record(sent.job))
    assert not services.apply_snapshot(late, foreign(sent.job))
    assert (Job.objects.filter(pk=sent.job.pk).values().get(), kinds_of(sent.job)) == before
    assert services.apply_snapshot(fresh, record(sent.job))
    assert state_of(sent.job) == State.SAVING


def test_our_own_late_answer_wins_over_what_a_callback_named(owner: Membership) -> None:
    sent = doubtful(owner)
    call_back(sent, "task-1")
    [claimed] = services.claim_for_polling(10, ["kie"])
    assert services.record_upstream_id(sent.job.pk, "task-2")
    assert not services.apply_snapshot(claimed, record(sent.job))
    assert (state_of(sent.job), row(sent).upstream_id) == (State.RUNNING, "task-2")
    assert "candidate_refused" not in kinds_of(sent.job)


def test_our_own_late_answer_that_names_the_adopted_task_changes_nothing(owner: Membership) -> None:
    sent = doubtful(owner)
    call_back(sent, "task-1")
    Records(**{"task-1": record(sent.job, "generating")}).look()
    assert not services.record_upstream_id(sent.job.pk, "task-1")
    assert "unclaimed_id" not in kinds_of(sent.job)
    assert ledger.verify() == []
