"""Entries as CSV or as lines of JSON, one at a time, in constant memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from playground.core.cells import harmless
from playground.core.money import to_credits
from playground.credits.models import Account, Entry

COLUMNS = (
    "id", "time", "team", "mode", "kind", "available_credits", "held_credits", "balance_credits",
    "gateway", "model", "job", "person", "key", "note",
)  # fmt: skip


def record_of(entry: Entry, account: Account) -> dict[str, Any]:
    """One entry in plain values; amounts are exact decimals in texts."""
    person = entry.by_user or entry.actor
    return {
        "id": entry.pk,
        "time": entry.created_at.isoformat(timespec="milliseconds"),
        "team": account.team.slug,
        "mode": account.mode,
        "kind": entry.kind,
        "available_credits": _amount(entry.available_delta_millicredits),
        "held_credits": _amount(entry.held_delta_millicredits),
        "balance_credits": _amount(entry.available_after_millicredits),
        "gateway": entry.gateway,
        "model": entry.model_id,
        "job": entry.job_id.hex if entry.job_id else "",
        "person": person.email if person else "",
        "key": entry.by_key.name if entry.by_key else "",
        "note": entry.note,
    }


def as_csv(entries: Iterable[Entry], account: Account, *, with_header: bool = True) -> Iterator[str]:
    """Lines for a streaming answer. Texts that a spreadsheet would compute begin with an apostrophe."""
    writer = csv.writer(_Echo())
    if with_header:
        yield writer.writerow(COLUMNS)
    for entry in entries:
        record = record_of(entry, account)
        record |= {name: harmless(record[name]) for name in ("person", "key", "note", "model")}
        yield writer.writerow([record[name] for name in COLUMNS])


def as_json_lines(entries: Iterable[Entry], account: Account) -> Iterator[str]:
    for entry in entries:
        yield json.dumps(record_of(entry, account), ensure_ascii=False) + "\n"


class _Echo:
    """Hands back what a csv writer writes."""

    def write(self, line: str) -> str:
        return line


def _amount(millicredits: int) -> str:
    return f"{to_credits(millicredits):f}"
