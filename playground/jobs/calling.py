"""One call of the pump to a provider, and what its answer, its error or its silence asks to be written."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings

from playground.core.failpoints import failpoint
from playground.jobs import services, submitting, upstreams
from playground.jobs.models import Job
from playground.jobs.settling import Settlement
from playground.providers.base import AccountTrouble, MaybeSent, NeverSent, Provider, ProviderError, RateLimited, Submission

logger = logging.getLogger(__name__)
T = TypeVar("T")
LAST_ANSWER_SECONDS = 1.0
READ_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a look; `pause_seconds` is set where the account is not to be read for a while."""

    settlement: Settlement
    pause_seconds: float | None = None


async def submit(provider: Provider, job: Job, submission: Submission) -> Settlement:
    problem: ProviderError
    try:
        upstream_id = await in_time(provider.submit(submission))
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
    return Settlement(job, lambda: submitting.settle_error(job, _as_of_now(provider, problem)))


async def poll(provider: Provider, job: Job) -> Seen:
    try:
        snapshot = await in_time(provider.poll(upstreams.running(job)))
    except TimeoutError:
        return Seen(Settlement(job, lambda: services.poll_failed(job, "no answer in time")))
    except RateLimited as error:
        wait = error.retry_after_seconds or READ_PAUSE_SECONDS * settings.POLL_FACTOR
        return Seen(Settlement(job, lambda: submitting.settle_read_limit(job, wait)), wait)
    except AccountTrouble as error:
        trouble = error
        return Seen(Settlement(job, lambda: _settle_trouble(provider, job, trouble)), settings.CIRCUIT_SECONDS)
    except ProviderError as error:
        detail = f"{error.code} {error.words}"
        return Seen(Settlement(job, lambda: services.poll_failed(job, detail)))
    except Exception as error:
        logger.exception("job %s: polling failed unexpectedly", job.pk)
        name = type(error).__name__
        return Seen(Settlement(job, lambda: services.poll_failed(job, name)))
    failpoint("pump.polled")
    is_old_news = services.is_old_news(job, snapshot)
    return Seen(Settlement(job, lambda: services.apply_snapshot(job, snapshot), is_old_news=is_old_news))


def _as_of_now(provider: Provider, problem: ProviderError) -> ProviderError:
    """Trouble with a key that was replaced meanwhile says nothing of the new one: nothing was made, so it is sent again."""
    if isinstance(problem, AccountTrouble) and upstreams.is_outdated(provider, is_remembered=False):
        return NeverSent(f"with a key that was replaced: {problem.words}", code=problem.code)
    return problem


def _settle_trouble(provider: Provider, job: Job, trouble: AccountTrouble) -> None:
    problem = _as_of_now(provider, trouble)
    if problem is trouble:
        submitting.settle_read_trouble(job, trouble)
    else:
        services.poll_failed(job, problem.words)


async def balance(provider: Provider) -> int | None:
    """What our account has, or None where it could not be learnt."""
    try:
        return await in_time(provider.balance())
    except (TimeoutError, ProviderError) as error:
        logger.warning("the balance at %s could not be read: %s", provider.title, error)
    except Exception:
        logger.exception("the balance at %s could not be read", provider.title)
    return None


async def in_time(call: Coroutine[Any, Any, T]) -> T:
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
