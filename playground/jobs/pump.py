"""The pump: claim → submit or poll → settle, for thousands of jobs in one coroutine program.

All database work happens in one thread of its own, all HTTP in the event loop, and neither waits for the other inside
a transaction. Several pumps may run: leases and conditional UPDATEs keep them apart. A seated run (in the queue) ends
after its budget or when nothing is left to do; `manage.py pump` runs the same program for ever.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q

from playground.core import clock
from playground.core.failpoints import failpoint
from playground.jobs import (
    cadence,
    calling,
    fairness,
    health,
    provider_accounts,
    provider_balances,
    services,
    settling,
    submitting,
    sweeper,
    upstreams,
)
from playground.jobs.adapters import Adapters
from playground.jobs.models import Job, ProviderAccount, State
from playground.jobs.reading import ReaderSeat, ReadGate
from playground.jobs.settling import Settlement
from playground.providers.base import Provider, Submission

logger = logging.getLogger(__name__)
T = TypeVar("T")

ROUND_SECONDS = 0.2
# After the first answer: what comes in meanwhile shares its transaction.
COMPANY_SECONDS = 0.2
PRESSED_ENDS = 10
CALLS_AT_ONCE = 64
# Fewer than all: a provider that hangs on every submission must not stop the polls.
SUBMISSIONS_AT_ONCE = 48
SWEEP_SECONDS = 5.0
CROWD_SECONDS = 2.0
# Of the reads that an account allows, so many are for the jobs that are due; the others are for callbacks and balances.
CROWD_SHARE = 0.8
BALANCE_LOOK_SECONDS = 10.0
IDLE_ROUNDS = 5
SEAT_SECONDS = 20.0
# Work that starts later than this is left to the next minute's tick.
SOON_SECONDS = 30.0
LAST_SETTLE_SECONDS = 10.0


class Pump:
    def __init__(self) -> None:
        self._database = ThreadPoolExecutor(1, thread_name_prefix="pump-database")
        self._adapters = Adapters()
        self._gates: dict[str, ReadGate] = {}
        self._seats: dict[str, ReaderSeat] = {}
        # For an account that asked for a pause, when it ends, and the adapter that was told so: another key begins anew.
        self._no_reads_until: dict[str, tuple[float, Provider]] = {}
        self._calls: set[asyncio.Task[None]] = set()
        self._submitting = 0
        # When the last few calls ended.
        self._ends: deque[float] = deque(maxlen=PRESSED_ENDS)
        # The lease of every job that is being called about or not yet settled.
        self._leases: dict[UUID, UUID] = {}
        self._settlements: list[Settlement] = []
        self._next_sweep = 0.0
        self._next_renewal = 0.0
        self._next_crowd = 0.0
        self._next_balances = 0.0
        # Providers that are being asked for our balance.
        self._asking: set[str] = set()

    async def run(self, *, budget_seconds: float | None = None, keep_going: Callable[[], bool] = lambda: True) -> None:
        """Work until the budget is spent, nothing is left (with a budget), or `keep_going` says no."""
        end = time.monotonic() + budget_seconds if budget_seconds is not None else float("inf")
        idle = 0
        try:
            while time.monotonic() < end and idle < IDLE_ROUNDS:
                try:
                    if not await self._in_database(keep_going):
                        break
                    is_busy = await self._round()
                    if not is_busy and budget_seconds is not None:
                        is_busy = await self._in_database(has_work)
                except Exception:
                    # The database is away or locked: what is in flight must still be stored when it comes back.
                    logger.exception("the pump goes on after a failed round")
                    is_busy = True
                idle = 0 if is_busy or budget_seconds is None else idle + 1
                await self._wait(ROUND_SECONDS)
            await self._drain(keep_going)
        finally:
            await self._adapters.aclose()
            await self._in_database(self._leave)
            self._database.shutdown()

    async def _drain(self, keep_going: Callable[[], bool]) -> None:
        """Wait for the calls under way, each of which has its own time limit, and store what they found out."""
        while self._calls:
            await self._wait(1.0)
            await self._tend()
            try:
                # Only to keep the seat: calls that are under way are finished whatever it says.
                await self._in_database(keep_going)
            except Exception:
                logger.exception("the pump could not keep its seat")
        end = time.monotonic() + LAST_SETTLE_SECONDS
        await self._tend()
        while self._settlements and time.monotonic() < end:
            await asyncio.sleep(ROUND_SECONDS)
            await self._tend()
        for settlement in self._settlements:
            if settlement.paid_id:
                logger.critical("job %s was accepted as %s, and that could not be stored", settlement.job.pk, settlement.paid_id)

    async def _round(self) -> bool:
        """One turn; True while there is something in flight."""
        await self._tend()
        await self._adapters.close_replaced()
        # After the renewal: a machine that was asleep must not sweep away what this very pump still holds.
        now = time.monotonic()
        if now >= self._next_sweep:
            self._next_sweep = now + min(SWEEP_SECONDS, settings.LEASE_SECONDS / 3)
            await self._in_database(sweeper.sweep)
        free = min(CALLS_AT_ONCE - len(self._calls), SUBMISSIONS_AT_ONCE - self._submitting)
        if free > 0:
            for job, submission in await self._in_database(lambda: self._claim_submissions(free)):
                self._start(job, calling.submit(self._adapters.made(job.provider), job, submission), is_submission=True)
        free = CALLS_AT_ONCE - len(self._calls)
        if free > 0:
            for job in await self._in_database(lambda: self._claim_polls(free)):
                self._start(job, self._poll(job, self._adapters.made(job.provider)))
            for name in await self._in_database(self._old_balances):
                self._run(self._ask_balance(name, self._adapters.made(name)))
        return bool(self._calls or self._settlements)

    async def _tend(self) -> None:
        """Store what has come in, and hold on to the jobs that are still being called about."""
        if self._settlements:
            batch, self._settlements = self._settlements, []
            again = await self._in_database(lambda: settling.settle(batch))
            for settlement in batch:
                self._leases.pop(settlement.job.pk, None)
            for settlement in again:
                self._hold_on(settlement.job)
            self._settlements += again
        now = time.monotonic()
        if now >= self._next_renewal and self._leases:
            self._next_renewal = now + settings.LEASE_SECONDS / 6
            tokens = list(set(self._leases.values()))
            try:
                await self._in_database(lambda: services.renew_leases(tokens))
            except Exception:
                logger.exception("the pump could not renew its leases")

    async def _in_database(self, function: Callable[[], T]) -> T:
        def call() -> T:
            try:
                return function()
            except Exception:
                # A broken connection must not break every round after this one.
                connection.close_if_unusable_or_obsolete()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._database, call)

    async def _wait(self, seconds: float) -> None:
        if self._calls:
            done, others = await asyncio.wait(self._calls, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if done and (others or self._is_pressed()):
                await asyncio.sleep(COMPANY_SECONDS)
        else:
            await asyncio.sleep(seconds)

    def _is_pressed(self) -> bool:
        """Whether answers come so fast that company is near; a lone one is somebody's who waits for it."""
        return len(self._ends) == PRESSED_ENDS and time.monotonic() - self._ends[0] < 1.0

    def _leave(self) -> None:
        try:
            for seat in self._seats.values():
                seat.leave()
        finally:
            connection.close()

    # --- claiming (in the database thread) --------------------------------------------------------------------------
    def _claim_submissions(self, free: int) -> list[tuple[Job, Submission]]:
        waiting = set(fairness.due_to_send().order_by().values_list("provider", flat=True).distinct())
        if not waiting:
            return []
        closed = provider_accounts.closed()
        limits = {name: provider.limits for name in waiting - closed if (provider := self._adapters.get(name)) is not None}
        # Without the lock first: a full account would be locked five times a second for nothing.
        if not any(places > 0 for places in fairness.room_at(limits, most=free).values()):
            return []
        jobs = services.claim_for_submission(limits, most=free)
        failpoint("pump.claimed")
        # Before the mark: nothing but the call itself may go wrong between the mark and the first byte.
        ready = {job.pk: prepared for job in jobs if (prepared := submitting.prepare(job)) is not None}
        sending = services.mark_sent([prepared.departure for prepared in ready.values()])
        failpoint("pump.marked")
        return [(job, ready[job.pk].submission) for job in sending]

    def _claim_polls(self, free: int) -> list[Job]:
        due = Job.objects.filter(services.to_be_read(), due_at__lte=clock.now())
        names = [name for name in due.order_by().values_list("provider", flat=True).distinct() if self._may_read(name)]
        self._measure_crowds()
        jobs: list[Job] = []
        for number, name in enumerate(names):
            # An equal share of what is left, so that one provider's thousands cannot starve another's few.
            share = -(-(free - len(jobs)) // (len(names) - number))
            places = min(share, self._places(name))
            jobs += services.claim_for_polling(places, [name]) if places > 0 else []
        for job in jobs:
            if gate := self._gates.get(job.provider):
                gate.begin()
        return jobs

    def _places(self, name: str) -> int:
        """How many reads of a provider may leave now; all of them where it sets no limit."""
        provider = self._adapters.get(name)
        if provider is None:
            return 0
        limit = provider.limits.reads_per_second
        if not limit:
            return CALLS_AT_ONCE
        places = self._gates.setdefault(name, ReadGate(limit)).places()
        return places if places > 0 and self._seats.setdefault(name, ReaderSeat(name)).hold() else 0

    def _measure_crowds(self) -> None:
        """Tell the cadence how long a turn around all jobs of a limited provider takes."""
        if time.monotonic() < self._next_crowd:
            return
        self._next_crowd = time.monotonic() + CROWD_SECONDS
        watched = Job.objects.filter(services.to_be_read()).order_by().values_list("provider").annotate(count=Count("pk"))
        for name, count in watched:
            if (provider := self._adapters.get(name)) is not None and (limit := provider.limits.reads_per_second):
                cadence.set_crowding(name, count / (limit * CROWD_SHARE))

    def _old_balances(self) -> list[str]:
        """Accounts whose balance is to be asked for, and that take a question just now."""
        if time.monotonic() < self._next_balances:
            return []
        self._next_balances = time.monotonic() + BALANCE_LOOK_SECONDS
        due = provider_balances.due(upstreams.live_names())
        old = [name for name in due if name not in self._asking and self._may_read(name) and self._places(name) > 0]
        for name in old:
            if gate := self._gates.get(name):
                gate.begin()
        self._asking.update(old)
        return old

    def _may_read(self, name: str) -> bool:
        until, told = self._no_reads_until.get(name, (0.0, None))
        return time.monotonic() >= until or self._adapters.get(name) is not told

    # --- calling (in the event loop) --------------------------------------------------------------------------------
    def _hold_on(self, job: Job) -> None:
        assert job.lease_token is not None
        self._leases[job.pk] = job.lease_token

    def _start(self, job: Job, call: Awaitable[Settlement], *, is_submission: bool = False) -> None:
        self._hold_on(job)
        self._submitting += is_submission

        async def work() -> None:
            try:
                # In two steps: `append(await call)` would look the list up before the wait, and it is replaced meanwhile.
                settlement = await call
                self._settlements.append(settlement)
                self._ends.append(time.monotonic())
            finally:
                self._submitting -= is_submission

        self._run(work())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _poll(self, job: Job, provider: Provider) -> Settlement:
        gate, seat = self._gates.get(job.provider), self._seats.get(job.provider)
        try:
            if seat is not None and not seat.is_mine():
                return Settlement(job, lambda: services.poll_failed(job, "the right to read was lost"))
            seen = await calling.poll(provider, job)
        finally:
            if gate is not None:
                gate.end()
        if seen.pause_seconds is not None:
            self._no_reads_until[job.provider] = (time.monotonic() + seen.pause_seconds, provider)
        return seen.settlement

    async def _ask_balance(self, name: str, provider: Provider) -> None:
        try:
            balance = await calling.balance(provider)
            if gate := self._gates.get(name):
                gate.end()
            await self._in_database(lambda: provider_balances.record(name, balance))
        except Exception:
            logger.exception("the balance at %s could not be stored", name)
        finally:
            self._asking.discard(name)


def has_work() -> bool:
    """True while a job needs the pump soon: to be sent to a provider that takes it, or to be asked about.

    Jobs that wait for a key or for the end of a long pause are none: the next minute's tick looks at them again, and
    until then nobody turns idle rounds.
    """
    soon = clock.now() + timedelta(seconds=SOON_SECONDS)
    names = set(upstreams.available_names())
    closed = set(ProviderAccount.objects.filter(paused_until__gt=soon).values_list("provider", flat=True))
    sent = Q(state=State.SUBMITTING)
    # What was given up is looked at so rarely that nobody need sit and wait for it.
    asked = services.to_be_read() & Q(provider__in=names) & ~Q(state=State.RECOVERING, due_at__gt=soon)
    waiting = Q(state=State.QUEUED, provider__in=names - closed, due_at__lte=soon, is_waiting_for_files=False)
    return any(Job.objects.filter(some).exists() for some in (asked, waiting, sent))


def run_seated(*, budget_seconds: float) -> bool:
    """Run in the one seat that the queue has, if it is free. True when work is left for the next one."""
    token = health.take_seat(health.PUMP_SEAT, SEAT_SECONDS)
    if token is None:
        return False
    next_keep = time.monotonic() + SEAT_SECONDS / 4

    def keep_going() -> bool:
        nonlocal next_keep
        if time.monotonic() < next_keep:
            return True
        next_keep = time.monotonic() + SEAT_SECONDS / 4
        return health.keep_seat(health.PUMP_SEAT, token, SEAT_SECONDS)

    try:
        asyncio.run(Pump().run(budget_seconds=budget_seconds, keep_going=keep_going))
    finally:
        health.leave_seat(health.PUMP_SEAT, token)
    # Looked at after the seat is free: a job that was committed while it was taken left no hint of its own.
    return has_work()
