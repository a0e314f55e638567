"""The limits of a provider's account, counted by the provider, while three teams want far more at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from playground.core.money import to_millicredits
from playground.credits import services as ledger
from playground.jobs.models import Job, State
from tests.factories import make_owner
from tests.queue.house import House
from tests.upstream.client import Upstream, most_in_any
from tests.waiting import wait_until

pytestmark = pytest.mark.processes
KLING_2_6 = "kling-2.6/text-to-video"
CREATES_PER_10_SECONDS, READS_PER_SECOND = 20, 10
SIZES = {"large": 300, "middle": 190, "small": 10}


def test_an_account_is_never_asked_for_more_than_it_allows_and_no_team_waits_behind_another(
    make_house: Callable[..., House], upstream: Upstream, settings: Settings
) -> None:
    settings.KIE_API_KEY, settings.TEAM_QUEUE_CAP = upstream.api_key, max(SIZES.values())
    # Looks are wanted far more often than they are allowed.
    house = make_house(upstream, POLL_FACTOR="0.05", TEAM_RUNNING_CAP="100", LEASE_SECONDS="10", PROVIDER_TIMEOUT_SECONDS="10")
    for name, size in SIZES.items():
        owner = make_owner(f"{name}@example.com", name)
        ledger.grant(team=owner.team, mode="live", millicredits=to_millicredits(100_000))
        for number in range(size):
            fields = {"prompt": f"{name} {number} {{after 12}}", "aspect_ratio": "16:9", "duration": "5", "sound": False}
            house.submit("", model_id=KLING_2_6, gateway="kie", payload=fields, team_id=owner.team_id, user_id=owner.user_id)
    assert Job.objects.filter(state=State.QUEUED).count() == sum(SIZES.values()) == 500

    house.pump()
    house.pump()
    house.media_worker()

    def most(what: str, seconds: float) -> int:
        return most_in_any(seconds, [event["at"] for event in upstream.events(what)])

    wait_until(lambda: upstream.creates() >= 3 * CREATES_PER_10_SECONDS, what=house.tails)
    # Both are wanted as far as they are allowed, or nothing is proved; on a slow machine that takes longer to be seen.
    wait_until(lambda: most("create", 10) >= CREATES_PER_10_SECONDS - 2, what=house.tails)
    wait_until(lambda: most("read", 1) >= READS_PER_SECOND / 2, what=house.tails)
    assert most("create", 10) <= CREATES_PER_10_SECONDS
    assert most("read", 1) <= READS_PER_SECOND
    made = upstream.events("create")
    # A third of the turns were its own, though it came last. What leaves together arrives in any order: within one window.
    turns = 3 * SIZES["small"] + CREATES_PER_10_SECONDS
    assert sum(event["prompt"].startswith("small") for event in made[:turns]) == SIZES["small"]
    assert not upstream.events("refuse")
