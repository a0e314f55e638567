"""Reading the ledger: pages and streams of entries, newest first, by keyset.

The order is that of time, and each filter has an index in that order, so that a page in the middle of a million entries
costs what the first one of a thousand does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from playground.credits import periods
from playground.credits.models import Entry, EntryKind

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Filter:
    """What is wanted; everything that is left out does not matter. `first` and `last` are days, both included."""

    kinds: tuple[EntryKind, ...] = ()
    user_id: int | None = None
    key_id: int | None = None
    gateway: str = ""
    model_id: str = ""
    first: date | None = None
    last: date | None = None


EVERYTHING = Filter()


def page(account_id: int, wanted: Filter = EVERYTHING, before: int | None = None, limit: int = 50) -> list[Entry]:
    """At most `limit` entries, newest first; `before` is the id of the last one already shown.

    With actor, by_user and by_key, which are None where somebody has gone. A `before` of another account finds nothing.
    """
    entries = _matching(account_id, wanted)
    if before is not None:
        shown = Entry.objects.filter(pk=before, account_id=account_id).values_list("created_at", flat=True).first()
        if shown is None:
            return []
        # The first condition is for the index, which an OR alone would not be searched by.
        entries = entries.filter(created_at__lte=shown).filter(Q(created_at__lt=shown) | Q(pk__lt=before))
    # One look per kind: of several at once, all would have to be sorted before the first could be shown.
    looks = [entries.filter(kind=kind) for kind in dict.fromkeys(wanted.kinds)] or [entries]
    found = [entry for look in looks for entry in look[:limit]]
    return sorted(found, key=lambda entry: (entry.created_at, entry.pk), reverse=True)[:limit]


def stream(account_id: int, wanted: Filter = EVERYTHING) -> Iterator[Entry]:
    """All of them, newest first, in pieces: the same memory for a thousand and for a million."""
    before: int | None = None
    while chunk := page(account_id, wanted, before, _CHUNK):
        yield from chunk
        before = chunk[-1].pk


def _matching(account_id: int, wanted: Filter) -> QuerySet[Entry]:
    # Not joined: a filter by somebody who has gone would turn the join into an inner one and find nothing.
    entries = Entry.objects.filter(account_id=account_id).prefetch_related("actor", "by_user", "by_key").order_by("-created_at", "-pk")
    if wanted.user_id is not None:
        entries = entries.filter(by_user_id=wanted.user_id)
    if wanted.key_id is not None:
        entries = entries.filter(by_key_id=wanted.key_id)
    if wanted.gateway:
        entries = entries.filter(gateway=wanted.gateway)
    if wanted.model_id:
        entries = entries.filter(model_id=wanted.model_id)
    if wanted.first is not None:
        entries = entries.filter(created_at__gte=periods.midnight(wanted.first))
    if wanted.last is not None:
        entries = entries.filter(created_at__lt=periods.midnight(wanted.last + timedelta(days=1)))
    return entries
