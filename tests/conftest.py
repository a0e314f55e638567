from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from playground.accounts import access, ratelimit
from playground.credits import prices, rates
from playground.jobs import archive, cadence, history, provider_keys
from playground.media import examination
from playground.media import services as media
from playground.web import previews
from tests.exploring import EXPLORING
from tests.factories import Personas

# A busy machine is no finding: properties are judged by what they say, not by how long they take. Nor is chance: the same
# commit gets the same verdict (tests/exploring.py).
settings.register_profile("ours", deadline=None, derandomize=not EXPLORING, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")
# Nor are files by how long the child that looks at them waits for a processor.
examination.WALL_SECONDS = media.RENDER_WALL_SECONDS = 1800
archive.RENDER_LIMITS["wall_seconds"] = previews._LIMITS["wall_seconds"] = 1800.0

# What asks for one of them looks into the database.
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback", "empty_database"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nobody need remember to mark a test with `database`: whoever can look into it is marked."""
    for item in items:
        fixtures = DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if fixtures or any(item.get_closest_marker(name) for name in ("django_db", "processes")):
            item.add_marker(pytest.mark.database)


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    cache.clear()
    access.forget_keys()
    ratelimit.forget()
    prices.forget()
    rates.forget()
    history.forget()
    cadence.forget()
    # A process that has just looked and found that no key was entered, so that queries are counted as on most requests.
    provider_keys._remembered = (float("inf"), {})


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate limits' minute does not end in the middle of a test."""
    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))


@pytest.fixture
def personas(db: None) -> Personas:
    return Personas()
