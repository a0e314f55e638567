"""The delivery loop: claim, post through the outbound guard, settle. Never inside a transaction."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import httpx
from django.conf import settings

from playground.core.failpoints import failpoint
from playground.core.outbound import OutboundError, OutboundPolicy, check_url, guarded_client
from playground.webhooks import services
from playground.webhooks.models import Delivery

logger = logging.getLogger(__name__)
# As many as are posted at the same time: a claimed delivery that waits for its turn could lose its lease unsent.
AT_ONCE = 8
TIMEOUT_SECONDS = 10
# Of the whole exchange; a receiver that sends a byte now and then never meets the timeout of one read.
LONGEST_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    status: int | None
    error: str = ""


def deliver_all(budget_seconds: float) -> None:
    """Send what is due until nothing is or the budget is spent; the next tick goes on."""
    end = time.monotonic() + budget_seconds
    while time.monotonic() < end and deliver_due():
        pass


def deliver_due(limit: int = AT_ONCE) -> int:
    """Send what is due, side by side; returns how many were tried.

    2xx is delivered; redirects are not followed and count as failures.
    """
    deliveries = services.claim_due(min(limit, AT_ONCE))
    if not deliveries:
        return 0
    policy = OutboundPolicy.of(settings.OUTBOUND_ALLOW)
    pool = ThreadPoolExecutor(len(deliveries), thread_name_prefix="callback")
    # Leaving the client closes its connections, which ends the threads that are still waiting on one.
    with guarded_client(policy, timeout_seconds=TIMEOUT_SECONDS) as client:
        calls = {pool.submit(_post, client, policy, delivery.url, delivery.body): delivery for delivery in deliveries}
        done, late = wait(calls, timeout=LONGEST_SECONDS)
    pool.shutdown(wait=False)
    failpoint("delivery.sent")
    for call in done:
        _settle(calls[call], call.result())
    for call in late:
        _settle(calls[call], Outcome(None, f"not done after {LONGEST_SECONDS} s"))
    return len(deliveries)


def _post(client: httpx.Client, policy: OutboundPolicy, url: str, body: str) -> Outcome:
    """In a thread of its own, therefore without the database."""
    try:
        check_url(url, policy)
        with client.stream("POST", url, content=body.encode(), headers={"Content-Type": "application/json"}) as reply:
            # The body is of no interest, and reading it would let the receiver decide how long we wait.
            status = reply.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OutboundError, ValueError) as error:
        return Outcome(None, f"{type(error).__name__}: {error}")
    except Exception as error:
        logger.exception("a callback could not be sent")
        return Outcome(None, type(error).__name__)
    return Outcome(status, "" if 200 <= status < 300 else f"HTTP {status}")


def _settle(delivery: Delivery, outcome: Outcome) -> None:
    if outcome.status is not None and not outcome.error:
        services.record_delivered(delivery, outcome.status)
    else:
        services.record_failed(delivery, status=outcome.status, error=outcome.error)
