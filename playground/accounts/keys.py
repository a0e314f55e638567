"""API keys as people see them: whose, how they are told apart, and how careful one has to be with them."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from playground.accounts import permissions
from playground.accounts.keyring import KEPT_PREFIX
from playground.accounts.models import ApiKey, Membership
from playground.accounts.permissions import Permission
from playground.accounts.services import AccountsError, revoke_key
from playground.core import clock

# A key that was used so lately is probably in a program that somebody relies on.
IN_USE = timedelta(hours=24)


class WrongName(AccountsError):
    """The name that was typed is not the key's."""


def shown(key: ApiKey) -> str:
    """`sk-live-…c41f`: what tells keys apart and opens nothing."""
    return f"sk-{key.mode}-…{key.suffix}"


def visible_to(membership: Membership, text: str = "") -> list[ApiKey]:
    """Newest first: one's own, or the team's, by the role. `text` narrows them by name, or by the beginning or end of the key."""
    found = _visible(membership)
    wanted = text.replace("\0", "").strip()
    if wanted:
        found = found.filter(_matches(wanted))
    return list(found.order_by("-created_at", "-pk"))


def _matches(text: str) -> Q:
    """A name's part; `sk-live-ab`, a whole key, or `sk-live-…c41f`; or the last characters alone."""
    if not text.startswith("sk-"):
        return Q(name__icontains=text) | Q(suffix__endswith=text) | Q(old_suffix__endswith=text)
    beginning, is_cut, end = text.replace("...", "…").partition("…")
    found = Q(prefix__startswith=beginning[:KEPT_PREFIX])
    return found & (Q(suffix__endswith=end) | Q(old_suffix__endswith=end)) if is_cut else found


def visible_key(membership: Membership, key_id: int) -> ApiKey:
    """Raises DoesNotExist, also for another team's key and for one that the role does not show."""
    return _visible(membership).get(pk=key_id)


def _visible(membership: Membership) -> QuerySet[ApiKey]:
    keys = ApiKey.objects.filter(team_id=membership.team_id).select_related("created_by")
    is_for_all = permissions.allows(membership.role, Permission.ALL_KEYS)
    return keys if is_for_all else keys.filter(created_by_id=membership.user_id)


def is_in_use(key: ApiKey) -> bool:
    return key.last_used_at is not None and clock.now() - key.last_used_at < IN_USE


def revoke_by_name(key: ApiKey, typed: str) -> bool:
    """Revoke a key; one in use only by its name. False if it was revoked before. Raises WrongName."""
    if is_in_use(key) and " ".join(typed.split()) != key.name:
        raise WrongName(_("Type the name as it stands there: %(name)s") % {"name": key.name})
    return revoke_key(key)
