from __future__ import annotations

from types import SimpleNamespace

import pytest

from playground.accounts import ratelimit
from tests.api.client import Program
from tests.factories import Personas, make_key


@pytest.fixture
def program(personas: Personas) -> Program:
    """A program of Alice's team with a test key."""
    return Program(make_key(personas.alice))


@pytest.fixture
def stranger(personas: Personas) -> Program:
    """A program of Charlie's team."""
    return Program(make_key(personas.charlie))


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate limits' minute does not end in the middle of a test."""
    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))
