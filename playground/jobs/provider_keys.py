"""Our keys at the providers: from the environment, which wins, else as an operator entered them. Nobody reads them back.

Every process asks here each time it needs one, and remembers the answer for a moment: so a key that was entered,
replaced or removed holds everywhere within seconds, without a restart and without a query for every request.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts import audit
from playground.accounts.audit import Action
from playground.accounts.models import Membership
from playground.core import clock
from playground.core.redaction import SHORTEST_SECRET, hide
from playground.core.sealing import Unreadable, seal, unseal
from playground.core.wording import Labels
from playground.jobs import provider_accounts, wakeup
from playground.jobs.models import ProviderSecret

Source: TypeAlias = Literal["environment", "page", "unreadable", "none"]
REMEMBERED_SECONDS = 2.0
LONGEST = 500
# Of a shorter key, four characters would be too much of it.
SHORTEST_WITH_SUFFIX = 16


class Kind(StrEnum):
    API = "api_key"
    # By which the provider signs its callbacks.
    WEBHOOK = "webhook_key"


# Whatever is not among these has no key.
VARIABLES: Mapping[tuple[str, Kind], str] = {
    ("kie", Kind.API): "KIE_API_KEY",
    ("kie", Kind.WEBHOOK): "KIE_WEBHOOK_HMAC_KEY",
    ("modkie", Kind.API): "MODKIE_API_KEY",
}
NAMES: Mapping[tuple[str, Kind], str] = Labels(
    {
        ("kie", Kind.API): gettext_noop("KIE API key"),
        ("kie", Kind.WEBHOOK): gettext_noop("KIE webhook key"),
        ("modkie", Kind.API): gettext_noop("ModKie API key"),
    }
)


class InvalidKey(Exception):
    """The message is a sentence for people and holds nothing of the key."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """What may be known of a key. `source` is where the one that holds comes from; the rest tells of the one entered."""

    provider: str
    kind: Kind
    source: Source
    suffix: str = ""
    set_at: datetime | None = None
    set_by: str = ""

    @property
    def variable(self) -> str:
        return VARIABLES[self.provider, self.kind]

    @property
    def name(self) -> str:
        return NAMES[self.provider, self.kind]

    @property
    def is_entered(self) -> bool:
        """Whether there is one to remove, even if it does not hold."""
        return self.set_at is not None


# When it was read, and every key that was entered; None stands for one that SECRET_KEY does not open.
_remembered: tuple[float, Mapping[tuple[str, str], str | None]] | None = None


def read(provider: str, kind: Kind = Kind.API, *, is_remembered: bool = True) -> str:
    """The key that holds, or "": as of this moment, or as remembered. Asks the database, so not for the event loop."""
    if not is_remembered:
        forget()
    variable = VARIABLES.get((provider, kind))
    if variable is None:
        return ""
    given: str = getattr(settings, variable)
    return given or _entered().get((provider, kind)) or ""


def is_unreadable(provider: str, kind: Kind) -> bool:
    """Whether a key was entered that cannot be read any more, and none stands in the environment."""
    variable = VARIABLES.get((provider, kind))
    return variable is not None and not getattr(settings, variable) and _entered().get((provider, kind), "") is None


def states(provider: str) -> list[KeyState]:
    """All kinds of keys that the provider has, as they are this moment."""
    rows = {row.kind: row for row in ProviderSecret.objects.filter(provider=provider)}
    return [_state(provider, kind, rows.get(kind)) for owner, kind in VARIABLES if owner == provider]


def save(provider: str, key: str, kind: Kind = Kind.API) -> None:
    """Keep a key, in place of the one before. Raises InvalidKey. The environment still wins; see `states`."""
    _check_kind(provider, kind)
    key = _checked(key)
    hide(key)
    suffix = key[-4:] if len(key) >= SHORTEST_WITH_SUFFIX else ""
    values = {
        "sealed": seal(key, secret_key=settings.SECRET_KEY, label=_label(provider, kind)),
        "suffix": suffix,
        "set_at": clock.now(),
        "set_by": audit.actor().words[:200],
    }
    with transaction.atomic():
        _secret, is_new = ProviderSecret.objects.update_or_create(provider=provider, kind=kind, defaults=values)
        _record(Action.PROVIDER_KEY_SET, provider, kind, ends_with=suffix, replaced=not is_new)
        _begin_anew(provider, kind)


def remove(provider: str, kind: Kind = Kind.API) -> bool:
    """Forget the key that was entered; False when there was none."""
    _check_kind(provider, kind)
    with transaction.atomic():
        secret = ProviderSecret.objects.select_for_update().filter(provider=provider, kind=kind).first()
        if secret is None:
            return False
        secret.delete()
        _record(Action.PROVIDER_KEY_REMOVED, provider, kind, ends_with=secret.suffix)
        _begin_anew(provider, kind)
    return True


def forget() -> None:
    """Empty this process's memory, so that a change counts at once."""
    global _remembered
    _remembered = None


def _entered() -> Mapping[tuple[str, str], str | None]:
    global _remembered
    known, now = _remembered, time.monotonic()
    if known is None or now - known[0] >= REMEMBERED_SECONDS:
        rows = ProviderSecret.objects.values_list("provider", "kind", "sealed")
        known = _remembered = (now, {(provider, kind): _opened(provider, kind, sealed) for provider, kind, sealed in rows})
    return known[1]


def _opened(provider: str, kind: str, sealed: str) -> str | None:
    try:
        key = unseal(sealed, secret_key=settings.SECRET_KEY, label=_label(provider, kind))
    except Unreadable:
        return None
    # Before anybody here can print it.
    hide(key)
    return key


def _label(provider: str, kind: str) -> str:
    return f"provider-keys/{provider}/{kind}"


def _state(provider: str, kind: Kind, secret: ProviderSecret | None) -> KeyState:
    is_given = bool(getattr(settings, VARIABLES[provider, kind]))
    if secret is None:
        return KeyState(provider, kind, "environment" if is_given else "none")
    source: Source = "environment" if is_given else "unreadable" if _opened(provider, kind, secret.sealed) is None else "page"
    return KeyState(provider, kind, source, secret.suffix, secret.set_at, secret.set_by)


def _check_kind(provider: str, kind: Kind) -> None:
    if (provider, kind) not in VARIABLES:
        raise InvalidKey(_("There is no such key: KIE has an API key and a webhook key, ModKie an API key."))


def _checked(key: str) -> str:
    """Without the space and line breaks that copying adds around it."""
    key = key.strip()
    if not key:
        raise InvalidKey(_("Enter the key."))
    if len(key) < SHORTEST_SECRET:
        raise InvalidKey(_("This is too short for a key: it must have at least %(count)s characters.") % {"count": SHORTEST_SECRET})
    if len(key) > LONGEST:
        raise InvalidKey(_("This is too long for a key: it may have at most %(count)s characters.") % {"count": LONGEST})
    if not all("!" <= character <= "~" for character in key):
        raise InvalidKey(_("A key has only letters, digits and signs of ASCII, without spaces. Copy it once more."))
    return key


def _record(action: Action, provider: str, kind: Kind, **detail: Any) -> None:
    # A key serves the whole installation; its line stands where the operator, and nobody else's team, reads it.
    operators = Membership.objects.filter(user__is_superuser=True, user__is_active=True)
    team_id = operators.order_by("joined_at", "pk").values_list("team_id", flat=True).first()
    # The log is kept in English.
    with translation.override("en"):
        subject = NAMES[provider, kind]
    audit.record(action, team=team_id, subject=subject, **detail)


def _begin_anew(provider: str, kind: Kind) -> None:
    """What was learnt with the key before says nothing of this one; jobs that waited for a good one go on."""
    if kind == Kind.API:
        provider_accounts.begin_anew(provider)
    else:
        provider_accounts.forget_bad_signature(provider)
    forget()

    def after() -> None:
        # Once more: another thread may have read the old one before the commit.
        forget()
        wakeup.poke()

    transaction.on_commit(after)
