"""Whatever order people, engines, callbacks, crashes and late writers come in, the books balance and nothing is sent twice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from playground.core import ids
from playground.core.clock import to_ms
from playground.credits import services as ledger
from playground.credits.models import Account, Entry
from playground.jobs import services, submitting, sweeper, upstreams
from playground.jobs.models import DONE_STATES, FINAL_STATES, UNFINISHED_STATES, Job, State, Take
from playground.jobs.outbox import wire_state
from playground.media.models import StoredFile
from playground.media.services import StoredResult
from playground.providers.base import AccountTrouble, Echo, Limits, MaybeSent, NeverSent, ProviderError, RateLimited, Refused, Snapshot
from tests.databases import is_postgres
from tests.factories import make_job, make_owner
from tests.jobs.controlled_clock import ControlledClock

pytestmark = pytest.mark.django_db
RANK = {"waiting": 0, "queuing": 1, "generating": 2, "success": 3, "fail": 3}
LIMITS = {"modkie": Limits(0, 0, 0), "kie": Limits(0, 0, running=2)}
# One price that is certain, one that is a range until the clip is measured: what is asked for, and what is held for it.
ORDERS: list[tuple[dict[str, Any], int]] = [
    ({"payload": {"prompt": "Sea", "duration": 5}}, 60_000),
    ({"model_id": "wan/3-0-video", "payload": {"prompt": "Sea", "resolution": "480P", "duration": -1}}, 240_000),
]
# What may become of a job whose books are closed: a gift that arrives, or does not.
PAID_BACK = {State.FAIL, State.RECOVERING, State.RECOVERED}
LATER = {State.FAIL: PAID_BACK, State.RECOVERING: PAID_BACK}
ERRORS = {
    "never": NeverSent("refused"),
    "maybe": MaybeSent("timeout"),
    "limit": RateLimited("slow down", code="429", retry_after_seconds=3),
    "account": AccountTrouble("no money", code="402"),
    "no": Refused("no such fruit", code="422"),
}
ARRIVED_FOR_SURE_NOT = (NeverSent, RateLimited, AccountTrouble)
SNAPSHOTS = st.sampled_from(
    [
        Snapshot("waiting"),
        Snapshot("queuing"),
        Snapshot("generating", 0.3),
        Snapshot("generating", 0.1),
        Snapshot("success", 1.0, result_links=("https://example.com/1.mp4",)),
        Snapshot("success"),
        Snapshot("fail", fail_code="422", fail_message="Real person."),
    ]
)
WAITS = st.sampled_from([0.5, 5, 25, 61, 130, 700, 3700, 25_000, 100_000])
LENGTHS = st.sampled_from([None, 40, 5000, 7040, 30_000, 90_000])
GRANTED = 700_000
PICK = st.integers(min_value=0, max_value=10_000)


@dataclass
class Sender:
    """A pump that holds a job, perhaps long after it lost it."""

    job: Job
    is_marked: bool = False


class House(RuleBasedStateMachine):
    """Engines are lists of what they once claimed: any of them may act at any time, in time or much too late."""

    clock: ClassVar[ControlledClock]
    ids: ClassVar[Iterator[int]]

    def __init__(self) -> None:
        super().__init__()
        # Every life must be repeatable, or a failure could not be shrunk to its smallest form.
        self.clock.restart()
        House.ids = count(1)
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        self.senders: list[Sender] = []
        self.watchers: list[Job] = []
        self.savers: list[Job] = []
        self.may_have_arrived: set[UUID] = set()
        self.seen: dict[UUID, tuple[str, int, int]] = {}
        self.numbers = 0

    def teardown(self) -> None:
        self.stack.close()

    @initialize()
    def move_in(self) -> None:
        self.owner = make_owner()
        ledger.grant(team=self.owner.team, mode="live", millicredits=GRANTED)

    # --- people -----------------------------------------------------------------------------------------------------
    @rule(order=st.sampled_from(ORDERS))
    def create(self, order: tuple[dict[str, Any], int]) -> None:
        wanted, price = order
        available = Account.objects.get(mode="live").available_millicredits
        try:
            make_job(self.owner, mode="live", **wanted)
        except ledger.InsufficientCredits:
            assert available < price
        else:
            assert available >= price

    @precondition(lambda self: self.seen)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        job_id = self._job_id(pick)
        was_queued = Job.objects.get(pk=job_id).state == State.QUEUED
        assert services.cancel(job_id) == was_queued

    @rule(seconds=WAITS)
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    # --- sending ----------------------------------------------------------------------------------------------------
    @rule()
    def claim(self) -> None:
        self.senders += [Sender(job) for job in services.claim_for_submission(LIMITS, most=3)]

    @precondition(lambda self: self.senders)
    @rule(pick=PICK)
    def mark(self, pick: int) -> None:
        sender = self.senders[pick % len(self.senders)]
        if not sender.is_marked and services.mark_sent([services.Departure(sender.job)]):
            assert sender.job.pk not in self.may_have_arrived, "a request that may have arrived is sent again"
            self.may_have_arrived.add(sender.job.pk)
            sender.is_marked = True

    @precondition(lambda self: any(sender.is_marked for sender in self.senders))
    @rule(pick=PICK, is_duplicate=st.booleans())
    def accept(self, pick: int, is_duplicate: bool) -> None:
        sender = self._marked(pick)
        before = Job.objects.get(pk=sender.job.pk)
        taken = Job.objects.exclude(upstream_id="").exclude(pk=before.pk).first()
        self.numbers += 1
        upstream_id = taken.upstream_id if is_duplicate and taken else f"up-{self.numbers}"
        submitting.settle_accepted(sender.job, upstream_id)
        after = Job.objects.get(pk=before.pk)
        if before.state in (State.SUBMITTING, State.IN_DOUBT) and not before.upstream_id and not (is_duplicate and taken):
            assert (after.state, after.upstream_id) == (State.RUNNING, upstream_id), "a paid id was dropped"
        elif upstream_id not in (after.upstream_id, after.candidate_id):
            assert after.events.filter(kind="unclaimed_id", detail=upstream_id).exists(), "a paid id left no trace"

    @precondition(lambda self: any(sender.is_marked for sender in self.senders))
    @rule(pick=PICK, kind=st.sampled_from(sorted(ERRORS)))
    def refuse(self, pick: int, kind: str) -> None:
        sender = self._marked(pick)
        error: ProviderError = ERRORS[kind]
        if isinstance(error, ARRIVED_FOR_SURE_NOT):
            self.may_have_arrived.discard(sender.job.pk)
        self.senders.remove(sender)
        submitting.settle_error(sender.job, error)

    # --- watching ---------------------------------------------------------------------------------------------------
    @rule()
    def claim_to_watch(self) -> None:
        self.watchers += services.claim_for_polling(3, sorted(LIMITS))

    @precondition(lambda self: self.watchers)
    @rule(pick=PICK, snapshot=SNAPSHOTS, is_ours=st.booleans())
    def read(self, pick: int, snapshot: Snapshot, is_ours: bool) -> None:
        job = self.watchers[pick % len(self.watchers)]
        before = Job.objects.get(pk=job.pk)
        shown = Echo(job.model_id, job.payload if is_ours else {"prompt": "Another film"}, (to_ms(self.clock.now),))
        services.apply_snapshot(job, replace(snapshot, echo=shown))
        after = Job.objects.get(pk=job.pk)
        assert is_ours or before.upstream_id == after.upstream_id, "somebody else's task was adopted"

    @precondition(lambda self: self.watchers)
    @rule(pick=PICK)
    def fail_to_read(self, pick: int) -> None:
        services.poll_failed(self.watchers[pick % len(self.watchers)], "HTTP 502")

    @precondition(lambda self: self.seen)
    @rule(pick=PICK, named=st.sampled_from(["", "new", "taken"]))
    def callback(self, pick: int, named: str) -> None:
        self.numbers += 1
        taken = Job.objects.exclude(upstream_id="").first()
        upstream_id = {"": "", "new": f"up-{self.numbers}", "taken": taken.upstream_id if taken else ""}[named]
        services.hint(self._job_id(pick), upstream_id=upstream_id)

    @rule()
    def sweep(self) -> None:
        sweeper.sweep()

    # --- saving -----------------------------------------------------------------------------------------------------
    @rule()
    def claim_to_save(self) -> None:
        if (job := services.claim_for_saving()) is not None:
            self.savers.append(job)

    @precondition(lambda self: self.savers)
    @rule(pick=PICK, how=st.sampled_from(["stored", "stored", "stored", "unusable", "later", "gone"]), length_ms=LENGTHS)
    def save(self, pick: int, how: str, length_ms: int | None) -> None:
        job = self.savers[pick % len(self.savers)]
        if how == "stored":
            services.succeed(job, [self._stored(length_ms)])
        elif how == "unusable":
            services.save_failed(job, detail="no video")
        elif how == "later":
            services.save_later(job, detail="HTTP 503", delay_seconds=20)
        else:
            services.lose_result(job, code="410")

    # --- what always holds ------------------------------------------------------------------------------------------
    @invariant()
    def the_ledger_proves_itself(self) -> None:
        assert ledger.verify() == []
        open_prices = sum(job.price_millicredits for job in Job.objects.filter(state__in=UNFINISHED_STATES))
        done = list(Job.objects.filter(state=State.SUCCESS))
        charged = sum(job.charged_millicredits or 0 for job in done)
        for job in done:
            assert job.charged_millicredits is not None
            assert job.price_min_millicredits <= job.charged_millicredits <= job.price_millicredits, "not what was quoted"
        for account in Account.objects.filter(mode="live"):
            assert account.held_millicredits == open_prices
            assert account.available_millicredits == GRANTED - open_prices - charged

    @invariant()
    def each_job_is_settled_once_and_never_goes_back(self) -> None:
        kinds: dict[UUID, Counter[str]] = {}
        for entry in Entry.objects.exclude(job_id=None):
            assert entry.job_id is not None
            kinds.setdefault(entry.job_id, Counter())[entry.kind] += 1
        taken = set(Take.objects.values_list("job_id", flat=True))
        for job in Job.objects.all():
            end = {"capture": 1} if job.state == State.SUCCESS else {"release": 1} if job.state in FINAL_STATES else {}
            assert kinds[job.pk] == {"hold": 1, **end}
            assert (job.pk in taken) == (job.state in DONE_STATES)
            state, rank, version = self.seen.get(job.pk, (job.state, 0, 0))
            assert state not in FINAL_STATES or job.state in LATER.get(State(state), {state}), "an end was not final"
            assert RANK[wire_state(job)] >= rank, f"the wire went back from {state} to {job.state}"
            assert job.version > version or state == job.state, "a page would not notice the change"
            self.seen[job.pk] = (job.state, RANK[wire_state(job)], job.version)

    # --- helpers ----------------------------------------------------------------------------------------------------
    def _job_id(self, pick: int) -> UUID:
        return sorted(self.seen)[pick % len(self.seen)]

    def _marked(self, pick: int) -> Sender:
        marked = [sender for sender in self.senders if sender.is_marked]
        return marked[pick % len(marked)]

    def _stored(self, length_ms: int | None) -> StoredResult:
        files = [
            StoredFile.objects.create(
                team=self.owner.team,
                storage_name=str(ids.new_id()),
                content_type="video/mp4",
                size_bytes=1,
                sha256="0" * 64,
                width=2,
                height=2,
                duration_ms=length_ms,
            )
            for _ in range(4)
        ]
        return StoredResult(*files)


@pytest.fixture(autouse=True)
def _repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    House.clock = ControlledClock(monkeypatch)
    # As if there were a key for every provider.
    monkeypatch.setattr(upstreams, "is_live_available", lambda gateway: True)
    monkeypatch.setattr(ids, "new_id", lambda: UUID(int=next(House.ids)))


@override_settings(MODKIE_API_KEY="sk-any")
def test_random_interleavings_never_break_the_books() -> None:
    # A step costs several times as much where the database is another process.
    most = 20 if is_postgres() else 50
    run_state_machine_as_test(
        House,
        settings=settings(max_examples=most, stateful_step_count=45, deadline=None, suppress_health_check=list(HealthCheck), database=None),
    )


@override_settings(MODKIE_API_KEY="sk-any")
def test_long_random_lives_end_and_leave_nothing_held() -> None:
    """After any beginning, time and the broom alone bring every job to its end."""
    chance = random.Random(7)
    house = House()
    house.move_in()
    for _ in range(400):
        moves = [lambda: house.create(chance.choice(ORDERS)), house.claim, house.claim_to_watch, house.sweep, house.claim_to_save]
        if house.senders:
            moves.append(lambda: house.mark(chance.randrange(10_000)))
        if any(sender.is_marked for sender in house.senders):
            moves.append(lambda: house.accept(chance.randrange(10_000), is_duplicate=False))
        chance.choice(moves)()
        house.clock.advance(chance.choice([1, 10, 40]))
        house.each_job_is_settled_once_and_never_goes_back()
    for _ in range(12):
        house.clock.advance(100_000)
        sweeper.sweep()
    assert not Job.objects.filter(state__in=UNFINISHED_STATES).exists()
    assert Account.objects.get(mode="live").held_millicredits == 0
    house.the_ledger_proves_itself()
    house.teardown()
