"""A key entered in the page reaches the running engines; a wrong one stops them, and the right one lets them go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from playground.core.money import to_millicredits
from playground.credits import services as ledger
from playground.jobs import provider_keys
from playground.jobs.models import ProviderAccount, State
from tests.queue.house import House
from tests.upstream.client import Upstream
from tests.waiting import wait_until

pytestmark = pytest.mark.processes
KLING_2_6 = "kling-2.6/text-to-video"
FIELDS = {"aspect_ratio": "16:9", "duration": "5", "sound": False}


@pytest.fixture
def house(make_house: Callable[..., House], upstream: Upstream, settings: Settings) -> House:
    """Nothing in the environment is a key; the page is served by the test's own process."""
    house = make_house(upstream, KIE_API_KEY="", MODKIE_API_KEY="")
    settings.KIE_API_KEY = settings.MODKIE_API_KEY = ""
    settings.KIE_BASE_URL = settings.KIE_UPLOAD_BASE_URL = upstream.base_url
    settings.OUTBOUND_ALLOW, settings.CIRCUIT_SECONDS = [upstream.address], 1
    assert house.owner is not None
    house.owner.user.is_superuser = True
    house.owner.user.save()
    ledger.grant(team=house.owner.team, mode="live", millicredits=to_millicredits(10_000))
    provider_keys.forget()
    return house


def enter(house: House, key: str) -> str:
    """The page after the key was entered."""
    assert house.owner is not None
    client = Client()
    client.force_login(house.owner.user)
    form = {"kind": "api_key", "provider_key": key, "action": "set"}
    return client.post("/providers/kie/key", form, follow=True).content.decode()


def test_running_engines_follow_the_key_in_the_page(house: House, upstream: Upstream) -> None:
    house.pump()
    house.media_worker()
    assert "The key is accepted." in enter(house, upstream.api_key)
    first = house.submit("", model_id=KLING_2_6, gateway="kie", payload={"prompt": "first", **FIELDS})
    assert house.wait_for(first).state == State.SUCCESS, house.history(first)
    slow = house.submit("", model_id=KLING_2_6, gateway="kie", payload={"prompt": "slow {never}", **FIELDS})
    house.wait_for(slow, State.RUNNING)

    page = enter(house, "sk-wrong-0123456789abcdef")
    assert "In trouble" in page and "401" in page
    # The pump remembers the key before for two seconds; the job that it watches then meets the new one.
    wait_until(lambda: "KIE refuses our account: 401" in house.tails(), what=house.tails)
    waiting = house.submit("", model_id=KLING_2_6, gateway="kie", payload={"prompt": "waiting", **FIELDS})
    assert "submitted" not in house.kinds(waiting)
    assert ProviderAccount.objects.get(provider="kie").trouble.startswith("KIE: 401")

    assert "The key is accepted." in enter(house, upstream.api_key)
    assert house.wait_for(waiting).state == State.SUCCESS, house.history(waiting)
    # Only now, however long all that took.
    upstream.control(heal=True)
    assert house.wait_for(slow).state == State.SUCCESS, house.history(slow)
    assert ProviderAccount.objects.get(provider="kie").trouble == ""
    for job in (first, slow, waiting):
        house.assert_created_upstream(job)
    house.assert_books_are_in_order()


def test_the_command_keeps_a_key_from_its_standard_input(house: House, upstream: Upstream) -> None:
    kept = house.run_with_input(f"{upstream.api_key}\n", "providers", "set-key", "kie")
    assert kept.returncode == 0, kept.stderr
    assert "Kept the KIE API key." in kept.stdout and "The key is accepted." in kept.stdout
    assert upstream.api_key not in kept.stdout + kept.stderr
    provider_keys.forget()
    assert provider_keys.read("kie") == upstream.api_key
    refused = house.run_with_input("\n", "providers", "set-key", "kie")
    assert refused.returncode != 0 and "Enter the key." in refused.stderr
    assert "Name one provider" in house.run("providers", "set-key").stderr
    assert "Removed the KIE API key." in house.run("providers", "remove-key", "kie").stdout
    assert "No KIE API key was entered." in house.run("providers", "remove-key", "kie").stdout
