"""What arrives after a job was given up and paid back: a gift for the team, a loss for the operator, and no news for programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.credits import services as ledger
from playground.credits.models import Entry
from playground.gallery.queries import gallery_page
from playground.jobs import archive, pump, queries, reconciliation, services, sweeper, upstreams
from playground.jobs.models import FailReason, Job, State
from playground.providers.base import Provider
from tests.api.client import Program
from tests.factories import make_key
from tests.jobs.controlled_clock import ControlledClock
from tests.jobs.engine_jobs import echo_of, kinds_of, look, state_of
from tests.jobs.live_jobs import GRANTED, PRICE, Leaving, Records, call_back, doubtful, leaving, make_live_owner, money, record, stored
from tests.media.clips import make_clip
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


@pytest.fixture
def owner(clock: ControlledClock, settings: Settings) -> Membership:
    return make_live_owner(settings)


def row(sent: Leaving) -> Job:
    return Job.objects.get(pk=sent.job.pk)


def given_up(owner: Membership, clock: ControlledClock) -> Leaving:
    """Nobody answered, nobody called back, and the hour of the doubt is over."""
    sent = doubtful(owner)
    clock.advance(HOUR + 1)
    assert sweeper.sweep() == 1
    assert (state_of(sent.job), row(sent).fail_reason) == (State.FAIL, FailReason.IN_DOUBT)
    return sent


def overdue(owner: Membership, clock: ControlledClock) -> Leaving:
    """The provider knew the job and never finished it in time."""
    sent = leaving(owner)
    assert services.record_upstream_id(sent.job.pk, "task-1")
    still = Records(**{"task-1": record(sent.job, "generating")})
    clock.advance(sent.job.deadline_seconds + 1)
    still.look()
    assert state_of(sent.job) == State.IN_DOUBT
    clock.advance(HOUR + 1)
    still.look()
    clock.advance(130)
    sweeper.sweep()
    assert row(sent).fail_reason == FailReason.TIMEOUT
    return sent


def deliver(owner: Membership) -> None:
    """The media worker's part."""
    claimed = services.claim_for_saving()
    assert claimed is not None
    assert services.succeed(claimed, [stored(owner)])


# --- a gift -----------------------------------------------------------------------------------------------------------
def test_what_is_called_back_after_the_end_is_recovered_and_free(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    assert money() == (GRANTED, 0)
    call_back(sent, "task-1")
    assert state_of(sent.job) == State.RECOVERING
    Records(**{"task-1": record(sent.job, consumed_millicredits=PRICE)}).look()
    deliver(owner)

    job = row(sent)
    assert (job.state, job.upstream_id, job.charged_millicredits, job.takes.count()) == (State.RECOVERED, "task-1", 0, 1)
    assert kinds_of(sent.job)[-3:] == ["fail", "recovering", "recovered"]
    assert list(Entry.objects.filter(job_id=job.pk).order_by("pk").values_list("kind", flat=True)) == ["hold", "release"]
    assert money() == (GRANTED, 0)
    assert ledger.verify() == []


def test_the_pump_and_the_archive_bring_a_late_video_home(
    transactional_db: None, settings: Settings, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with the engines themselves, and a real clip."""
    owner = make_live_owner(settings)
    clip = make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1).read_bytes()
    sent = doubtful(owner)
    services.fail(sent.job.pk, origins=(State.IN_DOUBT,), reason=FailReason.IN_DOUBT)
    records = Records(**{"task-1": record(sent.job)})

    def fetch(link: str, target: Path) -> None:
        target.write_bytes(clip)

    records.provider.on_collect = fetch

    def build(name: str) -> Provider:
        return records.provider

    monkeypatch.setattr(upstreams, "build", build)
    call_back(sent, "task-1")

    def is_home() -> bool:
        pump.run_seated(budget_seconds=5)
        archive.work_once()
        return state_of(sent.job) == State.RECOVERED

    wait_until(is_home)
    assert sent.job.takes.get().video.duration_ms
    assert money() == (GRANTED, 0)
    assert ledger.verify() == []


def test_a_job_that_ended_without_a_result_in_time_is_asked_about_by_itself(owner: Membership, clock: ControlledClock) -> None:
    """No callback is needed: there is an id to ask by."""
    sent = overdue(owner, clock)
    assert state_of(sent.job) == State.RECOVERING
    assert Records(**{"task-1": record(sent.job)}).look() == 1
    deliver(owner)
    assert state_of(sent.job) == State.RECOVERED
    assert money() == (GRANTED, 0)


def test_our_own_answer_that_comes_after_the_end_is_looked_into(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    assert not services.record_upstream_id(sent.job.pk, "task-1")
    assert sent.job.events.get(kind="unclaimed_id").detail == "task-1"
    Records(**{"task-1": record(sent.job)}).look()
    deliver(owner)
    assert (state_of(sent.job), row(sent).upstream_id) == (State.RECOVERED, "task-1")


def test_a_candidate_that_could_not_be_read_in_time_is_asked_about_further(owner: Membership, clock: ControlledClock) -> None:
    sent = doubtful(owner)
    call_back(sent, "task-1")
    for _ in range(2):
        clock.advance(HOUR + 1)
        [claimed] = services.claim_for_polling(10, ["kie"])
        services.poll_failed(claimed, "HTTP 502")
        clock.advance(130)
        sweeper.sweep()
    assert (state_of(sent.job), row(sent).candidate_id) == (State.RECOVERING, "task-1")
    Records(**{"task-1": record(sent.job)}).look()
    deliver(owner)
    assert state_of(sent.job) == State.RECOVERED


# --- what is said of it -----------------------------------------------------------------------------------------------
def test_programs_that_were_told_fail_are_told_nothing_else(owner: Membership, clock: ControlledClock) -> None:
    program = Program(make_key(owner, mode="live"))
    sent = given_up(owner, clock)
    told = program.record(sent.job.pk.hex)["data"]
    assert (told["state"], told["creditsConsumed"]) == ("fail", 0)
    call_back(sent, "task-1")
    recovering = program.record(sent.job.pk.hex)["data"]
    Records(**{"task-1": record(sent.job)}).look()
    deliver(owner)
    recovered = program.record(sent.job.pk.hex)["data"]

    for later in (recovering, recovered):
        assert {name: later[name] for name in ("state", "failCode", "failMsg", "completeTime", "creditsConsumed")} == {
            name: told[name] for name in ("state", "failCode", "failMsg", "completeTime", "creditsConsumed")
        }


def test_the_customer_is_called_back_once_and_not_again(owner: Membership, clock: ControlledClock) -> None:
    sent = doubtful(owner, callback_url="https://customer.example/hook")
    clock.advance(HOUR + 1)
    sweeper.sweep()
    from playground.webhooks.models import Delivery

    assert Delivery.objects.count() == 1
    call_back(sent, "task-1")
    Records(**{"task-1": record(sent.job)}).look()
    deliver(owner)
    assert (state_of(sent.job), Delivery.objects.count()) == (State.RECOVERED, 1)


def test_it_is_listed_as_the_operator_s_loss(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    [maybe] = reconciliation.losses()
    assert (maybe.job.pk, maybe.kind, maybe.is_certain, maybe.consumed_millicredits) == (sent.job.pk, "in_doubt", False, None)
    call_back(sent, "task-1")
    Records(**{"task-1": record(sent.job, consumed_millicredits=PRICE)}).look()
    assert [loss.kind for loss in reconciliation.losses()] == ["in_doubt"], "not yet ours"
    deliver(owner)
    [loss] = reconciliation.losses(team_id=owner.team_id)
    assert (loss.job.pk, loss.kind, loss.is_certain, loss.consumed_millicredits) == (sent.job.pk, "recovered", True, PRICE)
    assert reconciliation.loss_total() == reconciliation.LossTotal(1, PRICE)


def test_people_see_it_in_their_gallery_only_when_it_is_there(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    call_back(sent, "task-1")
    assert gallery_page(owner.team_id, "live").jobs == []
    Records(**{"task-1": record(sent.job)}).look()
    deliver(owner)
    assert [job.pk for job in gallery_page(owner.team_id, "live").jobs] == [sent.job.pk]


def test_it_takes_no_slot_of_the_team_and_none_of_the_provider(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    call_back(sent, "task-1")
    assert queries.load(owner.team_id, "live") == queries.Load(running=0, waiting=0)


# --- no gift ----------------------------------------------------------------------------------------------------------
def test_a_late_callback_that_names_somebody_else_s_task_brings_nothing(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    call_back(sent, "task-1")
    Records(**{"task-1": record(sent.job, echo=echo_of(sent.job, input={"prompt": "Another film"}))}).look()
    job = row(sent)
    assert (job.state, job.fail_reason, job.upstream_id, job.candidate_id) == (State.FAIL, FailReason.IN_DOUBT, "", "")
    assert sent.job.events.get(kind="recovery_over").detail == "task-1: its prompt is another"


@pytest.mark.parametrize("order", [("wrong", "right"), ("right", "wrong")])
def test_of_several_late_ids_the_right_one_is_delivered(owner: Membership, clock: ControlledClock, order: tuple[str, str]) -> None:
    sent = given_up(owner, clock)
    foreign = record(sent.job, echo=echo_of(sent.job, input={"prompt": "Another film"}))
    provider = Records(wrong=foreign, right=record(sent.job))
    for name in order:
        call_back(sent, name)
    while provider.look():
        pass
    deliver(owner)
    assert (state_of(sent.job), row(sent).upstream_id) == (State.RECOVERED, "right")


def test_a_task_that_belongs_to_another_job_is_not_delivered_twice(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    other = leaving(owner)
    assert services.record_upstream_id(other.job.pk, "task-1")
    call_back(sent, "task-1")
    [claimed] = [job for job in services.claim_for_polling(10, ["kie"]) if job.pk == sent.job.pk]
    services.apply_snapshot(claimed, record(sent.job))
    assert (state_of(sent.job), row(sent).upstream_id) == (State.FAIL, "")
    assert sent.job.events.get(kind="recovery_over").detail == "task-1: it belongs to another job"


def test_a_late_failure_leaves_the_job_as_it_was(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    before = row(sent)
    call_back(sent, "task-1")
    Records(**{"task-1": record(sent.job, "fail", fail_code="422", fail_message="Real person.")}).look()
    after = row(sent)
    assert (after.state, after.fail_reason, after.fail_message, after.finished_at) == (
        State.FAIL, before.fail_reason, before.fail_message, before.finished_at,
    )  # fmt: skip
    assert money() == (GRANTED, 0)


def test_what_never_comes_is_forgotten_after_a_day(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    call_back(sent, "task-1")
    provider = Records(**{"task-1": record(sent.job, "generating")})
    looks = 0
    for _ in range(30):
        looks += provider.look()
        clock.advance(HOUR)
        sweeper.sweep()
    assert (state_of(sent.job), row(sent).candidate_id) == (State.FAIL, "")
    assert 12 <= looks <= 26, "once in one or two of these hours, for the waits are uneven"
    assert provider.look() == 0


def test_a_late_result_that_cannot_be_fetched_ends_the_recovery_and_nothing_else(owner: Membership, clock: ControlledClock) -> None:
    sent = overdue(owner, clock)
    Records(**{"task-1": record(sent.job)}).look()
    claimed = services.claim_for_saving()
    assert claimed is not None
    assert services.lose_result(claimed, code="410", words="gone")
    assert (state_of(sent.job), row(sent).fail_reason) == (State.FAIL, FailReason.TIMEOUT)
    assert ledger.verify() == []


@pytest.mark.parametrize("reason", [FailReason.CANCELLED, FailReason.CAPACITY, FailReason.PROVIDER_ACCOUNT, FailReason.OUTPUT])
def test_an_end_by_somebody_s_word_is_final(owner: Membership, clock: ControlledClock, reason: FailReason) -> None:
    sent = doubtful(owner)
    services.fail(sent.job.pk, origins=(State.IN_DOUBT,), reason=reason)
    call_back(sent, "task-1")
    assert state_of(sent.job) == State.FAIL


def test_a_callback_without_an_id_begins_nothing_where_there_is_none_to_ask_by(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    assert call_back(sent, "") == 200
    assert state_of(sent.job) == State.FAIL


def test_a_recovered_job_stays_recovered(owner: Membership, clock: ControlledClock) -> None:
    sent = given_up(owner, clock)
    call_back(sent, "task-1")
    provider = Records(**{"task-1": record(sent.job)})
    provider.look()
    deliver(owner)
    call_back(sent, "task-2", again=True)
    services.record_upstream_id(sent.job.pk, "task-3")
    assert look(provider.provider, "kie") == 0
    assert (state_of(sent.job), row(sent).upstream_id) == (State.RECOVERED, "task-1")


def test_two_media_workers_deliver_a_late_result_once(owner: Membership, clock: ControlledClock) -> None:
    sent = overdue(owner, clock)
    Records(**{"task-1": record(sent.job)}).look()
    late = services.claim_for_saving()
    clock.advance(61)
    fresh = services.claim_for_saving()
    assert late and fresh
    assert not services.succeed(late, [stored(owner)])
    assert services.succeed(fresh, [stored(owner)])
    assert not services.succeed(late, [stored(owner)])
    assert sent.job.takes.count() == 1
