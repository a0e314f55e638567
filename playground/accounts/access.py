"""Who is asking, and for which team: the helpers with which every view and API function begins."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser

from playground import flatsql
from playground.accounts.addresses import Network, networks_in
from playground.accounts.models import ApiKey, Membership, Mode, Scope, User
from playground.core import clock, ids

KEY_CACHE_SECONDS = 1.0
NOTE_SECONDS = 60.0
VISIT_GRAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class KeyIdentity:
    """What a valid API key stands for."""

    key_id: int
    team_id: int
    mode: Mode
    user_id: int | None
    scope: Scope = Scope.READ
    networks: tuple[Network, ...] = ()
    # None where KEY_REQUESTS_PER_MINUTE holds.
    requests_per_minute: int | None = None
    is_veo_legacy: bool = False


def memberships_for_user(user: User | AnonymousUser) -> list[Membership]:
    if not user.is_authenticated:
        return []
    return list(Membership.objects.filter(user_id=user.pk).select_related("team").order_by("joined_at", "pk"))


def membership_for_user(user: User | AnonymousUser, team_slug: str = "") -> Membership | None:
    """The membership in the team with this slug; without a slug (or an unknown one) the oldest; None without any."""
    memberships = memberships_for_user(user)
    by_slug = {membership.team.slug: membership for membership in memberships}
    return by_slug.get(team_slug) or (memberships[0] if memberships else None)


_IDENTITY = (
    "SELECT id, team_id, mode, created_by_id, scope, allowed_addresses, requests_per_minute, is_veo_legacy FROM accounts_apikey"
    " WHERE (secret_hash = %s OR (old_secret_hash = %s AND old_secret_until > %s))"
    " AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %s)"
)
_key_cache: dict[str, tuple[float, KeyIdentity | None]] = {}
_noted: dict[int, float] = {}


def identity_for_key(secret: str) -> KeyIdentity | None:
    """The identity behind an API key, or None. Remembered for a second in this process: what changes at a key counts then."""
    if not secret.startswith("sk-") or len(secret) > 200:
        return None
    secret_hash = ids.hash_secret(secret)
    cached = _key_cache.get(secret_hash)
    if cached and time.monotonic() - cached[0] < KEY_CACHE_SECONDS:
        return cached[1]
    now = flatsql.moment(clock.now())
    row = flatsql.row(_IDENTITY, [secret_hash, secret_hash, now, now])
    identity = _identity(*row) if row else None
    if len(_key_cache) > 1000:
        _key_cache.clear()
    _key_cache[secret_hash] = (time.monotonic(), identity)
    return identity


def _identity(
    key_id: int, team_id: int, mode: str, user_id: int | None, scope: str, addresses: str, per_minute: int | None, is_veo_legacy: object
) -> KeyIdentity:
    known: Mode = "live" if mode == "live" else "test"
    return KeyIdentity(key_id, team_id, known, user_id, Scope(scope), networks_in(addresses), per_minute, bool(is_veo_legacy))


def note_use(key_id: int, ip: str) -> None:
    """Keep when and from where a key was used, at most once a minute in each process. Not inside a transaction."""
    now = time.monotonic()
    if now - _noted.get(key_id, -NOTE_SECONDS) >= NOTE_SECONDS:
        _noted[key_id] = now
        ApiKey.objects.filter(pk=key_id).update(last_used_at=clock.now(), last_used_ip=ip or None)


def note_visit(membership: Membership) -> None:
    """Keep when a person was last here, at most once in a few minutes."""
    now = clock.now()
    if membership.last_active_at is None or now - membership.last_active_at > VISIT_GRAIN:
        Membership.objects.filter(pk=membership.pk).update(last_active_at=now)


def forget_keys() -> None:
    """Empty this process's memory of keys, so that a change counts at once."""
    _key_cache.clear()
    _noted.clear()
