"""The ledger as people read it: entries with the job they belong to, and the sums of a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from playground.core.money import format_credits
from playground.credits.models import Entry, EntryKind
from playground.jobs.models import Job
from playground.web.templatetags.ui import signed_credits
from playground.web.tiles import model_title

_ICONS = {
    EntryKind.HOLD: ("q", "hourglass"), EntryKind.CAPTURE: ("ok", "circle-check"), EntryKind.RELEASE: ("q", "refresh-cw"),
    EntryKind.GRANT: ("ok", "plus"), EntryKind.ADJUST: ("q", "scale"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    entry: Entry
    job: Job | None

    @property
    def kind_class(self) -> str:
        return _ICONS[EntryKind(self.entry.kind)][0]

    @property
    def icon_name(self) -> str:
        return _ICONS[EntryKind(self.entry.kind)][1]

    @property
    def model(self) -> str:
        return model_title(self.job) if self.job else self.entry.note

    @property
    def by(self) -> str:
        if self.job and self.job.api_key:
            return f"Key: {self.job.api_key.name}"
        person = self.job.created_by if self.job else self.entry.actor
        return str(person) if person else "The server"

    @property
    def is_from_hold(self) -> bool:
        """The balance moved at the hold, so a charge is told in words and not counted twice."""
        return self.entry.kind == EntryKind.CAPTURE

    @property
    def amount(self) -> str:
        entry = self.entry
        if not self.is_from_hold:
            return signed_credits(entry.available_delta_millicredits)
        charged = -entry.held_delta_millicredits - entry.available_delta_millicredits
        returned = f", {format_credits(entry.available_delta_millicredits)} returned" if entry.available_delta_millicredits else ""
        return f"{format_credits(charged)} from hold{returned}"


def page(team_id: int, account_id: int, *, before: int | None, limit: int) -> list[Row]:
    """Newest first; `before` is the id of the last entry already shown. Three queries whatever the length."""
    entries = Entry.objects.filter(account_id=account_id).select_related("actor").order_by("-id")
    if before is not None:
        entries = entries.filter(pk__lt=before)
    rows = list(entries[:limit])
    jobs = _jobs(team_id, [entry.job_id for entry in rows if entry.job_id])
    return [Row(entry, jobs.get(entry.job_id) if entry.job_id else None) for entry in rows]


def _jobs(team_id: int, job_ids: Sequence[UUID]) -> dict[UUID, Job]:
    jobs = Job.objects.filter(team_id=team_id, pk__in=job_ids).select_related("created_by", "api_key")
    return {job.pk: job for job in jobs.defer("payload_json", "raw_reply")}


@dataclass(frozen=True, slots=True)
class Month:
    moment: datetime
    spent_millicredits: int
    charges: int
    returned_millicredits: int
    returns: int


def this_month(account_id: int) -> Month:
    """What was charged and what came back since the first of the viewer's month."""
    start = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    captures, releases = Q(kind=EntryKind.CAPTURE), Q(kind=EntryKind.RELEASE)
    sums = Entry.objects.filter(account_id=account_id, created_at__gte=start).aggregate(
        spent=Sum(-F("held_delta_millicredits") - F("available_delta_millicredits"), filter=captures),
        charges=Count("pk", filter=captures),
        returned=Sum("available_delta_millicredits", filter=releases),
        returns=Count("pk", filter=releases),
    )
    return Month(start, sums["spent"] or 0, sums["charges"], sums["returned"] or 0, sums["returns"])
