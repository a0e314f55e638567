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
from django.db.models import Q

from playground.core import clock
from playground.core.failpoints import failpoint
from playground.jobs import fairness, health, services, settling, submitting, sweeper, upstreams
from playground.jobs.models import Job, ProviderAccount, State
from playground.jobs.settling import Settlement
from playground.providers.base import MaybeSent, Provider, ProviderError, RateLimited, Running, Submission

logger = logging.getLogger(__name__)
T = TypeVar("T")

ROUND_SECONDS = 0.2
CALLS_AT_ONCE = 64
# Fewer than all: a provider that hangs on every submission must not stop the polls.
SUBMISSIONS_AT_ONCE = 48
CREATES_WINDOW_SECONDS = 10.0
SWEEP_SECONDS = 5.0
READ_PAUSE_SECONDS = 5.0
IDLE_ROUNDS = 5
SEAT_SECONDS = 20.0
# Work that starts later than this is left to the next minute's tick.
SOON_SECONDS = 30.0
LAST_SETTLE_SECONDS = 10.0
LAST_ANSWER_SECONDS = 1.0


class Pump:
    def __init__(self) -> None:
        self._database = ThreadPoolExecutor(1, thread_name_prefix="pump-database")
        self._providers: dict[str, Provider] = {}
        self._read: dict[str, deque[float]] = {}
        self._no_reads_until: dict[str, float] = {}
        self._calls: set[asyncio.Task[None]] = set()
        self._submitting = 0
        # The lease of every job that is being called about or not yet settled.
        self._leases: dict[UUID, UUID] = {}
        self._settlements: list[Settlement] = []
        self._next_sweep = 0.0
        self._next_renewal = 0.0

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
            for provider in self._providers.values():
                await provider.aclose()
            await self._in_database(lambda: connection.close())
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
        # After the renewal: a machine that was asleep must not sweep away what this very pump still holds.
        now = time.monotonic()
        if now >= self._next_sweep:
            self._next_sweep = now + min(SWEEP_SECONDS, settings.LEASE_SECONDS / 3)
            await self._in_database(sweeper.sweep)
        free = min(CALLS_AT_ONCE - len(self._calls), SUBMISSIONS_AT_ONCE - self._submitting)
        if free > 0:
            for job, submission in await self._in_database(lambda: self._claim_submissions(free)):
                self._start(job, self._submit(job, submission), is_submission=True)
        free = CALLS_AT_ONCE - len(self._calls)
        if free > 0:
            for job in await self._in_database(lambda: self._claim_polls(free)):
                self._start(job, self._poll(job))
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
            await asyncio.wait(self._calls, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(seconds)

    # --- claiming (in the database thread) --------------------------------------------------------------------------
    def _claim_submissions(self, free: int) -> list[tuple[Job, Submission]]:
        room = self._room(free)
        job_ids = fairness.next_queued(room)[:free]
        if not job_ids:
            return []
        jobs = services.claim_for_submission(job_ids)
        failpoint("pump.claimed")
        # Before the mark: nothing but the call itself may go wrong between the mark and the first byte.
        submissions = {job.pk: submitting.submission_for(job) for job in jobs}
        jobs = services.mark_sent(jobs)
        failpoint("pump.marked")
        return [(job, submissions[job.pk]) for job in jobs]

    def _room(self, free: int) -> dict[str, int]:
        """How many submissions each provider with queued jobs takes right now: rate, running cap, pause."""
        due = Job.objects.filter(state=State.QUEUED, due_at__lte=clock.now())
        names = set(due.order_by().values_list("provider", flat=True).distinct())
        accounts = {account.provider: account for account in ProviderAccount.objects.filter(provider__in=names)} if names else {}
        room: dict[str, int] = {}
        for name in names:
            account, provider = accounts.get(name), self._provider(name)
            if provider is None or (account and account.paused_until and account.paused_until > clock.now()):
                continue
            rate = provider.limits.creates_per_10_seconds - fairness.sent_lately(name, CREATES_WINDOW_SECONDS)
            room[name] = min(free, rate, provider.limits.running - fairness.running_at(name))
            if account and account.trouble:
                # After trouble one job goes ahead, alone; the others follow when it was accepted.
                room[name] = min(room[name], 1 - fairness.submitting_at(name))
        return room

    def _claim_polls(self, free: int) -> list[Job]:
        watched = Job.objects.filter(state__in=(State.RUNNING, State.IN_DOUBT), due_at__lte=clock.now())
        names = [name for name in watched.order_by().values_list("provider", flat=True).distinct() if self._may_read(name)]
        jobs: list[Job] = []
        for number, name in enumerate(names):
            if (provider := self._provider(name)) is not None:
                reads = self._read.setdefault(name, deque())
                # An equal share of what is left, so that one provider's thousands cannot starve another's few.
                share = -(-(free - len(jobs)) // (len(names) - number))
                places = min(share, _places(reads, provider.limits.reads_per_second, 1.0))
                claimed = services.claim_for_polling(places, [name]) if places > 0 else []
                reads.extend([time.monotonic()] * len(claimed))
                jobs += claimed
        return jobs

    def _may_read(self, name: str) -> bool:
        return time.monotonic() >= self._no_reads_until.get(name, 0.0)

    def _provider(self, name: str) -> Provider | None:
        if name not in self._providers:
            try:
                self._providers[name] = upstreams.build(name)
            except LookupError:
                return None
        return self._providers[name]

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
            finally:
                self._submitting -= is_submission

        task = asyncio.create_task(work())
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _submit(self, job: Job, submission: Submission) -> Settlement:
        problem: ProviderError
        try:
            upstream_id = await _in_time(self._providers[job.provider].submit(submission))
        except TimeoutError:
            problem = MaybeSent("no answer in time")
        except ProviderError as error:
            problem = error
        except Exception as error:
            # A fault of ours, at a moment that nobody knows: the request may have left.
            logger.exception("job %s: submitting failed unexpectedly", job.pk)
            problem = MaybeSent(type(error).__name__)
        else:
            failpoint("pump.posted")
            return Settlement(job, lambda: submitting.settle_accepted(job, upstream_id), paid_id=upstream_id)
        return Settlement(job, lambda: submitting.settle_error(job, problem))

    async def _poll(self, job: Job) -> Settlement:
        running = Running(job.pk.hex, job.upstream_id, job.model_id, job.payload, job.gateway)
        try:
            snapshot = await _in_time(self._providers[job.provider].poll(running))
        except TimeoutError:
            return Settlement(job, lambda: services.poll_failed(job, "no answer in time"))
        except RateLimited as error:
            wait = error.retry_after_seconds or READ_PAUSE_SECONDS * settings.POLL_FACTOR
            self._no_reads_until[job.provider] = time.monotonic() + wait
            return Settlement(job, lambda: submitting.settle_read_limit(job, wait))
        except ProviderError as error:
            detail = f"{error.code} {error.words}"
            return Settlement(job, lambda: services.poll_failed(job, detail))
        except Exception as error:
            logger.exception("job %s: polling failed unexpectedly", job.pk)
            name = type(error).__name__
            return Settlement(job, lambda: services.poll_failed(job, name))
        failpoint("pump.polled")
        return Settlement(job, lambda: services.apply_snapshot(job, snapshot))


async def _in_time(call: Coroutine[Any, Any, T]) -> T:
    """What the provider answers within the time that it has, else TimeoutError.

    `asyncio.timeout` would cancel the call at the very moment at which a process that was frozen wakes up, while the
    answer, perhaps with a paid id, lies in the socket: so the call gets a last second to read what has arrived.
    """
    task = asyncio.ensure_future(call)
    for seconds in (settings.PROVIDER_TIMEOUT_SECONDS, LAST_ANSWER_SECONDS):
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
    task.cancel()
    await asyncio.wait({task})
    if task.cancelled():
        raise TimeoutError
    return task.result()


def _places(moments: deque[float], allowed: int, window_seconds: float) -> int:
    """How many more fit into the sliding window."""
    now = time.monotonic()
    while moments and now - moments[0] >= window_seconds:
        moments.popleft()
    return allowed - len(moments)


def has_work() -> bool:
    """True while a job needs the pump soon: to be sent to a provider that takes it, or to be asked about.

    Jobs that wait for a key or for the end of a long pause are none: the next minute's tick looks at them again, and
    until then nobody turns idle rounds.
    """
    soon = clock.now() + timedelta(seconds=SOON_SECONDS)
    names = set(upstreams.available_names())
    closed = set(ProviderAccount.objects.filter(paused_until__gt=soon).values_list("provider", flat=True))
    sent = Q(state=State.SUBMITTING)
    asked = Q(state__in=(State.RUNNING, State.IN_DOUBT), provider__in=names) & ~Q(upstream_id="")
    waiting = Q(state=State.QUEUED, provider__in=names - closed, due_at__lte=soon)
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
