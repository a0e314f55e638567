from __future__ import annotations

import pytest
from django.core.cache import cache

from playground.accounts import access
from tests.factories import Personas


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    cache.clear()
    access.forget_keys()


@pytest.fixture
def personas(db: None) -> Personas:
    return Personas()
