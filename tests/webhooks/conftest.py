from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.webhooks import engine, services
from playground.webhooks.models import Delivery
from tests.factories import make_owner
from tests.jobs.controlled_clock import ControlledClock
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    # What answers at all has the time for it, however busy the machine is.
    monkeypatch.setattr(engine, "LONGEST_SECONDS", 300)
    with receiving() as seen:
        settings.OUTBOUND_ALLOW = [seen.allowed]
        yield seen


@pytest.fixture
def owner() -> Membership:
    return make_owner()


@pytest.fixture
def write(owner: Membership) -> Callable[[str], Delivery]:
    return lambda url: services.enqueue(team_id=owner.team_id, job_id=uuid.uuid4(), url=url, body=json.dumps({"code": 200}))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)
