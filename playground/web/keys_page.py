"""What the page of API keys shows: who may see which, what they cost, and which need care when they are revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from playground.accounts import keys, permissions
from playground.accounts.models import MODES, ApiKey, Membership
from playground.accounts.permissions import Permission
from playground.core import ids
from playground.credits.keycaps import caps_of
from playground.web import monthly
from playground.web.context import shell_for
from playground.web.htmx import fresh
from playground.web.key_forms import KeyChangeForm, KeyForm, RotateForm
from playground.web.monthly import NOTHING, Spending, month_start

MOST_REVOKED = 50


@dataclass(frozen=True, slots=True)
class KeyRow:
    key: ApiKey
    spending: Spending

    @property
    def shown(self) -> str:
        """`sk-live-…c41f`."""
        return keys.shown(self.key)

    @property
    def old_shown(self) -> str:
        """The secret before a rotation, while it opens the key; or ""."""
        return f"sk-{self.key.mode}-…{self.key.old_suffix}" if self.key.has_old_secret else ""

    @property
    def is_over(self) -> bool:
        return not self.key.is_valid


def key_page(request: HttpRequest, membership: Membership, *, status: int = 200, **changes: Any) -> HttpResponse:
    """The whole page. `changes`: form, made (the key just made) and secret."""
    text = request.GET.get("q", "")[:80]
    found = keys.visible_to(membership, text)
    context: dict[str, Any] = _shared() | {
        "form": KeyForm(initial={"kind": shell_for(request).mode}),
        "is_for_all": permissions.allows(membership.role, Permission.ALL_KEYS),
        "rows": _rows(membership, [key for key in found if key.revoked_at is None]),
        "revoked": _rows(membership, [key for key in found if key.revoked_at is not None][:MOST_REVOKED]),
        "month": month_start(),
        "modes": MODES,
        "text": text,
    }
    return fresh(request, "keys/keys.html", context | changes, status=status)


def one_key_page(request: HttpRequest, key: ApiKey, *, status: int = 200, **changes: Any) -> HttpResponse:
    """One key: what it may do, and its rotation. `changes`: form, rotation (a form), secret (a new one), problem."""
    context: dict[str, Any] = _shared() | {"row": KeyRow(key, NOTHING), "key": key, "rotation": RotateForm()}
    if "form" not in changes:
        context["form"] = KeyChangeForm(key, caps_of(key))
    return fresh(request, "keys/key.html", context | changes, status=status)


def _shared() -> dict[str, Any]:
    return {
        "nav": "keys",
        "nonce": ids.new_secret(random_bytes=16),
        "today": timezone.localdate(),
        "usual_rate": settings.KEY_REQUESTS_PER_MINUTE,
    }


def _rows(membership: Membership, found: Sequence[ApiKey]) -> list[KeyRow]:
    spending = monthly.of_keys(membership.team_id) if found else {}
    return [KeyRow(key, spending.get(key.pk, NOTHING)) for key in found]
