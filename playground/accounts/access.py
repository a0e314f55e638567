"""Who is asking, and for which team: the helpers with which every view and API function begins."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from playground import flatsql
from playground.accounts.models import Membership, User
from playground.accounts.services import Mode
from playground.core import ids

KEY_CACHE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class KeyIdentity:
    """What a valid API key stands for."""

    key_id: int
    team_id: int
    mode: Mode
    user_id: int | None


def memberships_for_user(user: User | AnonymousUser) -> list[Membership]:
    if not user.is_authenticated:
        return []
    return list(Membership.objects.filter(user_id=user.pk).select_related("team").order_by("joined_at", "pk"))


def membership_for_user(user: User | AnonymousUser, team_slug: str = "") -> Membership | None:
    """The membership in the team with this slug; without a slug (or an unknown one) the oldest; None without any."""
    memberships = memberships_for_user(user)
    by_slug = {membership.team.slug: membership for membership in memberships}
    return by_slug.get(team_slug) or (memberships[0] if memberships else None)


_key_cache: dict[str, tuple[float, KeyIdentity | None]] = {}


def identity_for_key(secret: str) -> KeyIdentity | None:
    """The identity behind an API key, or None. Remembered for a second in this process, so a revoked key ends then."""
    if not secret.startswith("sk-") or len(secret) > 200:
        return None
    secret_hash = ids.hash_secret(secret)
    cached = _key_cache.get(secret_hash)
    if cached and time.monotonic() - cached[0] < KEY_CACHE_SECONDS:
        return cached[1]
    row = flatsql.row(
        "SELECT id, team_id, mode, created_by_id FROM accounts_apikey WHERE secret_hash = %s AND revoked_at IS NULL", [secret_hash]
    )
    identity = KeyIdentity(row[0], row[1], "live" if row[2] == "live" else "test", row[3]) if row else None
    if len(_key_cache) > 1000:
        _key_cache.clear()
    _key_cache[secret_hash] = (time.monotonic(), identity)
    return identity


def forget_keys() -> None:
    """Empty this process's memory of keys, so that a change counts at once."""
    _key_cache.clear()
