"""A key at a provider changes while jobs are under way: the engines follow, and what the old key met is not held against the new."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from playground.core import clock
from playground.jobs import calling, provider_accounts, provider_keys, services, upstreams
from playground.jobs.adapters import Adapters
from playground.jobs.models import Job, ProviderAccount, State
from playground.jobs.provider_keys import Kind
from playground.jobs.pump import Pump
from playground.providers.base import AccountTrouble, Provider, Running, Snapshot, Submission
from tests.jobs.engine_jobs import Scripted, polled, state_of
from tests.jobs.live_jobs import Leaving, call_back, leaving, make_live_owner

OLD, NEW = "sk-old-0123456789abcdef", "sk-new-0123456789abcdef"
REFUSAL = AccountTrouble("You do not have access permissions", code="401")


@pytest.fixture
def sent(settings: Settings, db: None) -> Leaving:
    """A KIE job that is on its way, in a house whose key was entered."""
    owner = make_live_owner(settings)
    settings.KIE_API_KEY = settings.MODKIE_API_KEY = ""
    provider_keys.save("kie", OLD)
    return leaving(owner)


@pytest.fixture
def refusing(sent: Leaving, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Made with the old key, which the provider refuses."""
    provider = upstreams.build("kie")

    async def submit(submission: Submission) -> str:
        raise REFUSAL

    async def poll(running: Running) -> Snapshot:
        raise REFUSAL

    monkeypatch.setattr(provider, "submit", submit)
    monkeypatch.setattr(provider, "poll", poll)
    return provider


def submit(provider: Provider, sent: Leaving) -> None:
    asyncio.run(calling.submit(provider, sent.job, sent.submission)).write()


def test_a_refused_key_opens_the_circuit(sent: Leaving, refusing: Provider) -> None:
    submit(refusing, sent)
    assert provider_accounts.closed() == {"kie"}
    assert state_of(sent.job) == State.QUEUED


def test_a_refusal_of_the_key_before_is_not_held_against_the_new_one(sent: Leaving, refusing: Provider) -> None:
    provider_keys.save("kie", NEW)
    submit(refusing, sent)
    assert provider_accounts.closed() == set()
    assert not ProviderAccount.objects.exclude(trouble="").exists()
    assert state_of(sent.job) == State.QUEUED, "nothing was made with it, so it is sent again"


def test_nor_is_one_that_a_look_at_a_running_job_met(sent: Leaving, refusing: Provider) -> None:
    services.record_upstream_id(sent.job.pk, "task-1")
    job = polled(Job.objects.get(pk=sent.job.pk))
    provider_keys.save("kie", NEW)
    asyncio.run(calling.poll(refusing, job)).settlement.write()
    assert provider_accounts.closed() == set()
    assert state_of(job) == State.RUNNING


@pytest.mark.django_db
def test_an_engine_makes_its_adapter_anew_for_a_new_key_and_has_none_without() -> None:
    adapters = Adapters()
    assert adapters.get("kie") is None
    provider_keys.save("kie", OLD)
    first = adapters.get("kie")
    assert first is not None and adapters.get("kie") is first
    provider_keys.save("kie", NEW)
    second = adapters.get("kie")
    assert second is not None and second is not first and adapters.made("kie") is second
    provider_keys.remove("kie")
    assert adapters.get("kie") is None


@pytest.mark.django_db
def test_what_was_replaced_is_closed_when_its_calls_must_have_ended(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    closed: list[Provider] = []
    now = 1000.0
    monkeypatch.setattr("playground.jobs.adapters.time.monotonic", lambda: now)
    adapters = Adapters()
    provider_keys.save("kie", OLD)
    first = adapters.get("kie")

    async def aclose() -> None:
        assert first is not None
        closed.append(first)

    monkeypatch.setattr(first, "aclose", aclose)
    provider_keys.save("kie", NEW)
    adapters.get("kie")
    asyncio.run(adapters.close_replaced())
    assert closed == []
    now += settings.PROVIDER_TIMEOUT_SECONDS + 10
    asyncio.run(adapters.close_replaced())
    assert closed == [first]


# --- callbacks --------------------------------------------------------------------------------------------------------
def signature(key: str) -> dict[str, str]:
    stamp = str(int(clock.now().timestamp()))
    digest = hmac.new(key.encode(), f"task-1.{stamp}".encode(), hashlib.sha256).digest()
    return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": base64.b64encode(digest).decode()}


def test_callbacks_are_held_to_a_webhook_key_that_was_entered(sent: Leaving) -> None:
    assert call_back(sent, "task-1") == 200
    provider_keys.save("kie", NEW, Kind.WEBHOOK)
    assert call_back(sent, "task-1", headers=signature(OLD)) == 404
    assert ProviderAccount.objects.get(provider="kie").bad_signature_at is not None
    assert call_back(sent, "task-1", headers=signature(NEW)) == 200


def test_with_a_webhook_key_that_cannot_be_read_nobody_gets_in_unsigned(sent: Leaving, settings: Settings) -> None:
    provider_keys.save("kie", NEW, Kind.WEBHOOK)
    settings.SECRET_KEY = "another"
    provider_keys.forget()
    assert call_back(sent, "task-1") == 404
    settings.KIE_WEBHOOK_HMAC_KEY = OLD
    assert call_back(sent, "task-1", headers=signature(OLD)) == 200


# --- the balance ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_pump_asks_for_the_balance_of_a_new_key_without_any_job(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted = Scripted()
    scripted.on_balance = lambda: 412_000
    monkeypatch.setattr(upstreams, "build", lambda name: scripted)
    provider_keys.save("kie", NEW)
    try:
        asyncio.run(
            Pump().run(budget_seconds=300, keep_going=lambda: not ProviderAccount.objects.filter(balance_at__isnull=False).exists())
        )
    finally:
        connections.close_all()
    assert ProviderAccount.objects.get(provider="kie").balance_millicredits == 412_000
