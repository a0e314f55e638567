from __future__ import annotations

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from playground.accounts import access, ratelimit
from playground.credits import prices
from tests.factories import Personas

# A busy machine is no finding: properties are judged by what they say, not by how long they take.
settings.register_profile("without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("without a clock")


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    cache.clear()
    access.forget_keys()
    ratelimit.forget()
    prices.forget()


@pytest.fixture
def personas(db: None) -> Personas:
    return Personas()
