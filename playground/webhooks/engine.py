"""The delivery loop: claim, post through the outbound guard, settle. Never inside a transaction."""

from __future__ import annotations

import logging

import httpx
from django.conf import settings

from playground.core.outbound import OutboundError, OutboundPolicy, check_url, guarded_client
from playground.webhooks import services
from playground.webhooks.models import Delivery

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 15


def deliver_due(limit: int = 20) -> int:
    """Send what is due; returns how many were tried. 2xx is delivered; redirects are not followed and count as failures."""
    deliveries = services.claim_due(limit)
    if not deliveries:
        return 0
    policy = OutboundPolicy.of(settings.OUTBOUND_ALLOW)
    with guarded_client(policy, timeout_seconds=TIMEOUT_SECONDS) as client:
        for delivery in deliveries:
            _deliver(client, policy, delivery)
    return len(deliveries)


def _deliver(client: httpx.Client, policy: OutboundPolicy, delivery: Delivery) -> None:
    try:
        check_url(delivery.url, policy)
        with client.stream("POST", delivery.url, content=delivery.body.encode(), headers={"Content-Type": "application/json"}) as reply:
            # The body is of no interest, and reading it would let the receiver decide how long we wait.
            status = reply.status_code
    except (httpx.HTTPError, OutboundError, ValueError) as error:
        services.record_failed(delivery, status=None, error=f"{type(error).__name__}: {error}")
        return
    if 200 <= status < 300:
        services.record_delivered(delivery, status)
    else:
        services.record_failed(delivery, status=status, error=f"HTTP {status}")
