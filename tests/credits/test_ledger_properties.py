"""Whatever is done in whatever order: the entries sum to the account, nothing is negative, nothing is charged twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.accounts.models import Team
from playground.core import ids
from playground.credits import services as ledger
from playground.credits.models import Account, Entry
from playground.credits.services import LedgerError

pytestmark = pytest.mark.django_db

amounts = st.integers(min_value=0, max_value=200_000)
slots = st.integers(min_value=0, max_value=3)
moves = st.one_of(
    st.tuples(st.just("grant"), st.just(0), amounts),
    st.tuples(st.just("adjust"), st.just(0), st.integers(-200_000, 200_000)),
    st.tuples(st.just("hold"), slots, amounts),
    st.tuples(st.just("capture"), slots, amounts),
    st.tuples(st.just("release"), slots, st.just(0)),
)


@dataclass
class Model:
    """The ledger as a child would keep it: two heaps of coins and a note per job."""

    available: int = 0
    held: dict[int, int] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)

    def apply(self, kind: str, slot: int, amount: int) -> bool:
        """False where the ledger has to refuse."""
        if kind in ("grant", "adjust"):
            if self.available + amount < 0 or amount == 0:
                return False
            self.available += amount
        elif kind == "hold":
            if slot in self.held or slot in self.settled or amount > self.available:
                return False
            self.available -= amount
            self.held[slot] = amount
        else:
            if slot not in self.held:
                return False
            held = self.held.pop(slot)
            self.settled.add(slot)
            self.available += held - (min(amount, held) if kind == "capture" else 0)
        return True


@settings(max_examples=60, deadline=None)
@given(st.lists(moves, max_size=25))
def test_any_sequence_of_movements_keeps_the_equations(sequence: list[tuple[str, int, int]]) -> None:
    team = Team.objects.create(slug=ids.new_id().hex, name="A team")
    account_id = ledger.account_for(team.pk, "live").pk
    jobs: list[UUID] = [ids.new_id() for _ in range(4)]
    model = Model()
    do: dict[str, Callable[[int, int], object]] = {
        "grant": lambda _slot, amount: ledger.grant(team=team, mode="live", millicredits=amount),
        "adjust": lambda _slot, amount: ledger.adjust(team=team, mode="live", millicredits=amount, note="by hand"),
        "hold": lambda slot, amount: ledger.hold(account_id=account_id, job_id=jobs[slot], millicredits=amount),
        "capture": lambda slot, amount: ledger.capture(job_id=jobs[slot], millicredits=amount),
        "release": lambda slot, _amount: ledger.release(job_id=jobs[slot]),
    }
    for kind, slot, amount in sequence:
        try:
            with transaction.atomic():
                do[kind](slot, amount)
            accepted = True
        except (LedgerError, IntegrityError, Entry.DoesNotExist):
            accepted = False
        assert accepted == model.apply(kind, slot, amount), (kind, slot, amount)
        account = Account.objects.get(pk=account_id)
        assert (account.available_millicredits, account.held_millicredits) == (model.available, sum(model.held.values()))
    assert [found for found in ledger.verify() if str(team) in found.subject] == []
    assert ledger.verify() == []
