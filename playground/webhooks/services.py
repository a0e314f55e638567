"""The only writer of deliveries."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from playground.core import clock
from playground.webhooks.models import Delivery, DeliveryState

LEASE_SECONDS = 60
# Longer and longer waits; after the last one the delivery is dead.
BACKOFF_SECONDS = (5, 30, 120, 600, 1800, 3600)


def enqueue(*, team_id: int, job_id: UUID, url: str, body: str, due_at: datetime | None = None) -> Delivery:
    """Write a callback into the outbox; call it inside the transaction that ends the job."""
    return Delivery.objects.create(team_id=team_id, job_id=job_id, url=url, body=body, due_at=due_at or clock.now())


@transaction.atomic
def claim_due(limit: int) -> list[Delivery]:
    """Lease pending deliveries that are due; a crashed sender's lease expires and the callback goes out again."""
    now = clock.now()
    due = Delivery.objects.filter(state=DeliveryState.PENDING, due_at__lte=now).filter(Q(lease_until=None) | Q(lease_until__lt=now))
    token = uuid.uuid4()
    ids = list(due.order_by("due_at").values_list("pk", flat=True)[:limit])
    due.filter(pk__in=ids).update(lease_token=token, lease_until=now + timedelta(seconds=LEASE_SECONDS), attempts=F("attempts") + 1)
    return list(Delivery.objects.filter(lease_token=token))


def record_delivered(delivery: Delivery, status: int) -> bool:
    return _settle(delivery, state=DeliveryState.DELIVERED, delivered_at=clock.now(), last_status=status, last_error="")


def record_failed(delivery: Delivery, *, status: int | None, error: str) -> bool:
    """Wait for the next try, or give up after the last."""
    if delivery.attempts > len(BACKOFF_SECONDS):
        return _settle(delivery, state=DeliveryState.DEAD, last_status=status, last_error=error[:300])
    wait = timedelta(seconds=BACKOFF_SECONDS[delivery.attempts - 1])
    return _settle(delivery, due_at=clock.now() + wait, last_status=status, last_error=error[:300])


def _settle(delivery: Delivery, **changes: object) -> bool:
    # A sender whose lease was taken over must not overwrite what the new one found out.
    mine = Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token, state=DeliveryState.PENDING)
    return bool(mine.update(lease_token=None, lease_until=None, **changes))
