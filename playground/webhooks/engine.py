"""The delivery loop: claim, sign, post through the outbound guard, settle. Never inside a transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import httpx
from django.conf import settings
from django.utils.translation import gettext_noop

from playground.core.failpoints import failpoint
from playground.core.outbound import OutboundError, OutboundPolicy, check_url, guarded_client
from playground.core.redaction import redact
from playground.core.sealing import Unreadable
from playground.webhooks import services, signing
from playground.webhooks.models import Delivery
from playground.webhooks.services import Outcome
from playground.wire.records import text_of

logger = logging.getLogger(__name__)
# As many as are posted at the same time: a claimed delivery that waits for its turn could lose its lease unsent.
AT_ONCE = 8
# Of the whole exchange; a receiver that sends a byte now and then never meets the timeout of one read.
LONGEST_SECONDS = 15
# So much of an answer is kept for people to read.
ANSWER_BYTES = 1000
LATE = gettext_noop("Not done in time.")
UNREADABLE = gettext_noop("The signing secret cannot be read, because SECRET_KEY is another one now. Make a new secret.")
# Never unpacked: what is kept is short, and what is unpacked may be long.
FIXED_HEADERS = {"Content-Type": "application/json", "User-Agent": "Rushes-Webhooks/1", "Accept-Encoding": "identity"}


@dataclass(slots=True)
class Exchange:
    """One try under way. Its thread writes it, and the loop reads what is known when the time is over."""

    delivery: Delivery
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    answer: str = ""
    error: str = ""
    begun: float = field(default_factory=time.monotonic)
    milliseconds: int | None = None

    def outcome(self) -> Outcome:
        status = self.status
        error = self.error or ("" if status is not None else LATE)
        if status is not None and not 200 <= status < 300:
            error = f"HTTP {status}"
        milliseconds = self.elapsed() if self.milliseconds is None else self.milliseconds
        return Outcome(status, error, self.answer, milliseconds, dict(self.headers))

    def elapsed(self) -> int:
        return round((time.monotonic() - self.begun) * 1000)


def deliver_all(budget_seconds: float) -> None:
    """Send what is due until nothing is or the budget is spent; the next tick goes on."""
    end = time.monotonic() + budget_seconds
    while time.monotonic() < end and deliver_due():
        pass


def deliver_due(limit: int = AT_ONCE) -> int:
    """Send what is due, side by side; returns how many were tried.

    2xx is delivered, as soon as it is said; redirects are not followed and count as failures.
    """
    deliveries = services.claim_due(min(limit, AT_ONCE))
    failpoint("delivery.claimed")
    if not deliveries:
        return 0
    exchanges = [_signed(delivery) for delivery in deliveries]
    _post_all([exchange for exchange in exchanges if not exchange.error])
    failpoint("delivery.sent")
    for exchange in exchanges:
        _settle(exchange.delivery, exchange.outcome())
    failpoint("delivery.settled")
    return len(deliveries)


def _signed(delivery: Delivery) -> Exchange:
    try:
        return Exchange(delivery, {**FIXED_HEADERS, **signing.headers_for(delivery)})
    except Unreadable:
        return Exchange(delivery, error=UNREADABLE)


def _post_all(exchanges: list[Exchange]) -> None:
    if not exchanges:
        return
    policy = OutboundPolicy.of(settings.OUTBOUND_ALLOW)
    pool = ThreadPoolExecutor(len(exchanges), thread_name_prefix="callback")
    # Leaving the client closes its connections, which ends the threads that are still waiting on one.
    with guarded_client(policy, timeout_seconds=LONGEST_SECONDS) as client:
        wait([pool.submit(_post, client, policy, exchange) for exchange in exchanges], timeout=LONGEST_SECONDS)
    pool.shutdown(wait=False)


def _post(client: httpx.Client, policy: OutboundPolicy, exchange: Exchange) -> None:
    """In a thread of its own, therefore without the database."""
    delivery = exchange.delivery
    try:
        check_url(delivery.url, policy)
        with client.stream("POST", delivery.url, content=delivery.body.encode(), headers=exchange.headers) as reply:
            exchange.status = reply.status_code
            exchange.answer = _beginning(reply)
    except httpx.TimeoutException:
        exchange.error = "" if exchange.status else LATE
    except OutboundError as error:
        # In words for people already.
        exchange.error = "" if exchange.status else str(error)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        exchange.error = "" if exchange.status else f"{type(error).__name__}: {error}"
    except Exception as error:
        logger.exception("a callback could not be sent")
        exchange.error = "" if exchange.status else type(error).__name__
    exchange.milliseconds = exchange.elapsed()


def _beginning(reply: httpx.Response) -> str:
    """The first bytes of what was answered, for people who look for what went wrong."""
    read = b""
    for chunk in reply.iter_raw():
        read += chunk
        if len(read) >= ANSWER_BYTES:
            break
    return redact(text_of(read[:ANSWER_BYTES].decode("utf-8", "replace")))


def _settle(delivery: Delivery, outcome: Outcome) -> None:
    if outcome.status is not None and not outcome.error:
        services.record_delivered(delivery, outcome)
    else:
        services.record_failed(delivery, outcome)
