"""The audit log: every change of money, keys, members, settings, prices and shares is written down where it is made.

`record` joins the caller's transaction, so that a change and its line are there together or not at all. Who acts is known
from `acting_as`, which the middleware, the API and every command enter; handing it through every signature (the rejected
alternative) ends with a function that was not handed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from playground.accounts.models import AuditEvent, Membership, Team, User
from playground.core import clock
from playground.core.redaction import redact

# Younger lines are kept whatever the setting says.
LEAST_DAYS = 30


class Action(StrEnum):
    """What happened, `<what>.<how>`; the labels are in `WORDS`."""

    CREDITS_GRANTED = "credits.granted"
    CREDITS_ADJUSTED = "credits.adjusted"
    LEDGER_REBUILT = "ledger.rebuilt"
    RATE_SET = "rate.set"
    PRICE_SET = "price.set"
    BUDGET_SET = "budget.set"
    BUDGET_REMOVED = "budget.removed"
    BUDGET_WARNED = "budget.warned"
    BUDGET_REACHED = "budget.reached"
    KEY_CREATED = "key.created"
    KEY_CHANGED = "key.changed"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    INVITED = "member.invited"
    INVITATION_RENEWED = "invitation.renewed"
    INVITATION_REVOKED = "invitation.revoked"
    JOINED = "member.joined"
    ROLE_CHANGED = "member.role"
    REMOVED = "member.removed"
    LEFT = "member.left"
    TEAM_CREATED = "team.created"
    TEAM_RENAMED = "team.renamed"
    PROVIDER_KEY_SET = "provider.key_set"
    PROVIDER_KEY_REMOVED = "provider.key_removed"
    SIGN_IN_LINK_MADE = "sign_in.link_made"
    PASSWORD_SET = "password.set"  # noqa: S105
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    EMAIL_CHANGED = "person.email"
    SERVICE_CONNECTED = "service.connected"
    SERVICE_DISCONNECTED = "service.disconnected"
    SESSIONS_ENDED = "sessions.ended"
    SIGNED_IN = "sign_in"
    TAKES_DELETED = "take.deleted"
    TAKES_RESTORED = "take.restored"
    COLLECTION_DELETED = "collection.deleted"
    SHARE_CREATED = "share.created"
    SHARE_REVOKED = "share.revoked"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_SECRET = "webhook.secret"  # noqa: S105
    WEBHOOK_REMOVED = "webhook.removed"


# Marked for translation; whoever shows them translates them.
WORDS: Mapping[Action, str] = {
    Action.CREDITS_GRANTED: gettext_noop("Added credits"),
    Action.CREDITS_ADJUSTED: gettext_noop("Adjusted credits"),
    Action.LEDGER_REBUILT: gettext_noop("Rebuilt the sums of the ledger"),
    Action.RATE_SET: gettext_noop("Set the price of a credit"),
    Action.PRICE_SET: gettext_noop("Set a price"),
    Action.BUDGET_SET: gettext_noop("Set a budget"),
    Action.BUDGET_REMOVED: gettext_noop("Removed a budget"),
    Action.BUDGET_WARNED: gettext_noop("Came to 80 % of a budget"),
    Action.BUDGET_REACHED: gettext_noop("Came to the end of a budget"),
    Action.KEY_CREATED: gettext_noop("Made an API key"),
    Action.KEY_CHANGED: gettext_noop("Changed an API key"),
    Action.KEY_ROTATED: gettext_noop("Rotated an API key"),
    Action.KEY_REVOKED: gettext_noop("Revoked an API key"),
    Action.INVITED: gettext_noop("Invited"),
    Action.INVITATION_RENEWED: gettext_noop("Made a new invitation link"),
    Action.INVITATION_REVOKED: gettext_noop("Took an invitation back"),
    Action.JOINED: gettext_noop("Joined the team"),
    Action.ROLE_CHANGED: gettext_noop("Changed a role"),
    Action.REMOVED: gettext_noop("Removed from the team"),
    Action.LEFT: gettext_noop("Left the team"),
    Action.TEAM_CREATED: gettext_noop("Made the team"),
    Action.TEAM_RENAMED: gettext_noop("Renamed the team"),
    Action.PROVIDER_KEY_SET: gettext_noop("Set a provider key"),
    Action.PROVIDER_KEY_REMOVED: gettext_noop("Removed a provider key"),
    Action.SIGN_IN_LINK_MADE: gettext_noop("Made a sign-in link"),
    Action.PASSWORD_SET: gettext_noop("Set a password"),
    Action.FACTOR_ADDED: gettext_noop("Added a second factor"),
    Action.FACTOR_REMOVED: gettext_noop("Removed a second factor"),
    Action.EMAIL_CHANGED: gettext_noop("Changed an e-mail address"),
    Action.SERVICE_CONNECTED: gettext_noop("Connected a sign-in service"),
    Action.SERVICE_DISCONNECTED: gettext_noop("Disconnected a sign-in service"),
    Action.SESSIONS_ENDED: gettext_noop("Signed out everywhere"),
    Action.SIGNED_IN: gettext_noop("Signed in"),
    Action.TAKES_DELETED: gettext_noop("Deleted takes"),
    Action.TAKES_RESTORED: gettext_noop("Brought takes back"),
    Action.COLLECTION_DELETED: gettext_noop("Deleted a collection"),
    Action.SHARE_CREATED: gettext_noop("Made a share link"),
    Action.SHARE_REVOKED: gettext_noop("Revoked a share link"),
    Action.WEBHOOK_CREATED: gettext_noop("Added a webhook"),
    Action.WEBHOOK_CHANGED: gettext_noop("Changed a webhook"),
    Action.WEBHOOK_SECRET: gettext_noop("Made a new signing secret"),
    Action.WEBHOOK_REMOVED: gettext_noop("Removed a webhook"),
}


# How a reader narrows the log: the kinds of things, each with the actions that belong to it.
KINDS: Mapping[str, tuple[str, frozenset[Action]]] = {
    name: (label, frozenset(action for action in Action if action.partition(".")[0] in whats))
    for name, label, whats in (
        ("credits", gettext_noop("Credits"), {"credits", "rate", "ledger"}),
        ("budgets", gettext_noop("Budgets"), {"budget"}),
        ("prices", gettext_noop("Prices"), {"price"}),
        ("keys", gettext_noop("API keys"), {"key"}),
        ("members", gettext_noop("Members"), {"member", "invitation"}),
        ("shares", gettext_noop("Share links"), {"share"}),
        ("team", gettext_noop("Team"), {"team"}),
        ("providers", gettext_noop("Providers"), {"provider"}),
        ("takes", gettext_noop("Takes"), {"take", "collection"}),
        ("sign-in", gettext_noop("Sign-in and account"), {"sign_in", "password", "factor", "person", "service", "sessions"}),
        ("webhooks", gettext_noop("Webhooks"), {"webhook"}),
    )
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is behind a change. `words` are for people, stored in English; `via` is page, API, command line or server."""

    words: str = gettext_noop("The server")
    via: str = "server"
    user_id: int | None = None
    ip: str | None = None
    request_id: str = ""


SERVER = Actor()
COMMAND_LINE = Actor(gettext_noop("The command line"), via="command line")
# Where the API leaves a function that says who is behind a request.
ACTOR_KEY = "rushes.actor"
_acting: ContextVar[Callable[[], Actor] | None] = ContextVar("acting", default=None)


def actor() -> Actor:
    """Whoever is acting in this thread or task."""
    asked = _acting.get()
    return asked() if asked else SERVER


@contextmanager
def acting_as(who: Actor | Callable[[], Actor]) -> Iterator[None]:
    """A function is asked only when a line is written: most requests change nothing, and their person costs a query."""
    token = _acting.set((lambda: who) if isinstance(who, Actor) else who)
    try:
        yield
    finally:
        _acting.reset(token)


def words_of(user: User) -> str:
    return f"{user.name} <{user.email}>" if user.name else user.email


def person(user: User) -> Actor:
    """This person, from where the present actor acts: for what somebody does who is not signed in yet."""
    return replace(actor(), words=words_of(user), user_id=user.pk)


def record(action: Action, *, team: Team | int | None, subject: str = "", by: Actor | None = None, **detail: Any) -> None:
    """Write one line. `detail` holds plain values: numbers, texts, and what was before under `before`."""
    who = by or actor()
    AuditEvent.objects.create(
        team_id=team.pk if isinstance(team, Team) else team,
        actor_id=who.user_id,
        actor_words=who.words[:200],
        via=who.via,
        ip=who.ip,
        request_id=who.request_id[:40],
        action=action,
        subject=redact(subject)[:200],
        detail=detail,
    )


def of_team(team_id: int, *, kind: str = "", user_id: int | None = None, by_nobody: bool = False) -> QuerySet[AuditEvent]:
    """Newest first: keyset paging goes on below the id of the last line shown. Of one kind, of one person, or of no person."""
    events = AuditEvent.objects.filter(team_id=team_id)
    if kind in KINDS:
        events = events.filter(action__in=KINDS[kind][1])
    if user_id is not None:
        events = events.filter(actor_id=user_id)
    elif by_nobody:
        events = events.filter(actor_id=None)
    return events.order_by("-pk")


def record_about(user: User, action: Action, *, by: Actor | None = None, **detail: Any) -> None:
    """One line in each of the person's teams: their owners answer for who gets in, and read no other team's log."""
    teams: list[int | None] = list(Membership.objects.filter(user_id=user.pk).values_list("team_id", flat=True))
    for team_id in teams or [None]:
        record(action, team=team_id, subject=user.email, by=by, **detail)


def forget_old() -> int:
    """Remove what is older than AUDIT_DAYS; how many lines that were. The only way out of the log."""
    oldest = clock.now() - timedelta(days=max(LEAST_DAYS, settings.AUDIT_DAYS))
    old = AuditEvent.objects.filter(at__lt=oldest)
    return old._raw_delete(old.db)
