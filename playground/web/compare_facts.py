"""A column in words: what the model takes of what is asked of all, before it runs and when it has."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from playground.catalog import common
from playground.catalog.card import Card
from playground.catalog.facts import NOTHING_KNOWN
from playground.catalog.intent import Intent, intent
from playground.catalog.roles import field_for, value_for
from playground.core.money import format_credits
from playground.jobs.models import Job, Take
from playground.web.compare_form import LABELS, CompareForm, changes_of
from playground.web.forms import CardForm

_TENTH = 100


class Said(NamedTuple):
    name: str
    words: str


def planned(form: CompareForm, column: CardForm) -> list[Said]:
    """Before the run: resolution, sound and price by the second, and whatever is not as in the other columns."""
    card, payload = column.card, column.payload()
    reading, quote = intent(card, payload, NOTHING_KNOWN), column.quote()
    said = [Said(LABELS[role], words) for role in ("ratio", "duration") if (words := _own_words(form, column, role))]
    said.append(Said(_("Resolution"), _own_words(form, column, "resolution") or _lines(reading, card, payload)))
    said.append(Said(_("Audio"), _sound(card, reading, is_wanted=any(wants_sound(one.card, one.payload()) for one in form.columns))))
    price = quote.hold_millicredits if quote else None
    return [*said, Said(_("Cost per second"), per_second(price, reading.seconds))]


def _own_words(form: CompareForm, column: CardForm, role: str) -> str:
    """Where this model does not do what the control in common says, or there is none: what it does instead, and why."""
    change = changes_of(column, role)
    if role in form.chosen and change is None:
        return ""
    value = value_for(column.card, role, column.payload())
    words = _spoken(column.card, role, value)
    return f"{words}: {change.reason}" if change else words


def _spoken(card: Card, role: str, value: Any) -> str:
    if value is None:
        reading = intent(card, {}, NOTHING_KNOWN)
        fixed = f"{reading.seconds:g} s" if role == "duration" and reading.seconds else ""
        return fixed or _open()
    name = common.name_of(card, role, value)
    return common.label_of(role, name) if name else str(value)


def _lines(reading: Intent, card: Card, payload: Mapping[str, Any]) -> str:
    return common.label_of("resolution", str(reading.short_side)) if reading.short_side else _open()


def _sound(card: Card, reading: Intent, *, is_wanted: bool) -> str:
    has_switch = field_for(card, "audio") is not None
    if reading.has_audio:
        return _("Yes") if has_switch else _("Always")
    if reading.has_audio is None:
        return _open()
    return _skipped() if is_wanted and not has_switch else _("No")


def made(job: Job, card: Card | None, take: Take | None, *, is_sound_wanted: bool) -> list[Said]:
    """Of a job: what its clip is, and as long as there is none what was asked for. Its time is told apart."""
    reading = intent(card, job.payload, NOTHING_KNOWN) if card else None
    price = job.price_millicredits if job.charged_millicredits is None else job.charged_millicredits
    seconds = reading.seconds if reading else None
    if take is not None:
        video = take.video
        seconds = Decimal(video.duration_ms or 0) / 1000
        lines = f"{min(video.width, video.height)}p" if video.width and video.height else _open()
        sound = _("Yes") if video.has_audio else _silence(card, is_sound_wanted)
    elif card and reading:
        lines = _lines(reading, card, job.payload)
        sound = _sound(card, reading, is_wanted=is_sound_wanted)
    else:
        lines = sound = _open()
    return [Said(_("Resolution"), lines), Said(_("Audio"), sound), Said(_("Cost per second"), per_second(price, seconds))]


def _silence(card: Card | None, is_sound_wanted: bool) -> str:
    has_switch = card is not None and field_for(card, "audio") is not None
    return _skipped() if is_sound_wanted and not has_switch else _("No")


def per_second(millicredits: int | None, seconds: Decimal | None) -> str:
    """`7 cr`, `3.2 cr`."""
    if millicredits is None or not seconds:
        return "–"
    if millicredits == 0:
        return _("Free")
    tenths = int((Decimal(millicredits) / seconds / _TENTH).to_integral_value())
    return _("%(credits)s cr") % {"credits": format_credits(tenths * _TENTH)}


def _open() -> str:
    return _("The model decides")


def _skipped() -> str:
    return _("Not supported, skipped")


def wants_sound(card: Card | None, payload: Mapping[str, Any]) -> bool:
    name = field_for(card, "audio") if card else None
    return bool(name and payload.get(name) is True)
