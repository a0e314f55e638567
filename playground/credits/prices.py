"""Prices of a team's own: set by its owners, from a moment on, for one model of one gateway.

Rows are only ever added. At any moment the row that took effect last holds; of several that take effect at once, the
newest. Quotes read it through a memory of at most a second; a job keeps the price that it was quoted.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground import flatsql
from playground.accounts import audit, permissions
from playground.accounts.audit import Action
from playground.accounts.models import Membership, Team, User
from playground.accounts.permissions import Permission
from playground.catalog.card import Card
from playground.catalog.pricing import OwnPrice
from playground.core import clock
from playground.core.money import format_credits, to_millicredits
from playground.core.wording import count_of
from playground.credits.models import PriceOverride, PriceOverrideKind

CACHE_SECONDS = 1.0
MOST_CREDITS = 1_000_000
LEAST_PERCENT, MOST_PERCENT = Decimal(-100), Decimal(10_000)
# A form's minute may pass while it is filled in; history cannot be rewritten.
_GRACE = timedelta(minutes=2)
_MOST_REMEMBERED = 10_000

_memory: dict[tuple[int, str, str], tuple[float, list[PriceOverride]]] = {}


class PriceError(Exception):
    """A price that is not set; `field` is what is wrong with it (credits, markup, effective_from, role), for people."""

    def __init__(self, field: str, rule: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.rule = rule


def set_price(
    *,
    team: Team,
    card: Card,
    actor: User | None,
    credits: Decimal | None = None,
    markup_percent: Decimal | None = None,
    effective_from: datetime | None = None,
    note: str = "",
) -> PriceOverride:
    """Give a model a price per job or second, or a mark-up on the published one. Without an actor the operator asks.

    Raises PriceError, with nothing written. Calling it twice adds a second row that says the same.
    """
    _require_owner(team, actor)
    if (credits is None) == (markup_percent is None):
        raise PriceError("credits", "required", _("Give either a price or a mark-up."))
    if credits is not None:
        kind, millicredits = PriceOverrideKind.PRICE, _checked_price(credits)
    else:
        kind, millicredits = PriceOverrideKind.MARKUP, None
        markup_percent = _checked_markup(card, markup_percent or Decimal(0))
    return _add(team, card, actor, kind, millicredits, markup_percent, effective_from, note)


def remove_price(*, team: Team, card: Card, actor: User | None, effective_from: datetime | None = None, note: str = "") -> PriceOverride:
    """Return to the published price from a moment on. Raises PriceError."""
    _require_owner(team, actor)
    return _add(team, card, actor, PriceOverrideKind.NONE, None, None, effective_from, note)


def _require_owner(team: Team, actor: User | None) -> None:
    roles = permissions.TABLE[Permission.PRICES].roles
    if actor is not None and not Membership.objects.filter(user=actor, team=team, role__in=roles).exists():
        raise PriceError("role", "owner", _("Only an owner of the team can set prices."))


def _checked_price(credits: Decimal) -> int:
    if not credits.is_finite() or not 0 <= credits <= MOST_CREDITS:
        raise PriceError("credits", "range", _("A price is 0 to %(most)s credits.") % {"most": f"{MOST_CREDITS:,}"})
    millicredits = to_millicredits(credits)
    if Decimal(millicredits) != credits * 1000:
        raise PriceError("credits", "precision", _("A price has at most three decimals."))
    return millicredits


def _checked_markup(card: Card, percent: Decimal) -> Decimal:
    if card.pricing["credits"] is None:
        raise PriceError("markup", "unpublished", _("Nobody publishes a price to add a mark-up to; set a price instead."))
    if not percent.is_finite() or not LEAST_PERCENT <= percent <= MOST_PERCENT:
        words = _("A mark-up is %(least)s to %(most)s percent.") % {"least": LEAST_PERCENT, "most": f"{MOST_PERCENT:,}"}
        raise PriceError("markup", "range", words)
    if percent != round(percent, 2):
        raise PriceError("markup", "precision", _("A mark-up has at most two decimals."))
    return percent


def _add(
    team: Team,
    card: Card,
    actor: User | None,
    kind: PriceOverrideKind,
    millicredits: int | None,
    percent: Decimal | None,
    effective_from: datetime | None,
    note: str,
) -> PriceOverride:
    now = clock.now()
    starts = effective_from or now
    if timezone.is_naive(starts):
        raise PriceError("effective_from", "format", _("The moment needs a time zone."))
    if starts < now - _GRACE:
        raise PriceError("effective_from", "past", _("A price cannot take effect in the past."))
    before = _holding(list(PriceOverride.objects.filter(team=team, gateway=card.gateway, model_id=card.id)), now)
    with transaction.atomic():
        override = PriceOverride.objects.create(
            team=team,
            gateway=card.gateway,
            model_id=card.id,
            kind=kind,
            price_millicredits=millicredits,
            markup_percent=percent,
            # Within the grace it means now: a row that already holds must not be overtaken by one that is older.
            effective_from=max(starts, now),
            note=note.strip()[:200],
            created_by=actor,
        )
        # The audit log is kept in English.
        with translation.override("en"):
            _record(override, card, before)
    _memory.pop((team.pk, card.gateway, card.id), None)
    return override


def _record(override: PriceOverride, card: Card, before: PriceOverride | None) -> None:
    unit = card.pricing["unit"]
    audit.record(
        Action.PRICE_SET,
        team=override.team,
        subject=f"{card.title} ({card.gateway})",
        before=words_of(before, unit) if before else _("Published price"),
        price=words_of(override, unit),
        effective_from=override.effective_from.isoformat(timespec="seconds"),
        note=override.note,
    )


def own_price_for(team_id: int, gateway: str, model_id: str, at: datetime | None = None) -> PriceOverride | None:
    """The row that holds at a moment (now, if none is given), or None where the published price does. At most one query a second."""
    key = (team_id, gateway, model_id)
    remembered = _memory.get(key)
    if remembered is None or time.monotonic() - remembered[0] >= CACHE_SECONDS:
        if len(_memory) > _MOST_REMEMBERED:
            _memory.clear()
        remembered = time.monotonic(), flatsql.find(PriceOverride, team_id=team_id, gateway=gateway, model_id=model_id)
        _memory[key] = remembered
    return _holding(remembered[1], at or clock.now())


def own_prices_of(team_id: int, at: datetime | None = None) -> Mapping[tuple[str, str], OwnPrice]:
    """All of a team's own prices that hold at a moment, by gateway and id: one query, for lists of models."""
    rows: dict[tuple[str, str], list[PriceOverride]] = {}
    for row in flatsql.find(PriceOverride, team_id=team_id):
        rows.setdefault((row.gateway, row.model_id), []).append(row)
    moment = at or clock.now()
    holding = {key: _holding(found, moment) for key, found in rows.items()}
    return {key: row.own for key, row in holding.items() if row is not None and row.own is not None}


def _holding(rows: list[PriceOverride], at: datetime) -> PriceOverride | None:
    started = [row for row in rows if row.effective_from <= at]
    latest = max(started, key=lambda row: (row.effective_from, row.pk), default=None)
    return latest if latest is not None and latest.kind != PriceOverrideKind.NONE else None


def history_of(team_id: int, gateway: str, model_id: str) -> list[PriceOverride]:
    """Every row, the one that takes effect last first."""
    rows = PriceOverride.objects.filter(team_id=team_id, gateway=gateway, model_id=model_id)
    return list(rows.select_related("created_by").order_by("-effective_from", "-pk"))


def words_of(override: PriceOverride, unit: str) -> str:
    """`20 credits per second`, `+25 %`, `Published price`."""
    if override.price_millicredits is not None:
        count = count_of(override.price_millicredits)
        if unit == "second":
            words = ngettext("%(credits)s credit per second", "%(credits)s credits per second", count)
        else:
            words = ngettext("%(credits)s credit per job", "%(credits)s credits per job", count)
        return words % {"credits": format_credits(override.price_millicredits)}
    if override.markup_percent is not None:
        return f"{override.markup_percent.normalize():+f} %".replace("-", "−")
    return _("Published price")


def forget() -> None:
    """Empty this process's memory of prices, so that a change counts at once."""
    _memory.clear()
