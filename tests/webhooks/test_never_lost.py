"""Whatever receivers and senders do, in any order: nothing is lost while tries are left, and nobody gets six copies too many."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from playground.accounts.models import Membership
from playground.core import clock
from playground.webhooks import engine, services
from playground.webhooks.engine import Exchange
from playground.webhooks.models import Delivery, DeliveryState

pytestmark = [pytest.mark.django_db, pytest.mark.once]
FATES = ("accepts", "fails", "hangs", "nobody home", "killed before", "killed after")


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it."""


class Receiver:
    """What happens to each try in turn; after the last one everything is accepted."""

    def __init__(self, fates: list[str]) -> None:
        self.fates = list(fates)
        self.fate = ""
        self.received = 0

    def post_all(self, exchanges: list[Exchange]) -> None:
        for exchange in exchanges:
            if self.fate == "nobody home":
                exchange.error = "ConnectError: refused"
                continue
            self.received += 1
            exchange.status = {"fails": 500, "hangs": None}.get(self.fate, 200)

    def failpoint(self, name: str) -> None:
        deadly = {"killed before": "delivery.claimed", "killed after": "delivery.sent"}
        if deadly.get(self.fate) == name:
            raise Killed


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# The one team is not changed, and everything else is undone.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example(["killed after"] * 5)
@example(["killed after"] * 9)
@example(["hangs"] * 9)
@example(["killed before"] * 5)
@given(st.lists(st.sampled_from(FATES), max_size=9))
def test_at_least_once_and_never_more_than_five_copies_too_many(owner: Membership, fates: list[str]) -> None:
    receiver = Receiver(fates)
    with undone(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_post_all", receiver.post_all)
        patch.setattr(engine, "failpoint", receiver.failpoint)
        delivery = services.enqueue(team_id=owner.team_id, job_id=uuid.uuid4(), url="https://example.com/", body="{}")
        begun = now = clock.now()
        while Delivery.objects.get(pk=delivery.pk).state == DeliveryState.PENDING:
            due = Delivery.objects.get(pk=delivery.pk)
            now = max(now, due.due_at, (due.lease_until or now) + timedelta(seconds=1))
            with clock.standing_at(now):
                tick(receiver)
        delivery.refresh_from_db()
        assert receiver.received <= 6
        assert delivery.attempts <= services.MOST_TRIES and delivery.tries.count() == delivery.attempts
        if delivery.state == DeliveryState.DELIVERED:
            assert receiver.received >= 1
        else:
            assert delivery.attempts == services.MOST_TRIES
            assert now - begun >= timedelta(hours=24)
        if "accepts" in fates[: services.MOST_TRIES] or len(fates) < services.MOST_TRIES:
            assert receiver.received >= 1


def tick(receiver: Receiver) -> None:
    receiver.fate = receiver.fates.pop(0) if receiver.fates else "accepts"
    try:
        engine.deliver_due()
    except Killed:
        return
