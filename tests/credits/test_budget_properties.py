"""Whatever is run, settled and waited for in whatever order: budgets count exactly the holds of their period."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.accounts.models import ApiKey
from playground.core import ids
from playground.credits import services as ledger
from playground.credits.budgets import Subject, budgets_of, set_budget
from playground.credits.errors import LedgerError
from playground.credits.models import DailyUse
from playground.credits.rebuilding import rebuild
from playground.credits.services import Origin
from tests.factories import make_key, make_owner
from tests.jobs.controlled_clock import ControlledClock

pytestmark = pytest.mark.django_db
LIMITS = {("team", "month"): 900, ("team", "total"): 1500, ("member", "day"): 500, ("key", "day"): 300}
BALANCE = 1800

amounts = st.integers(0, 400)
slots = st.integers(0, 5)
moves = st.one_of(
    st.tuples(st.just("page"), slots, amounts),
    st.tuples(st.just("key"), slots, amounts),
    st.tuples(st.just("capture"), slots, amounts),
    st.tuples(st.just("release"), slots, st.just(0)),
    st.tuples(st.just("wait"), st.just(0), st.sampled_from([1, 11, 24, 24 * 20])),
)


@dataclass
class Model:
    """The rules as a child would keep them: a list of what was taken, when, by which door, and how much of it stayed."""

    today: date
    taken: dict[int, tuple[date, str, int]] = field(default_factory=dict)
    kept: dict[int, int] = field(default_factory=dict)

    def used(self, subject: str, period: str) -> int:
        def counts(day: date, door: str) -> bool:
            same = {"day": day == self.today, "month": (day.year, day.month) == (self.today.year, self.today.month), "total": True}
            return same[period] and (subject != "key" or door == "key")

        return sum(self.kept.get(slot, amount) for slot, (day, door, amount) in self.taken.items() if counts(day, door))

    def take(self, slot: int, door: str, amount: int) -> bool:
        if slot in self.taken or amount + self.used("team", "total") > BALANCE:
            return False
        limits = {name: limit for name, limit in LIMITS.items() if name[0] != "key" or door == "key"}
        if amount and any(self.used(*name) + amount > limit for name, limit in limits.items()):
            return False
        self.taken[slot] = (self.today, door, amount)
        return True

    def settle(self, slot: int, charged: int) -> bool:
        if slot not in self.taken or slot in self.kept:
            return False
        self.kept[slot] = min(charged, self.taken[slot][2])
        return True


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(moves, max_size=30))
def test_any_sequence_keeps_budgets_daily_sums_and_balances(monkeypatch: pytest.MonkeyPatch, sequence: list[tuple[str, int, int]]) -> None:
    controlled = ControlledClock(monkeypatch)
    controlled.now = datetime(2026, 10, 25, 20, 0, tzinfo=UTC)
    with transaction.atomic():
        play(controlled, sequence)
        # The next example begins at the same moment again: nothing of this one may lie in its future.
        transaction.set_rollback(True)


def play(controlled: ControlledClock, sequence: list[tuple[str, int, int]]) -> None:
    owner = make_owner()
    make_key(owner, mode="live")
    key = ApiKey.objects.get(team=owner.team)
    account = ledger.grant(team=owner.team, mode="live", millicredits=BALANCE)
    subjects = {"team": Subject.team(), "member": Subject.member(owner.user_id), "key": Subject.key(key.pk)}
    for (subject, period), limit in LIMITS.items():
        set_budget(team=owner.team, mode="live", subject=subjects[subject], period=period, limit_millicredits=limit)
    jobs = [ids.new_id() for _ in range(6)]
    model = Model(controlled.now.date())
    for kind, slot, amount in sequence:
        if kind == "wait":
            controlled.advance(amount * 3600)
            model.today = controlled.now.date()
            continue
        is_open = slot in model.taken and slot not in model.kept
        if (slot in model.taken) if kind in ("page", "key") else not is_open:
            continue  # what the database's own constraints refuse is another test's
        expected = model.take(slot, kind, amount) if kind in ("page", "key") else model.settle(slot, amount if kind == "capture" else 0)
        origin = Origin(owner.user_id, key.pk if kind == "key" else None, "modkie", "a/model")
        assert attempt(account.pk, kind, jobs[slot], amount, origin) == expected, (kind, slot, amount)
        counted = {(str(one.subject.kind), str(one.period)): one.used_millicredits for one in budgets_of(account.pk)}
        assert counted == {limit: model.used(*limit) for limit in LIMITS}
    assert ledger.verify() == []
    assert list(rebuild(is_dry_run=True)) == []
    charged = sum(DailyUse.objects.filter(account=account).values_list("charged_millicredits", flat=True))
    assert charged == sum(model.kept.values())


def attempt(account_id: int, kind: str, job_id: UUID, amount: int, origin: Origin) -> bool:
    """Whether the ledger took it."""
    if kind == "capture":
        ledger.capture(job_id=job_id, millicredits=amount)
    elif kind == "release":
        ledger.release(job_id=job_id)
    else:
        try:
            with transaction.atomic():
                ledger.hold(account_id=account_id, job_id=job_id, millicredits=amount, origin=origin)
        except LedgerError:
            return False
    return True
