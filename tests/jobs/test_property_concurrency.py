"""Many threads at one door: one job for one nonce, no more holds than the balance covers, no number twice."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from playground.credits import services as ledger
from playground.credits.models import Account, Entry
from playground.jobs import services
from playground.jobs.creation import create_job
from playground.jobs.errors import IdempotencyConflict
from playground.jobs.models import FailReason, Job, State
from tests.factories import make_job, make_owner, new_job
from tests.jobs import engine_jobs
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NONCE = {"idempotency_scope": "user:1", "idempotency_key": "one press of the button"}


def test_a_hundred_submissions_of_one_nonce_make_one_job() -> None:
    owner = make_owner()
    results = at_once(100, lambda _: create_job(new_job(owner, **NONCE)))
    made = [result for result in results if not isinstance(result, Exception)]
    assert len(made) == 100
    assert sum(result.is_new for result in made) == 1
    assert {result.job.pk for result in made} == {Job.objects.get().pk}
    assert Entry.objects.filter(kind="hold").count() == 1
    assert ledger.verify() == []


def test_of_two_payloads_under_one_key_one_wins_and_the_other_is_refused() -> None:
    owner = make_owner()
    results = at_once(20, lambda number: create_job(new_job(owner, payload={"prompt": f"Sea {number % 2}"}, **NONCE)))
    job = Job.objects.get()
    refused = [result for result in results if isinstance(result, IdempotencyConflict)]
    assert len(refused) == 10
    assert all(result.job.pk == job.pk for result in results if not isinstance(result, Exception))
    with pytest.raises(IdempotencyConflict):
        create_job(new_job(owner, payload={"prompt": "Something else"}, **NONCE))


def test_a_nonce_that_fills_the_queue_still_answers_its_repetition(settings: Settings) -> None:
    owner = make_owner()
    settings.TEAM_QUEUE_CAP = 1
    results = at_once(10, lambda _: create_job(new_job(owner, **NONCE)))
    assert {result.job.pk for result in results if not isinstance(result, Exception)} == {Job.objects.get().pk}
    assert not [result for result in results if isinstance(result, Exception)]


def test_of_many_holds_at_once_exactly_as_many_fit_as_the_balance_covers() -> None:
    owner = make_owner()
    ledger.adjust(team=owner.team, mode="test", millicredits=-(10_000_000 - 7 * 60_000 - 59_999), note="almost eight jobs")
    results = at_once(24, lambda _: make_job(owner))
    refused = [result for result in results if isinstance(result, Exception)]
    assert (len(results) - len(refused), Job.objects.count()) == (7, 7)
    assert {type(error) for error in refused} == {ledger.InsufficientCredits}
    account = Account.objects.get(mode="test")
    assert (account.available_millicredits, account.held_millicredits) == (59_999, 7 * 60_000)
    assert sorted(Job.objects.values_list("number", flat=True)) == list(range(1, 8))
    assert ledger.verify() == []


def test_of_many_pumps_at_once_each_job_goes_to_one() -> None:
    owner = make_owner()
    jobs = {make_job(owner).job.pk for _ in range(8)}

    def send() -> list[UUID]:
        claimed = services.claim_for_submission(engine_jobs.NO_LIMITS, most=50)
        return [job.pk for job in services.mark_sent([services.Departure(job) for job in claimed])]

    claims = at_once(8, lambda _: send())
    taken = [pk for claim in claims if not isinstance(claim, Exception) for pk in claim]
    assert sorted(taken) == sorted(jobs)


def test_of_many_that_end_a_job_at_once_one_does() -> None:
    """Success, failure, cancellation and the broom, all in the same moment."""
    owner = make_owner()
    job = engine_jobs.saving(owner)
    claimed = services.claim_for_saving()
    assert claimed is not None
    ends: list[Callable[[], bool]] = [
        lambda: services.succeed(claimed, []),
        lambda: services.fail(job.pk, origins=(State.SAVING,), reason=FailReason.RESULT_LOST),
        lambda: services.cancel(job.pk),
        lambda: services.save_failed(claimed, detail="no video"),
    ]
    results = at_once(16, lambda number: ends[number % 4]())
    assert not [result for result in results if isinstance(result, Exception)]
    assert Entry.objects.filter(job_id=job.pk).count() == (1 if engine_jobs.state_of(job) == State.SAVING else 2)
    assert ledger.verify() == []
