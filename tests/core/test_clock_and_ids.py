"""Moments keep their millisecond on the wire, and secrets are long, different and never stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from playground.core import clock, ids


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_a_moment_survives_the_wire(epoch_ms: int) -> None:
    assert clock.to_ms(clock.from_ms(epoch_ms)) == epoch_ms


def test_moments_are_aware_whatever_their_zone() -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)

    assert clock.now().tzinfo is UTC
    assert clock.to_ms(noon) == clock.to_ms(noon.astimezone(timezone(timedelta(hours=5, minutes=45)))) == 1_795_176_000_000


def test_secrets_carry_their_prefix_and_at_least_160_random_bits() -> None:
    secrets = {ids.new_secret("sk-test-") for _ in range(200)}

    assert len(secrets) == 200
    assert all(secret.startswith("sk-test-") and (len(secret) - len("sk-test-")) * 6 >= 160 for secret in secrets)


def test_only_a_digest_is_kept() -> None:
    assert ids.hash_secret("sk-test-x") == ids.hash_secret("sk-test-x") != ids.hash_secret("sk-test-y")
    assert "sk-test" not in ids.hash_secret("sk-test-x")
