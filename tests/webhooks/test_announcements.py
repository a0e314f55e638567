"""What a job that ends leaves for the customer's callback, and the prompts that script its faults."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from playground.accounts.models import Membership
from playground.jobs import services
from playground.jobs.models import Job
from playground.webhooks import endpoints
from playground.webhooks.models import Delivery
from tests.factories import make_job, make_owner
from tests.jobs import engine_jobs
from tests.jobs.controlled_clock import ControlledClock

pytestmark = pytest.mark.django_db
URL = "https://example.com/hook"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


@pytest.fixture
def owner(clock: ControlledClock) -> Membership:
    return make_owner()


def cancelled(owner: Membership, prompt: str = "Sea", callback_url: str = URL) -> Job:
    job = make_job(owner, payload={"prompt": prompt}, callback_url=callback_url).job
    assert services.cancel(job.pk)
    return job


def test_a_job_without_an_address_announces_nothing(owner: Membership) -> None:
    cancelled(owner, callback_url="")
    assert not Delivery.objects.exists()


def test_the_end_is_announced_once_with_the_record(owner: Membership) -> None:
    job = cancelled(owner)
    assert not services.cancel(job.pk)
    delivery = Delivery.objects.get()
    body = json.loads(delivery.body)
    assert (delivery.url, delivery.job_id, body["code"]) == (URL, job.pk, 501)
    assert (body["data"]["taskId"], body["data"]["state"], body["data"]["creditsConsumed"]) == (job.pk.hex, "fail", 0)


def test_success_is_announced_with_its_code(owner: Membership) -> None:
    job = engine_jobs.saving(owner, callback_url=URL)
    claimed = services.claim_for_saving()
    assert claimed and services.succeed(claimed, [])
    body = json.loads(Delivery.objects.get().body)
    assert (body["code"], body["data"]["taskId"], body["data"]["creditsConsumed"]) == (200, job.pk.hex, 60)


@pytest.mark.parametrize(("directive", "count"), [("lost", 0), ("duplicate", 2), ("late", 1), ("early", 1)])
def test_a_prompt_can_script_what_happens_to_its_callback(owner: Membership, directive: str, count: int) -> None:
    job = cancelled(owner, prompt=f"Sea [[callback:{directive}]]")
    assert Counter(Delivery.objects.values_list("job_id", flat=True)) == ({job.pk: count} if count else {})


def test_a_late_callback_is_due_later(owner: Membership, clock: ControlledClock) -> None:
    cancelled(owner)
    cancelled(owner, prompt="Sea [[callback:late]]")
    ordinary, late = Delivery.objects.order_by("due_at")
    assert ordinary.due_at == clock.now
    assert late.due_at > clock.now + timedelta(milliseconds=500)


# --- addresses of the team ----------------------------------------------------------------------------------------------
def test_a_team_s_endpoints_of_the_mode_hear_of_every_end(owner: Membership) -> None:
    endpoint, _ = endpoints.create(owner, mode="test", url=URL)
    endpoints.create(owner, mode="live", url=URL)
    endpoints.create(make_owner("charlie@example.com", "elsewhere"), mode="test", url=URL)
    off, _ = endpoints.create(owner, mode="test", url=URL)
    endpoints.change(off, url=URL, description="", is_enabled=False)
    job = cancelled(owner, callback_url="")
    delivery = Delivery.objects.get()
    body = json.loads(delivery.body)
    assert (delivery.endpoint_id, delivery.job_id, delivery.mode) == (endpoint.pk, job.pk, "test")
    assert (body["type"], body["code"], body["data"]["taskId"]) == ("task.failed", 501, job.pk.hex)


def test_a_prompt_scripts_nothing_of_what_endpoints_hear(owner: Membership) -> None:
    endpoints.create(owner, mode="test", url=URL)
    cancelled(owner, prompt="Sea [[callback:lost]]")
    assert Delivery.objects.get().endpoint is not None


def test_a_scripted_duplicate_is_one_message_twice(owner: Membership) -> None:
    cancelled(owner, prompt="Sea [[callback:duplicate]]")
    assert len(set(Delivery.objects.values_list("message_id", flat=True))) == 1
