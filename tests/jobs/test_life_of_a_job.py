"""From the form's payload to the stored clip, through the engines, with the sandbox as the provider."""

from __future__ import annotations

import pytest

from playground.credits import services as ledger
from playground.credits.models import Account, Entry
from playground.jobs import archive, pump
from playground.jobs.models import Job, State
from tests.factories import make_job, make_owner

pytestmark = pytest.mark.django_db(transaction=True)


def finish(job: Job) -> Job:
    """Run pump and media worker here until the job has ended."""
    while not job.is_final:
        pump.run_seated(budget_seconds=5)
        archive.work_once()
        job.refresh_from_db()
    return job


def test_a_job_ends_with_a_stored_clip_and_is_charged_exactly_its_price() -> None:
    owner = make_owner()
    job = finish(make_job(owner, payload={"prompt": "Calm sea at dusk", "aspect_ratio": "1:1", "duration": 5}).job)

    take = job.takes.get()
    assert (job.state, job.charged_millicredits) == (State.SUCCESS, 60_000)
    assert (take.video.width, take.video.height) == (720, 720)
    account = Account.objects.get(team=owner.team, mode="test")
    assert (account.available_millicredits, account.held_millicredits) == (10_000_000 - 60_000, 0)
    assert list(Entry.objects.filter(job_id=job.pk).order_by("pk").values_list("kind", flat=True)) == ["hold", "capture"]
    assert ledger.verify() == []


def test_a_failed_job_costs_nothing_and_keeps_the_provider_s_words() -> None:
    owner = make_owner()
    job = finish(make_job(owner, payload={"prompt": "A portrait [[fail:422 Real person in image.]]"}).job)

    assert (job.state, job.fail_code, job.fail_message, job.charged_millicredits) == (State.FAIL, "422", "Real person in image.", 0)
    assert Account.objects.get(team=owner.team, mode="test").available_millicredits == 10_000_000
    assert ledger.verify() == []
