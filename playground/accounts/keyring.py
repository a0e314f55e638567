"""What an API key may do, from where and how often, and its rotation: checked and written here, each change with a line in the log."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts import access, audit
from playground.accounts.audit import Action
from playground.accounts.errors import AccountsError
from playground.accounts.models import ApiKey, Scope
from playground.core import clock, ids

LONGEST_KEY_NAME = 80
# Of a secret, what is kept in the open: enough to find a key by.
KEPT_PREFIX = 14
MOST_ADDRESSES = 50
MOST_PER_MINUTE = 100_000
# How long the secret before a rotation may go on, in hours.
OVERLAPS = (0, 1, 24, 7 * 24)
_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class KeySettings:
    """What can be changed about a key after it was made; its mode cannot."""

    name: str
    scope: Scope = Scope.GENERATE
    expires_at: datetime | None = None
    allowed_addresses: str = ""
    requests_per_minute: int | None = None
    is_veo_legacy: bool = False

    @classmethod
    def of(cls, key: ApiKey) -> KeySettings:
        return cls(key.name, Scope(key.scope), key.expires_at, key.allowed_addresses, key.requests_per_minute, key.is_veo_legacy)


def checked(wanted: KeySettings, *, before: KeySettings | None = None) -> KeySettings:
    """The same in the form in which it is kept. Raises AccountsError."""
    name = " ".join(wanted.name.split())
    if not 1 <= len(name) <= LONGEST_KEY_NAME:
        raise AccountsError(_("A key's name has 1 to %(most)s characters.") % {"most": LONGEST_KEY_NAME})
    is_new_end = before is None or before.expires_at != wanted.expires_at
    if is_new_end and wanted.expires_at is not None and wanted.expires_at <= clock.now():
        raise AccountsError(_("The key would have expired already."))
    rate = wanted.requests_per_minute
    if rate is not None and not 1 <= rate <= MOST_PER_MINUTE:
        raise AccountsError(_("A key may have 1 to %(most)s requests a minute.") % {"most": f"{MOST_PER_MINUTE:,}"})
    addresses = checked_addresses(wanted.allowed_addresses)
    return KeySettings(name, Scope(wanted.scope), wanted.expires_at, addresses, rate, wanted.is_veo_legacy)


def checked_addresses(text: str) -> str:
    """Addresses and networks as they are kept, one a line, each once. Raises AccountsError, which names what is none."""
    parts = [part for part in _BETWEEN.split(text) if part]
    if len(parts) > MOST_ADDRESSES:
        raise AccountsError(_("At most %(most)s addresses and networks.") % {"most": MOST_ADDRESSES})
    return "\n".join(dict.fromkeys(_address(part) for part in parts))


def _address(part: str) -> str:
    try:
        network = ipaddress.ip_network(part, strict=False)
    except ValueError:
        raise AccountsError(_("%(part)s is no address or network, like 203.0.113.7 or 2001:db8::/32.") % {"part": part[:60]}) from None
    if "/" not in part:
        return str(network.network_address)
    if ipaddress.ip_interface(part).ip != network.network_address:
        # Whoever writes 10.0.0.7/8 may mean either.
        words = _("%(part)s is an address within a network. Write %(network)s for all of it, or the address alone.")
        raise AccountsError(words % {"part": part[:60], "network": network})
    return str(network)


def change_key(key: ApiKey, wanted: KeySettings) -> bool:
    """Change a key, with a line for what is different; False where nothing is. Raises AccountsError, also for a key that was revoked."""
    with transaction.atomic():
        locked = ApiKey.objects.select_for_update().get(pk=key.pk)
        _require_not_revoked(locked)
        before = KeySettings.of(locked)
        kept = checked(wanted, before=before)
        if kept == before:
            return False
        for name, value in asdict(kept).items():
            setattr(locked, name, value)
            setattr(key, name, value)
        locked.save(update_fields=list(asdict(kept)))
        audit.record(Action.KEY_CHANGED, team=key.team_id, subject=kept.name, prefix=key.prefix, **_changes(before, kept))
    access.forget_keys()
    return True


def _changes(before: KeySettings, after: KeySettings) -> dict[str, Any]:
    """What is new, by its name, and the same before."""
    old, new = (asdict(one) for one in (before, after))
    changed = [name for name in new if new[name] != old[name]]
    return {name: _plain(new[name]) for name in changed} | {"before": {name: _plain(old[name]) for name in changed}}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def rotate_key(key: ApiKey, *, overlap_hours: int) -> str:
    """A new secret for the same key, shown once. The one before it opens the key for so long; one before that, no more.

    Raises AccountsError for a key that is over, or a time that is not offered. Other processes may know an ended secret for a second.
    """
    if overlap_hours not in OVERLAPS:
        raise AccountsError(_("Choose how long the old secret goes on."))
    secret = ids.new_secret(f"sk-{key.mode}-")
    with transaction.atomic():
        locked = ApiKey.objects.select_for_update().get(pk=key.pk)
        _require_not_revoked(locked)
        if not locked.is_valid:
            raise AccountsError(_("This key has expired. Change its end first."))
        until = clock.now() + timedelta(hours=overlap_hours) if overlap_hours else None
        new: dict[str, Any] = {
            "old_secret_hash": locked.secret_hash if until else None,
            "old_suffix": locked.suffix if until else "",
            "old_secret_until": until,
            "prefix": secret[:KEPT_PREFIX],
            "suffix": secret[-4:],
            "secret_hash": ids.hash_secret(secret),
        }
        ApiKey.objects.filter(pk=key.pk).update(**new)
        audit.record(Action.KEY_ROTATED, team=key.team_id, subject=key.name, prefix=new["prefix"], overlap_hours=overlap_hours)
    key.refresh_from_db()
    access.forget_keys()
    return secret


def _require_not_revoked(key: ApiKey) -> None:
    if key.revoked_at is not None:
        raise AccountsError(_("This key was revoked."))
