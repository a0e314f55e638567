from __future__ import annotations

import pytest
from django.core.cache import cache

from playground.accounts import access, ratelimit
from playground.credits import prices
from tests.factories import Personas


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    cache.clear()
    access.forget_keys()
    ratelimit.forget()
    prices.forget()


@pytest.fixture
def personas(db: None) -> Personas:
    return Personas()
