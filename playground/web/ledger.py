"""The ledger as people read it: entries with whom and what they were for, and the jobs they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog import registry
from playground.core.money import format_credits, to_credits
from playground.credits import entries
from playground.credits.models import Entry, EntryKind
from playground.jobs import queries
from playground.web.templatetags.ui import signed_credits
from playground.web.words import translated

_ICONS = {
    EntryKind.HOLD: ("q", "hourglass"), EntryKind.CAPTURE: ("ok", "circle-check"), EntryKind.RELEASE: ("q", "refresh-cw"),
    EntryKind.GRANT: ("ok", "plus"), EntryKind.ADJUST: ("q", "scale"),
}  # fmt: skip
CSV_HEADING = (
    "time", "entry", "task", "provider", "model", "by", "key", "available change", "held change", "charged", "available after", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the job's, None where the job has been erased."""

    entry: Entry
    number: int | None

    @property
    def kind_class(self) -> str:
        return _ICONS[EntryKind(self.entry.kind)][0]

    @property
    def icon_name(self) -> str:
        return _ICONS[EntryKind(self.entry.kind)][1]

    @property
    def model(self) -> str:
        return title_of(self.entry.gateway, self.entry.model_id) if self.entry.model_id else translated(self.entry.note)

    @property
    def by(self) -> str:
        if self.entry.by_key_id:
            key = self.entry.by_key
            return _("Key: %(name)s") % {"name": key.name} if key else _("A key that is gone")
        return str(_person_of(self.entry) or (gone() if self.entry.by_user_id or self.entry.actor_id else _("The server")))

    @property
    def is_from_hold(self) -> bool:
        """The balance moved at the hold, so a charge is told in words and not counted twice."""
        return self.entry.kind == EntryKind.CAPTURE

    @property
    def amount(self) -> str:
        entry = self.entry
        if not self.is_from_hold:
            return signed_credits(entry.available_delta_millicredits)
        amounts = {"charged": format_credits(charged_by(entry)), "returned": format_credits(entry.available_delta_millicredits)}
        if entry.available_delta_millicredits:
            return _("%(charged)s from hold, %(returned)s returned") % amounts
        return _("%(charged)s from hold") % amounts


def page(team_id: int, account_id: int, wanted: entries.Filter, *, before: int | None, limit: int) -> list[Row]:
    """Newest first; `before` is the id of the last entry already shown."""
    found = entries.page(account_id, wanted, before, limit)
    numbers = queries.numbers_of(team_id, _jobs_of(found))
    return [Row(entry, numbers.get(entry.job_id) if entry.job_id else None) for entry in found]


def csv_rows(account_id: int, wanted: entries.Filter) -> Iterator[tuple[Any, ...]]:
    """The heading, then one row per entry, read while they are written. In English: programs read it."""
    yield CSV_HEADING
    for entry in entries.stream(account_id, wanted):
        with translation.override("en"):
            row = _csv_row(entry)
        yield row


def _csv_row(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.created_at,
        entry.get_kind_display(),
        entry.job_id.hex if entry.job_id else None,
        entry.gateway,
        entry.model_id,
        _person_of(entry),
        entry.by_key.name if entry.by_key else None,
        to_credits(entry.available_delta_millicredits),
        to_credits(entry.held_delta_millicredits),
        to_credits(charged_by(entry)) if entry.kind == EntryKind.CAPTURE else None,
        to_credits(entry.available_after_millicredits),
        entry.note,
    )


def gone() -> str:
    return _("Somebody who left")


def charged_by(entry: Entry) -> int:
    return -entry.held_delta_millicredits - entry.available_delta_millicredits


def title_of(gateway: str, model_id: str) -> str:
    """A card may be gone while its entries stay; then the id has to do."""
    try:
        return registry.get(model_id, gateway).title
    except registry.UnknownModel:
        return model_id


def _jobs_of(found: Iterable[Entry]) -> list[UUID]:
    return list({entry.job_id for entry in found if entry.job_id})


def _person_of(entry: Entry) -> User | None:
    return entry.by_user or entry.actor
