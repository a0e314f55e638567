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
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from playground.core import clock
from playground.core.failpoints import failpoint
from playground.jobs import fairness, health, services, submitting, sweeper, upstreams
from playground.jobs.models import Job, ProviderAccount, State
from playground.providers.base import MaybeSent, Provider, ProviderError, RateLimited, Running

logger = logging.getLogger(__name__)
T = TypeVar("T")
Settlement = Callable[[], object]

ROUND_SECONDS = 0.2
CALLS_AT_ONCE = 64
SETTLE_BATCH = 100
SWEEP_SECONDS = 5.0
IDLE_ROUNDS = 5
SEAT_SECONDS = 20.0


class Pump:
    def __init__(self) -> None:
        self._database = ThreadPoolExecutor(1, thread_name_prefix="pump-database")
        self._providers: dict[str, Provider] = {}
        self._sent: dict[str, deque[float]] = {}
        self._read: dict[str, deque[float]] = {}
        self._calls: set[asyncio.Task[None]] = set()
        self._leases: set[UUID] = set()
        self._settlements: list[Settlement] = []
        self._next_sweep = 0.0
        self._next_renewal = 0.0

    async def run(self, *, budget_seconds: float | None = None, keep_going: Callable[[], bool] = lambda: True) -> None:
        """Work until the budget is spent, nothing is left (with a budget), or `keep_going` says no."""
        end = time.monotonic() + budget_seconds if budget_seconds is not None else float("inf")
        idle = 0
        try:
            while time.monotonic() < end and idle < IDLE_ROUNDS:
                if not await self._in_database(keep_going):
                    break
                is_busy = await self._round()
                idle = 0 if is_busy or budget_seconds is None else idle + 1
                await self._wait(ROUND_SECONDS)
            while self._calls:
                await self._wait(1.0)
                await self._settle()
            await self._settle()
        finally:
            for provider in self._providers.values():
                await provider.aclose()
            await self._in_database(lambda: connection.close())
            self._database.shutdown()

    async def _round(self) -> bool:
        """One turn; True while there is work in flight or waiting."""
        await self._settle()
        now = time.monotonic()
        if now >= self._next_sweep:
            self._next_sweep = now + SWEEP_SECONDS
            await self._in_database(sweeper.sweep)
        if now >= self._next_renewal and self._leases:
            self._next_renewal = now + settings.LEASE_SECONDS / 6
            tokens = list(self._leases)
            await self._in_database(lambda: services.renew_leases(tokens))
        free = CALLS_AT_ONCE - len(self._calls)
        if free > 0:
            for job in await self._in_database(lambda: self._claim_submissions(free)):
                self._start(job, self._submit(job))
            free = CALLS_AT_ONCE - len(self._calls)
        if free > 0:
            for job in await self._in_database(lambda: self._claim_polls(free)):
                self._start(job, self._poll(job))
        return bool(self._calls or self._settlements) or await self._in_database(has_work)

    async def _in_database(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, function)

    async def _wait(self, seconds: float) -> None:
        if self._calls:
            await asyncio.wait(self._calls, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(seconds)

    # --- claiming (in the database thread) --------------------------------------------------------------------------
    def _claim_submissions(self, free: int) -> list[Job]:
        room = self._room(free)
        job_ids = fairness.next_queued(room)[:free] if room else []
        if not job_ids:
            return []
        jobs = services.claim_for_submission(job_ids)
        failpoint("pump.claimed")
        jobs = services.mark_sent(jobs)
        failpoint("pump.marked")
        for job in jobs:
            self._sent.setdefault(job.provider, deque()).append(time.monotonic())
        return jobs

    def _room(self, free: int) -> dict[str, int]:
        """How many submissions each provider with queued jobs takes right now: rate, running cap, pause."""
        names = set(Job.objects.filter(state=State.QUEUED).order_by().values_list("provider", flat=True).distinct())
        if not names:
            return {}
        names -= set(ProviderAccount.objects.filter(paused_until__gt=clock.now()).values_list("provider", flat=True))
        running = fairness.running_by_provider()
        room: dict[str, int] = {}
        for name in names:
            if (provider := self._provider(name)) is not None:
                rate = _places(self._sent.setdefault(name, deque()), provider.limits.creates_per_10_seconds, 10.0)
                room[name] = min(free, rate, provider.limits.running - running.get(name, 0))
        return room

    def _claim_polls(self, free: int) -> list[Job]:
        names = Job.objects.filter(state__in=(State.RUNNING, State.IN_DOUBT)).order_by().values_list("provider", flat=True).distinct()
        jobs: list[Job] = []
        for name in names:
            if (provider := self._provider(name)) is not None:
                reads = self._read.setdefault(name, deque())
                places = min(free - len(jobs), _places(reads, provider.limits.reads_per_second, 1.0))
                claimed = services.claim_for_polling(places, [name]) if places > 0 else []
                reads.extend([time.monotonic()] * len(claimed))
                jobs += claimed
        return jobs

    def _provider(self, name: str) -> Provider | None:
        if name not in self._providers:
            try:
                self._providers[name] = upstreams.build(name)
            except LookupError:
                return None
        return self._providers[name]

    # --- calling (in the event loop) --------------------------------------------------------------------------------
    def _start(self, job: Job, call: Awaitable[Settlement]) -> None:
        assert job.lease_token is not None
        self._leases.add(job.lease_token)

        async def work() -> None:
            try:
                self._settlements.append(await call)
            except Exception:
                # The lease runs out and the sweeper decides; one bad job must not stop the pump.
                logger.exception("job %s: the call failed unexpectedly", job.pk)

        task = asyncio.create_task(work())
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _submit(self, job: Job) -> Settlement:
        provider = self._providers[job.provider]
        submission = submitting.submission_for(job)
        try:
            async with asyncio.timeout(settings.PROVIDER_TIMEOUT_SECONDS):
                upstream_id = await provider.submit(submission)
        except TimeoutError:
            return lambda: submitting.settle_error(job, MaybeSent("no answer in time"))
        except ProviderError as error:
            problem = error
            return lambda: submitting.settle_error(job, problem)
        failpoint("pump.posted")
        return lambda: submitting.settle_accepted(job, upstream_id)

    async def _poll(self, job: Job) -> Settlement:
        running = Running(job_id=job.pk.hex, upstream_id=job.upstream_id, model_id=job.model_id, payload=job.payload)
        try:
            async with asyncio.timeout(settings.PROVIDER_TIMEOUT_SECONDS):
                snapshot = await self._providers[job.provider].poll(running)
        except TimeoutError:
            return lambda: services.poll_failed(job, "no answer in time")
        except RateLimited as error:
            wait = error.retry_after_seconds or 5
            return lambda: _reads_refused(job, wait)
        except ProviderError as error:
            detail = f"{error.code} {error.words}"
            return lambda: services.poll_failed(job, detail)
        failpoint("pump.polled")
        return lambda: services.apply_snapshot(job, snapshot)

    # --- settling (in the database thread) --------------------------------------------------------------------------
    async def _settle(self) -> None:
        while self._settlements:
            batch, self._settlements = self._settlements[:SETTLE_BATCH], self._settlements[SETTLE_BATCH:]
            await self._in_database(lambda: _settle_batch(batch))  # noqa: B023  (awaited before the next turn)
        if not self._calls:
            self._leases.clear()


def _places(moments: deque[float], allowed: int, window_seconds: float) -> int:
    """How many more fit into the sliding window."""
    now = time.monotonic()
    while moments and now - moments[0] >= window_seconds:
        moments.popleft()
    return allowed - len(moments)


def _reads_refused(job: Job, wait_seconds: float) -> None:
    services.pause_account(job.provider, wait_seconds)
    services.poll_failed(job, "rate limit")


def _settle_batch(batch: list[Settlement]) -> None:
    """All in one transaction; if that fails, each in its own, so that a bad one costs only itself."""
    try:
        with transaction.atomic():
            for settle in batch:
                settle()
    except Exception:
        logger.warning("a batch of %d results is settled one by one", len(batch), exc_info=True)
        for settle in batch:
            try:
                settle()
            except Exception:
                logger.exception("a result could not be settled; its lease will run out")
    failpoint("pump.settled")


def has_work() -> bool:
    """True while a job needs the pump: to be sent, or to be asked about."""
    asked = Q(state__in=(State.RUNNING, State.IN_DOUBT)) & ~Q(upstream_id="")
    return Job.objects.filter(Q(state__in=(State.QUEUED, State.SUBMITTING)) | asked).exists()


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
