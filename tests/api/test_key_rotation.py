"""A new secret for the same key, the old one beside it for a while, and an end that holds in every process within a second."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from playground.accounts import keyring, services
from playground.accounts.models import ApiKey, Scope
from playground.api.envelopes import UNAUTHORIZED
from playground.core import clock
from playground.credits.models import Period
from tests.api.client import CREDIT, Program
from tests.api.keys import key_named, program_with
from tests.factories import Personas
from tests.jobs.controlled_clock import ControlledClock

pytestmark = pytest.mark.django_db
REFUSED = {"code": 401, "msg": UNAUTHORIZED}


@pytest.fixture
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hour of a cap does not end in the middle of a test."""
    ControlledClock(monkeypatch)


@pytest.fixture
def old(personas: Personas) -> Program:
    return program_with(personas.alice, caps={Period.HOUR: 100_000})


def rotated(overlap_hours: int) -> Program:
    return Program(keyring.rotate_key(key_named(), overlap_hours=overlap_hours))


def codes(*programs: Program) -> list[int]:
    return [program.get(CREDIT)["code"] for program in programs]


def test_without_an_overlap_the_old_secret_ends_at_once(old: Program) -> None:
    new = rotated(0)

    assert (old.get(CREDIT), new.get(CREDIT)["code"]) == (REFUSED, 200)


@pytest.mark.parametrize("hours", [1, 24, 7 * 24])
def test_both_secrets_work_until_the_overlap_is_over(old: Program, hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    new = rotated(hours)
    assert codes(old, new) == [200, 200]
    later = clock.now() + timedelta(hours=hours, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    _a_second_later(monkeypatch)

    assert codes(old, new) == [401, 200]


def test_of_two_rotations_only_the_last_two_secrets_are_left(old: Program) -> None:
    second = rotated(24)
    third = rotated(24)

    assert codes(old, second, third) == [401, 200, 200]


def test_both_secrets_are_one_key_for_caps_and_for_when_it_was_used(standing_clock: None, old: Program) -> None:
    task_id = old.create_id()
    new = rotated(24)

    assert new.create()["code"] == 433, "of 100 credits an hour the old secret used 60"
    assert new.record(task_id)["code"] == 200
    assert ApiKey.objects.count() == 1 and key_named().last_used_at is not None


def test_what_was_sent_with_the_old_secret_is_not_made_twice_with_the_new_one(old: Program) -> None:
    task_id = old.create(Idempotency_Key="order-1")["data"]["taskId"]

    assert rotated(24).create(Idempotency_Key="order-1")["data"]["taskId"] == task_id


def test_revoking_ends_both_secrets(old: Program) -> None:
    new = rotated(24)
    services.revoke_key(key_named())

    assert [old.get(CREDIT), new.get(CREDIT)] == [REFUSED, REFUSED]


def _a_second_later(monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.monotonic() + 1.01
    monkeypatch.setattr(time, "monotonic", lambda: later)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"revoked_at": "now"}, 401),
        ({"expires_at": "now"}, 401),
        ({"secret_hash": "another", "old_secret_hash": None}, 401),
        ({"scope": Scope.READ}, 403),
        ({"allowed_addresses": "203.0.113.7"}, 403),
        ({"requests_per_minute": 0}, 429),
    ],
    ids=["revoked", "expired", "rotated", "scope", "addresses", "rate"],
)
def test_what_another_process_changes_at_a_key_counts_here_within_a_second(
    old: Program, change: dict[str, Any], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the services, whose own process forgets the key at once: this one remembers it, as every other does."""
    assert codes(old) == [200]
    ApiKey.objects.update(**{name: clock.now() if value == "now" else value for name, value in change.items()})
    _a_second_later(monkeypatch)

    assert old.create()["code"] == code


@pytest.mark.parametrize("end", ["revoked_at", "expires_at"])
def test_a_key_that_is_over_is_not_rotated(old: Program, end: str) -> None:
    ApiKey.objects.update(**{end: clock.now() - timedelta(seconds=1)})

    with pytest.raises(services.AccountsError, match=r"was revoked|has expired"):
        keyring.rotate_key(key_named(), overlap_hours=24)
