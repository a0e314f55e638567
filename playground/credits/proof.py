"""The proof of the ledger: every invariant is checked, and what was found is kept for the owners' page.

Runs once a day by the schedule of `jobs`, and with `manage.py ledger verify`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from playground.core import clock
from playground.credits.invariants import INVARIANTS, MOST_FOUND, Discrepancy, Invariant
from playground.credits.models import Proof

_NAMED = 5
_registered: list[Invariant] = []


@dataclass(frozen=True, slots=True)
class Finding:
    """`words` are the invariant where it is kept, else what breaks it."""

    invariant: Invariant
    discrepancies: list[Discrepancy]
    duration_ms: int

    @property
    def is_kept(self) -> bool:
        return not self.discrepancies

    @property
    def words(self) -> str:
        if self.is_kept:
            return self.invariant.sentence
        count = len(self.discrepancies)
        named = "; ".join(f"{one.subject}: {one.rule}" for one in self.discrepancies[:_NAMED])
        words = {"count": f"{count:,}", "named": named}
        return (_("At least %(count)s found. %(named)s.") if count == MOST_FOUND else _("%(count)s found. %(named)s.")) % words


@dataclass(frozen=True, slots=True)
class State:
    """One row of the page. `checked_at` is None where nobody has looked yet."""

    name: str
    sentence: str
    is_kept: bool | None
    words: str
    checked_at: datetime | None
    duration_ms: int | None


def register(invariant: Invariant) -> None:
    """Add a check that lives above the ledger. Registering the same name twice keeps the later one."""
    _registered[:] = [other for other in _registered if other.name != invariant.name] + [invariant]


def invariants() -> list[Invariant]:
    return [*INVARIANTS, *_registered]


def prove() -> list[Finding]:
    """Check everything and keep what was found. Writes one row per invariant; safe to run at any time."""
    findings = []
    for invariant in invariants():
        begin = time.monotonic()
        found = invariant.find()
        finding = Finding(invariant, found, round(1000 * (time.monotonic() - begin)))
        Proof.objects.update_or_create(
            name=invariant.name,
            defaults={
                "is_kept": finding.is_kept,
                "words": finding.words,
                "checked_at": clock.now(),
                "duration_ms": finding.duration_ms,
            },
        )
        findings.append(finding)
    return findings


def states() -> list[State]:
    """Every invariant with what the last look found, in the order of their importance. One query.

    Sentences are in the reader's language. What was found is kept in English: it leads whoever runs the installation to rows.
    """
    kept = {proof.name: proof for proof in Proof.objects.all()}
    return [_state(invariant, kept.get(invariant.name)) for invariant in invariants()]


def _state(invariant: Invariant, proof: Proof | None) -> State:
    if proof is None:
        return State(invariant.name, _(invariant.sentence), None, "", None, None)
    return State(invariant.name, _(invariant.sentence), proof.is_kept, proof.words, proof.checked_at, proof.duration_ms)
