"""Keys of all kinds, as tests need them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.accounts.keyring import KeySettings
from playground.accounts.models import ApiKey, Membership, Mode
from playground.credits.keycaps import make_key
from playground.credits.models import Period
from tests.api.client import Program


def program_with(
    membership: Membership, *, name: str = "nightly", mode: Mode = "test", caps: Mapping[Period, int | None] | None = None, **settings: Any
) -> Program:
    return Program(make_key(membership, mode=mode, wanted=KeySettings(name, **settings), caps=caps or {})[1])


def key_named(name: str = "nightly") -> ApiKey:
    return ApiKey.objects.get(name=name)
