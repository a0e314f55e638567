"""Rates per minute: never more than allowed, whoever counts, and refused callers learn how long to wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache

from playground.accounts import ratelimit
from playground.accounts.ratelimit import allow


@dataclass
class Clock:
    now: float = 1_800_000_000.0 + 15

    def time(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(ratelimit, "time", stopped)
    return stopped


def allowed(per_minute: int, attempts: int, key: str = "7") -> int:
    return sum(allow("create-task", key, per_minute) is None for _ in range(attempts))


@pytest.mark.parametrize("per_minute", [0, 1, 3, 49, 50, 51, 99, 120, 600])
def test_exactly_the_allowance_is_given(per_minute: int) -> None:
    assert allowed(per_minute, per_minute + 20) == per_minute


def test_the_wait_is_what_is_left_of_the_minute(clock: Clock) -> None:
    assert allow("create-task", "7", 0) == 45
    clock.now += 44.5
    assert allow("create-task", "7", 0) == 0.5


def test_a_new_minute_brings_a_new_allowance(clock: Clock) -> None:
    assert allowed(3, 10) == 3
    clock.now += 60
    assert allowed(3, 10) == 3


def test_keys_and_scopes_are_counted_apart() -> None:
    assert (allowed(3, 10, "7"), allowed(3, 10, "8")) == (3, 3)
    assert allow("quote", "7", 3) is None


@pytest.mark.parametrize("per_minute", [5, 600])
def test_two_processes_together_never_give_more(per_minute: int) -> None:
    """Forgetting is what another process looks like: it knows nothing but the shared cache."""
    given = 0
    for _ in range(2 * per_minute):
        ratelimit.forget()
        given += allowed(per_minute, 1)

    assert 0 < given <= per_minute


def test_small_limits_are_shared_exactly() -> None:
    given = 0
    for _ in range(60):
        ratelimit.forget()
        given += allowed(20, 1)

    assert given == 20


def test_threads_do_not_get_more_either() -> None:
    with ThreadPoolExecutor(8) as threads:
        given = sum(threads.map(lambda _: allowed(120, 50), range(8)))

    assert 0 < given <= 120


def test_the_shared_cache_is_asked_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    claims: list[str] = []
    add = cache.add

    def counting(key: str, *args: Any, **kwargs: Any) -> bool:
        claims.append(key)
        return add(key, *args, **kwargs)

    monkeypatch.setattr(cache, "add", counting)

    assert allowed(600, 600) == 600
    assert len(claims) == 50
    assert allowed(600, 100) == 0
    assert len(claims) == 50, "who has nothing left is refused without a look"


@pytest.mark.parametrize("key", ["", "a b", "x" * 1000, "\x00\n", "schlüssel", "\ud800", "alice@example.com"])
def test_any_key_will_do_and_none_is_readable_in_the_cache(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []

    def add(name: str, *_args: Any, **_kwargs: Any) -> bool:
        names.append(name)
        return True

    monkeypatch.setattr(cache, "add", add)

    assert allow("sign-in", key, 10) is None
    assert all(name.isascii() and len(name) < 100 and "alice" not in name for name in names)


@pytest.mark.django_db
def test_it_holds_with_the_database_as_the_cache(settings: Any) -> None:
    from django.core.cache import caches
    from django.core.management import call_command

    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "rushes_cache"}}
    call_command("createcachetable")
    caches["default"].clear()

    assert allowed(30, 50) == 30
