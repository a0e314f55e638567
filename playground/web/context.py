"""What the frame around every page shows: who, which team, which mode, how many credits, how much is running.

Everything is computed on first use and once per request, so a fragment that shows none of it costs no query.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts import access, permissions
from playground.accounts.models import Membership, Mode, Team, User
from playground.core import clock
from playground.core.money import format_credits
from playground.credits.models import Account
from playground.credits.rates import rate_of
from playground.credits.services import account_for
from playground.jobs import queries, upstreams

TEAM_KEY, MODE_KEY, THEME_COOKIE = "team", "mode", "theme"
NO_PROVIDER_KEY = gettext_noop("Live needs a provider key. Until there is one, clips are drawn by this machine.")


class Pulse(NamedTuple):
    """The page's one heartbeat: what to ask, and in how many seconds."""

    url: str
    seconds: int


class Shell:
    """The frame's data for one request. Use `shell_for`, which keeps one per request."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def user(self) -> User | AnonymousUser:
        return self._request.user if hasattr(self._request, "user") else AnonymousUser()

    @cached_property
    def memberships(self) -> list[Membership]:
        return access.memberships_for_user(self.user)

    @cached_property
    def membership(self) -> Membership | None:
        """In the team that the person chose last; in the oldest when that is none of theirs (any more)."""
        chosen = self._request.session.get(TEAM_KEY) if self.memberships else None
        by_slug = {membership.team.slug: membership for membership in self.memberships}
        return by_slug.get(str(chosen)) or next(iter(self.memberships), None)

    @cached_property
    def team(self) -> Team | None:
        return self.membership.team if self.membership else None

    @cached_property
    def may(self) -> dict[str, bool]:
        """What the person's role allows in this team, by the permission's name."""
        return permissions.of_role(self.membership.role) if self.membership else {}

    @property
    def teams(self) -> list[Team]:
        return [membership.team for membership in self.memberships]

    @property
    def live_available(self) -> bool:
        return upstreams.any_live_available()

    @property
    def live_reason(self) -> str:
        return "" if self.live_available else _(NO_PROVIDER_KEY)

    @cached_property
    def mode(self) -> Mode:
        is_live = self.live_available and self._request.session.get(MODE_KEY) == "live"
        return "live" if is_live else "test"

    @property
    def place(self) -> str:
        """Where a page belongs, `team/mode`; it comes back with every request of its fragments."""
        return f"{self.team.slug}/{self.mode}" if self.team else ""

    @cached_property
    def account(self) -> Account | None:
        return account_for(self.team.pk, self.mode) if self.team else None

    @property
    def balance_millicredits(self) -> int:
        return self.account.available_millicredits if self.account else 0

    @property
    def balance(self) -> str:
        return format_credits(self.balance_millicredits)

    @cached_property
    def running_count(self) -> int:
        if self.team is None:
            return 0
        if "account" in self.__dict__:
            return queries.running_count(self.team.pk, self.mode)
        self.account, running = queries.account_and_running_count(self.team.pk, self.mode)
        return running

    @property
    def theme(self) -> str:
        """`light`, `dark`, or empty for the system's choice."""
        theme = self._request.COOKIES.get(THEME_COOKIE, "")
        return theme if theme in ("light", "dark") else ""

    @property
    def usd_per_credit(self) -> Decimal:
        """One rate per page: the team's own, else the installation's."""
        return rate_of(self.team)


_NAMES = (
    "membership", "may", "team", "teams", "mode", "place", "live_available", "live_reason", "balance_millicredits", "balance",
    "running_count", "theme", "usd_per_credit",
)  # fmt: skip


def shell_for(request: HttpRequest) -> Shell:
    kept = request.META.get("rushes.shell")
    if isinstance(kept, Shell):
        return kept
    shell = request.META["rushes.shell"] = Shell(request)
    return shell


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. The values are callables, which templates call when they name them, and not before."""
    kept = shell_for(request)
    values: dict[str, Any] = {name: _Later(kept, name) for name in _NAMES}
    return values | {
        "site_name": settings.SITE_NAME,
        "request_id": request.META.get("REQUEST_ID", ""),
        "now_ms": clock.now_ms,
        "page_path": request.get_full_path(),
    }


class _Later:
    def __init__(self, shell: Shell, name: str) -> None:
        self._shell, self._name = shell, name

    def __call__(self) -> Any:
        return getattr(self._shell, self._name)

    def __str__(self) -> str:
        # `blocktranslate` prints what stands in the context without calling it.
        return str(self())
