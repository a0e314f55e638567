"""Every row of the table "no job lost, none run twice": a real process is killed at a named place, or the upstream
misbehaves, and the books, the takes and the upstream's own log say what came of it."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from django_q.models import OrmQ

from playground.credits.models import Account
from playground.jobs.creation import create_job
from playground.jobs.errors import IdempotencyConflict
from playground.jobs.models import Attempt, Job, ProviderAccount, State
from tests.queue.house import House
from tests.upstream.client import Upstream
from tests.waiting import wait_until

pytestmark = pytest.mark.processes
KILLED = -signal.SIGKILL
CREATE = "from playground.jobs.creation import NewJob, create_job; create_job({new!r})"


def outcomes(job: Job) -> list[str]:
    return list(Attempt.objects.filter(job_id=job.pk).order_by("number").values_list("outcome", flat=True))


# --- the pump dies --------------------------------------------------------------------------------------------------
def test_killed_after_the_claim_and_before_the_request_the_job_goes_back_and_is_sent_once(house: House) -> None:
    job = house.submit("killed before sending")
    assert house.pump(failpoint="pump.claimed").wait_for_death() == KILLED
    house.pump()
    house.media_worker()

    assert house.wait_for(job).state == State.SUCCESS
    assert outcomes(job) == ["never_sent", "accepted"]
    house.assert_created_upstream(job)
    house.assert_books_are_in_order()


@pytest.mark.parametrize(("place", "arrived"), [("pump.marked", 0), ("pump.posted", 1), ("pump.settling", 1)])
def test_killed_after_the_request_may_have_left_the_job_is_in_doubt_and_never_sent_again(
    make_house: Callable[..., House], upstream: Upstream, place: str, arrived: int
) -> None:
    house = make_house(upstream, IN_DOUBT_MINUTES="0.05")
    job = house.submit("killed while sending")
    assert house.pump(failpoint=place).wait_for_death() == KILLED
    house.pump()

    assert house.wait_for(job).fail_reason == "in_doubt"
    assert "in_doubt" in house.kinds(job)
    house.assert_created_upstream(job, arrived)
    house.assert_books_are_in_order()


@pytest.mark.parametrize("place", ["pump.settled", "pump.polled", "pump.settling@2", "pump.settled@2"])
def test_killed_around_the_commit_of_what_the_provider_said_nothing_is_lost_or_done_twice(house: House, place: str) -> None:
    job = house.submit("killed while settling")
    assert house.pump(failpoint=place).wait_for_death() == KILLED
    house.pump()
    house.media_worker()

    assert house.wait_for(job).state == State.SUCCESS
    assert house.kinds(job).count("upstream_success") == 1
    house.assert_created_upstream(job)
    house.assert_books_are_in_order()


# --- the media worker dies ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", ["archive.claimed", "archive.collected", "archive.stored", "archive.succeeded"])
def test_a_media_worker_killed_while_it_saves_costs_the_job_nothing(house: House, place: str) -> None:
    job = house.submit("killed while saving")
    house.pump()
    assert house.media_worker(failpoint=place).wait_for_death() == KILLED
    house.media_worker()

    assert house.wait_for(job).state == State.SUCCESS
    assert job.save_attempts == 0
    house.assert_created_upstream(job)
    house.assert_books_are_in_order()


# --- the hint and the client ----------------------------------------------------------------------------------------
def test_a_job_whose_hint_was_lost_is_found_by_the_pump_itself(house: House) -> None:
    job = house.submit("hint lost")
    assert OrmQ.objects.exists()
    OrmQ.objects.all().delete()
    house.pump()
    house.media_worker()

    assert house.wait_for(job).state == State.SUCCESS
    house.assert_created_upstream(job)
    house.assert_books_are_in_order()


def test_a_queue_that_was_flushed_is_revived_by_its_schedule(house: House) -> None:
    job = house.submit("queue flushed")
    OrmQ.objects.all().delete()
    house.start("qcluster")
    house.media_worker()

    assert house.wait_for(job).state == State.SUCCESS
    house.assert_created_upstream(job)
    house.assert_books_are_in_order()


def test_a_client_that_retries_after_a_crash_gets_the_same_job(house: House) -> None:
    """The server died after the commit and before the hint and the answer, so the client asks again with its key."""
    assert house.owner is not None
    request = {"idempotency_scope": "key:1", "idempotency_key": "order 66"}
    crash = house.start("shell", "-c", CREATE.format(new=house.new_job("sent twice", **request)), failpoint="create.committed")
    assert crash.wait_for_death() == KILLED
    assert Job.objects.count() == 1 and not OrmQ.objects.exists()

    again = create_job(house.new_job("sent twice", **request))
    assert not again.is_new
    with pytest.raises(IdempotencyConflict):
        house.submit("another prompt", **request)
    house.pump()
    house.media_worker()
    assert house.wait_for(again.job).state == State.SUCCESS
    assert Job.objects.count() == 1
    house.assert_created_upstream(again.job)
    house.assert_books_are_in_order()


# --- the way to the upstream ----------------------------------------------------------------------------------------
@pytest.mark.once
def test_an_upstream_that_cannot_be_reached_gets_the_job_when_it_is_back(house: House, upstream: Upstream) -> None:
    upstream.stop()
    job = house.submit("nobody home")
    house.pump()
    house.media_worker()
    wait_until(lambda: outcomes(job).count("never_sent") >= 2, what=house.tails)
    assert "in_doubt" not in house.kinds(job)
    upstream.start()

    assert house.wait_for(job).state == State.SUCCESS
    assert set(outcomes(job)) == {"never_sent", "accepted"}
    house.assert_created_upstream(job)
    house.assert_books_are_in_order()


@pytest.mark.once
def test_no_usable_answer_to_a_request_that_left_is_a_doubt_and_not_a_second_request(
    make_house: Callable[..., House], upstream: Upstream
) -> None:
    house = make_house(upstream, IN_DOUBT_MINUTES="0.05")
    jobs = [house.submit(f"no answer {fault}") for fault in ("{hang}", "{drop}", "{500}", "{gateway}")]
    house.pump()

    for job in jobs:
        assert house.wait_for(job).fail_reason == "in_doubt"
        assert outcomes(job) == ["in_doubt"]
        house.assert_created_upstream(job)
    house.assert_books_are_in_order()


@pytest.mark.once
@pytest.mark.parametrize("fault", ["{429 2}", "{401 1}", "{402 2}"])
def test_a_refusal_of_our_account_makes_the_jobs_wait_and_go_on_later(house: House, fault: str) -> None:
    jobs = [house.submit(f"{number} turned away {fault}") for number in range(3)]
    house.pump()
    house.media_worker()

    for job in jobs:
        assert house.wait_for(job).state == State.SUCCESS
        assert set(outcomes(job)) == {"never_sent", "accepted"}
        house.assert_created_upstream(job)
    account = ProviderAccount.objects.get(provider="modkie")
    assert account.trouble == ""
    house.assert_books_are_in_order()


@pytest.mark.once
def test_the_circuit_stays_open_while_our_account_is_in_trouble(make_house: Callable[..., House], upstream: Upstream) -> None:
    house = make_house(upstream, POLL_FACTOR="1")
    first = house.submit("no money there {402 99}")
    house.pump()
    wait_until(lambda: ProviderAccount.objects.exclude(trouble="").exists(), what=house.tails)
    other = house.submit("waits behind the trouble")
    house.wait_for(first, State.QUEUED)

    account = ProviderAccount.objects.get(provider="modkie")
    assert "402" in account.trouble and account.paused_until is not None
    other.refresh_from_db()
    assert (other.state, other.submit_attempts) == (State.QUEUED, 0)
    house.assert_created_upstream(other, 0)
    house.assert_books_are_in_order()


@pytest.mark.once
def test_a_refusal_of_the_request_fails_with_the_upstream_s_words(house: House) -> None:
    job = house.submit("a {refuse} fruit")
    house.pump()

    assert house.wait_for(job).state == State.FAIL
    assert (job.fail_code, job.fail_message) == ("422", "There is no such fruit.")
    house.assert_created_upstream(job, 0)
    house.assert_books_are_in_order()


# --- the upstream's answers -----------------------------------------------------------------------------------------
@pytest.mark.once
def test_an_answer_that_says_nothing_means_still_running(house: House) -> None:
    faults = ("{unknown}", "{null 2}", "{malformed 2}", "{empty 2}", "{limit 2}", "{stall 1}")
    jobs = [house.submit(f"odd answers {fault}") for fault in faults]
    house.pump()
    house.media_worker()

    for job in jobs:
        assert house.wait_for(job).state == State.SUCCESS, house.history(job)
        house.assert_created_upstream(job)
    house.assert_books_are_in_order()


def test_the_deadline_ends_what_never_ends_first_in_doubt_then_for_good(make_house: Callable[..., House], upstream: Upstream) -> None:
    house = make_house(upstream, DEADLINE_SECONDS="4", IN_DOUBT_MINUTES="0.05", LEASE_SECONDS="2")
    jobs = [house.submit(f"no end {fault}") for fault in ("{never}", "{null 9999}", "{no-url}")]
    house.pump()

    for job in jobs:
        assert house.wait_for(job).fail_reason == "timeout"
        assert [kind for kind in house.kinds(job) if kind in ("submitted", "in_doubt", "fail")] == ["submitted", "in_doubt", "fail"]
        house.assert_created_upstream(job)
    house.assert_books_are_in_order()


@pytest.mark.once
def test_a_slow_upstream_holds_up_nobody_else(house: House) -> None:
    slow = [house.submit(f"{number} {{stall 1}}") for number in range(3)]
    quick = house.submit("quick")
    house.pump()
    house.media_worker()

    house.wait_for(quick)
    for job in (quick, *slow):
        assert house.wait_for(job).state == State.SUCCESS
        house.assert_created_upstream(job)
    house.assert_books_are_in_order()


@pytest.mark.once
def test_the_upstream_s_failure_costs_nothing_and_keeps_its_words(house: House) -> None:
    job = house.submit("a portrait {fail}")
    house.pump()

    assert house.wait_for(job).state == State.FAIL
    assert (job.fail_reason, job.fail_code, job.fail_message) == ("input_media", "422", "Real person in image.")
    house.assert_books_are_in_order()


# --- frozen processes -----------------------------------------------------------------------------------------------
def test_a_pump_that_freezes_while_it_sends_still_brings_its_id_home(make_house: Callable[..., House], upstream: Upstream) -> None:
    # Long enough to freeze it before the answer; and when it wakes up, its own time for the answer is over as well.
    house = make_house(upstream, PROVIDER_TIMEOUT_SECONDS="8", LEASE_SECONDS="9")
    job = house.submit("frozen pump {late 7}")
    frozen = house.pump()
    wait_until(lambda: upstream.creates("frozen pump"), what=house.tails)
    house.freeze(frozen)
    house.pump()
    house.media_worker()
    house.wait_for(job, State.IN_DOUBT)
    frozen.signal(signal.SIGCONT)

    assert house.wait_for(job).state == State.SUCCESS
    house.assert_created_upstream(job)
    house.assert_books_are_in_order()


def test_a_frozen_media_worker_that_wakes_up_late_changes_nothing(house: House) -> None:
    job = house.submit("frozen worker {slow 6}")
    house.pump()
    frozen = house.media_worker()
    wait_until(lambda: house.upstream and house.upstream.events("result"), what=house.tails)
    house.freeze(frozen)
    house.media_worker()
    assert house.wait_for(job).state == State.SUCCESS
    frozen.signal(signal.SIGCONT)

    wait_until(lambda: "taken over" in frozen.log.read_text(), what=house.tails)
    house.assert_created_upstream(job)
    house.assert_books_are_in_order()
    assert house.living_files() == 4


# --- the result -----------------------------------------------------------------------------------------------------
@pytest.mark.once
def test_a_link_that_expired_is_replaced_by_a_fresh_one(house: House, upstream: Upstream) -> None:
    job = house.submit("stale link {expire}")
    house.pump()
    house.media_worker()

    assert house.wait_for(job).state == State.SUCCESS
    assert {event["name"] for event in upstream.events("result")} >= {"1.mp4", "2.mp4"}
    assert job.save_attempts == 0
    house.assert_books_are_in_order()


@pytest.mark.once
def test_a_result_that_is_gone_for_good_ends_the_job_without_a_charge(house: House) -> None:
    job = house.submit("too late {gone}")
    house.pump()
    house.media_worker()

    assert house.wait_for(job).fail_reason == "result_lost"
    house.assert_books_are_in_order()


@pytest.mark.once
def test_poison_is_tried_three_times_and_no_file_of_it_stays(house: House) -> None:
    foreign = house.submit("not a film {junk}")
    drawn = house.submit("not a film [[result:malformed]]", mode="test")
    house.pump()
    house.media_worker()

    for job in (foreign, drawn):
        assert house.wait_for(job).fail_reason == "result_lost"
        assert house.kinds(job).count("save_failed") == 2
    house.assert_books_are_in_order()
    assert house.living_files() == 0


def test_the_command_proves_the_ledger(house: House) -> None:
    house.submit("held")
    proof = house.run("ledger", "verify")
    assert (proof.returncode, "in order" in proof.stdout) == (0, True)
    Account.objects.filter(mode="live").update(held_millicredits=1)
    disproof = house.run("ledger", "verify")
    assert disproof.returncode != 0 and "the account says" in disproof.stderr
