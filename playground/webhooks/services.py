"""The only writer of deliveries and their tries.

A try is counted before anything is sent. So a sender that is killed can neither lose a callback (another takes it up)
nor send one more often than MOST_TRIES: five copies too many are the worst that a receiver ever sees.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from playground.core import clock
from playground.webhooks.models import Delivery, DeliveryState, Endpoint, Try

LEASE_SECONDS = 60
# The waits between tries, 24 hours together; after the last one the delivery is dead.
BACKOFF_SECONDS = (60, 15 * 60, 2 * 3600, 7 * 3600, 14 * 3600 + 44 * 60)
MOST_TRIES = 1 + len(BACKOFF_SECONDS)
KEPT_DAYS = 60
BATCH = 1000
LOST = gettext_noop("The sender stopped before it knew the answer.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try. `headers` as they were sent, `answer` the beginning of what came back."""

    status: int | None
    error: str = ""
    answer: str = ""
    milliseconds: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


def new_message_id() -> str:
    return f"msg_{uuid.uuid4().hex}"


def enqueue(
    *,
    team_id: int,
    job_id: UUID | None,
    url: str,
    body: str,
    due_at: datetime | None = None,
    mode: str = "",
    endpoint: Endpoint | None = None,
    message_id: str = "",
) -> Delivery:
    """Write a callback into the outbox; call it inside the transaction that ends the job."""
    return Delivery.objects.create(
        team_id=team_id,
        job_id=job_id,
        url=url,
        body=body,
        due_at=due_at or clock.now(),
        mode=mode,
        endpoint=endpoint,
        message_id=message_id or new_message_id(),
    )


@transaction.atomic
def claim_due(limit: int) -> list[Delivery]:
    """Lease pending deliveries that are due, and count a try of each.

    The time of the next try is set here as well: whatever becomes of this sender, the times are kept.
    """
    now = clock.now()
    due = Delivery.objects.filter(state=DeliveryState.PENDING, due_at__lte=now).filter(_free(now))
    due.filter(attempts__gte=MOST_TRIES).update(state=DeliveryState.DEAD, last_error=LOST, lease_token=None, lease_until=None)
    # Where rows are locked one by one, what another sender is just taking is passed over.
    claimed = list(due.select_for_update(skip_locked=True).order_by("due_at")[:limit])
    for delivery in claimed:
        delivery.lease_token, delivery.lease_until = uuid.uuid4(), now + timedelta(seconds=LEASE_SECONDS)
        delivery.attempts += 1
        delivery.due_at = now + timedelta(seconds=wait_after(delivery.attempts))
    Delivery.objects.bulk_update(claimed, ["lease_token", "lease_until", "attempts", "due_at"])
    Try.objects.bulk_create([Try(delivery=delivery, number=delivery.attempts, at=now) for delivery in claimed])
    return claimed


def wait_after(attempts: int) -> int:
    """Seconds from one try to the next; after the last one, until a sender that was lost is noticed."""
    return BACKOFF_SECONDS[attempts - 1] if attempts < MOST_TRIES else LEASE_SECONDS


def _free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def record_delivered(delivery: Delivery, outcome: Outcome) -> bool:
    return _settle(delivery, outcome, state=DeliveryState.DELIVERED, delivered_at=clock.now())


def record_failed(delivery: Delivery, outcome: Outcome) -> bool:
    """Wait for the next try, or give up after the last."""
    return _settle(delivery, outcome, **({"state": DeliveryState.DEAD} if delivery.attempts >= MOST_TRIES else {}))


@transaction.atomic
def _settle(delivery: Delivery, outcome: Outcome, **changes: object) -> bool:
    Try.objects.filter(delivery_id=delivery.pk, number=delivery.attempts).update(
        ended_at=clock.now(),
        headers=outcome.headers,
        status=outcome.status,
        error=outcome.error[:300],
        answer=outcome.answer,
        milliseconds=outcome.milliseconds,
    )
    # A sender whose lease was taken over must not overwrite what the new one found out.
    mine = Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token, state=DeliveryState.PENDING)
    kept = {"last_status": outcome.status, "last_error": outcome.error[:300]}
    return bool(mine.update(lease_token=None, lease_until=None, **kept, **changes))


def deliver_again(delivery: Delivery) -> Delivery | None:
    """Send it once more because a person asks: what still waits is due at once, anything else begins anew under its old id.

    None while it is just being sent.
    """
    now = clock.now()
    if delivery.state == DeliveryState.PENDING:
        waiting = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING).filter(_free(now))
        return delivery if waiting.update(due_at=now) else None
    return enqueue(
        team_id=delivery.team_id,
        job_id=delivery.job_id,
        url=delivery.endpoint.url if delivery.endpoint else delivery.url,
        body=delivery.body,
        mode=delivery.mode,
        endpoint=delivery.endpoint,
        message_id=delivery.message_id,
    )


def end_pending(endpoint: Endpoint, words: str) -> None:
    """Nothing more is sent to an endpoint that was switched off."""
    _pending(endpoint).update(state=DeliveryState.DEAD, last_error=words, lease_token=None, lease_until=None)


def lead_pending_to(endpoint: Endpoint) -> None:
    """What still waits goes to the endpoint's present address."""
    _pending(endpoint).update(url=endpoint.url)


def _pending(endpoint: Endpoint) -> QuerySet[Delivery]:
    return Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.PENDING)


def forget_old() -> int:
    """Remove what was settled long ago; how many deliveries that were."""
    old = Delivery.objects.filter(created_at__lt=clock.now() - timedelta(days=KEPT_DAYS)).exclude(state=DeliveryState.PENDING)
    done = 0
    while ids := list(old.values_list("pk", flat=True)[:BATCH]):
        Delivery.objects.filter(pk__in=ids).delete()
        done += len(ids)
    return done
