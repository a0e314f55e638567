from __future__ import annotations

import pytest

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
