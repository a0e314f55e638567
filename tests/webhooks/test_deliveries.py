"""The outbox of callbacks: who may send when, and what an answer means."""

from __future__ import annotations

import concurrent.futures
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.core.outbound import guarded_client
from playground.webhooks import engine, services
from playground.webhooks.engine import Exchange
from playground.webhooks.models import Delivery, DeliveryState
from playground.webhooks.services import Outcome
from tests.jobs.controlled_clock import ControlledClock
from tests.waiting import wait_until
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def limit_from(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A second for all exchanges, from when so many were answered and one of them has ended: a slow machine is no finding."""

    def begin(answered: int) -> None:
        under_way: list[Exchange] = []
        post_all = engine._post_all

        def noting(exchanges: list[Exchange]) -> None:
            under_way.extend(exchanges)
            post_all(exchanges)

        def patient(futures: Any, timeout: float) -> None:
            wait_until(lambda: sum(exchange.status is not None for exchange in under_way) == answered, what="the answers")
            concurrent.futures.wait(futures, return_when=concurrent.futures.FIRST_COMPLETED)
            concurrent.futures.wait(futures, timeout=timeout)

        monkeypatch.setattr(engine, "LONGEST_SECONDS", 1)
        monkeypatch.setattr(engine, "_post_all", noting)
        monkeypatch.setattr(engine, "wait", patient)
        monkeypatch.setattr(engine, "guarded_client", lambda policy, **_: guarded_client(policy, timeout_seconds=300))

    return begin


def test_a_callback_is_posted_as_json_and_done(receiver: Receiver, write: Callable[[str], Delivery]) -> None:
    delivery = write(receiver.url())
    assert engine.deliver_due() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_status, delivery.attempts) == (DeliveryState.DELIVERED, 204, 1)
    assert delivery.delivered_at is not None
    assert receiver.bodies == [b'{"code": 200}']
    assert receiver.heads[0]["Content-Type"] == "application/json"
    assert engine.deliver_due() == 0


@pytest.mark.parametrize(("path", "status"), [("/broken", 500), ("/teapot", 418), ("/moved", 302)])
def test_anything_but_2xx_is_tried_again_and_redirects_are_not_followed(
    receiver: Receiver, write: Callable[[str], Delivery], path: str, status: int
) -> None:
    delivery = write(receiver.url(path))
    engine.deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_status, delivery.last_error) == (DeliveryState.PENDING, status, f"HTTP {status}")
    assert len(receiver.bodies) == 1
    assert engine.deliver_due() == 0, "not before its time"


def test_the_waits_grow_and_the_last_failure_is_the_end(
    receiver: Receiver, write: Callable[[str], Delivery], clock: ControlledClock
) -> None:
    delivery = write(receiver.url("/broken"))
    waits = []
    while delivery.state == DeliveryState.PENDING:
        assert engine.deliver_due() == 1
        delivery.refresh_from_db()
        waits.append((delivery.due_at - clock.now).total_seconds())
        clock.advance(max(0, waits[-1]))
    assert waits[:-1] == list(services.BACKOFF_SECONDS)
    assert (delivery.state, delivery.attempts, len(receiver.bodies)) == (DeliveryState.DEAD, 6, 6)
    assert sum(services.BACKOFF_SECONDS) == 24 * 3600
    assert engine.deliver_due() == 0


def test_a_private_address_is_refused_where_nothing_allows_it(
    receiver: Receiver, write: Callable[[str], Delivery], settings: Settings
) -> None:
    settings.OUTBOUND_ALLOW = []
    deliveries = [write(receiver.url()), write("http://localhost:1/"), write("http://[::ffff:10.0.0.1]/"), write("http://2130706433/")]
    engine.deliver_due()
    for delivery in deliveries:
        delivery.refresh_from_db()
        assert (delivery.state, delivery.last_status) == (DeliveryState.PENDING, None)
    assert delivery.last_error.endswith(" is not a public address"), "in words alone"
    assert receiver.bodies == []


def test_nobody_at_the_address_is_an_ordinary_failure(write: Callable[[str], Delivery], settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    delivery = write("http://127.0.0.1:9/")
    engine.deliver_due()
    delivery.refresh_from_db()
    assert delivery.last_error.startswith("ConnectError")


@pytest.mark.parametrize("path", ["/hang", "/drip"])
def test_a_receiver_that_does_not_come_to_an_end_holds_up_nobody(
    receiver: Receiver, write: Callable[[str], Delivery], limit_from: Callable[[int], None], path: str
) -> None:
    limit_from(1)
    slow, quick = write(receiver.url(path)), write(receiver.url())
    assert engine.deliver_due() == 2
    slow.refresh_from_db()
    quick.refresh_from_db()
    assert (slow.state, quick.state) == (DeliveryState.PENDING, DeliveryState.DELIVERED)
    assert slow.last_error == "Not done in time."


def test_no_more_are_claimed_than_are_sent_at_once(receiver: Receiver, write: Callable[[str], Delivery]) -> None:
    for _ in range(engine.AT_ONCE + 2):
        write(receiver.url())
    assert engine.deliver_due(limit=100) == engine.AT_ONCE
    assert Delivery.objects.filter(attempts=0).count() == 2
    engine.deliver_all(budget_seconds=30)
    assert len(receiver.bodies) == engine.AT_ONCE + 2


def test_a_budget_that_is_spent_leaves_the_rest_untouched(receiver: Receiver, write: Callable[[str], Delivery]) -> None:
    write(receiver.url())
    engine.deliver_all(budget_seconds=0)
    assert Delivery.objects.get().attempts == 0


def test_a_claimed_delivery_is_not_claimed_again_until_its_sender_is_lost(write: Callable[[str], Delivery], clock: ControlledClock) -> None:
    write("https://example.com/")
    [late] = services.claim_due(10)
    assert services.claim_due(10) == []
    clock.advance(services.wait_after(1))
    assert services.wait_after(1) >= services.LEASE_SECONDS
    clock.advance(1)
    [fresh] = services.claim_due(10)
    assert fresh.attempts == 2
    assert not services.record_delivered(late, Outcome(200))
    assert not services.record_failed(late, Outcome(500, "HTTP 500"))
    assert services.record_delivered(fresh, Outcome(200))
    assert Delivery.objects.get().state == DeliveryState.DELIVERED


def test_what_is_due_later_waits(owner: Membership, clock: ControlledClock, receiver: Receiver) -> None:
    later = clock.now.replace(hour=13)
    services.enqueue(team_id=owner.team_id, job_id=uuid.uuid4(), url=receiver.url(), body="{}", due_at=later)
    assert engine.deliver_due() == 0
    clock.advance(3600)
    assert engine.deliver_due() == 1


def test_every_try_is_kept_with_what_was_sent_and_what_came_back(
    receiver: Receiver, write: Callable[[str], Delivery], clock: ControlledClock
) -> None:
    delivery = write(receiver.url("/broken"))
    engine.deliver_due()
    Delivery.objects.update(url=receiver.url())
    clock.advance(services.wait_after(1))
    engine.deliver_due()
    first, second = delivery.tries.all()
    assert (first.number, first.status, first.answer, first.error) == (1, 500, "Said /broken", "HTTP 500")
    assert (second.number, second.status, second.error) == (2, 204, "")
    assert all(tried.milliseconds is not None and tried.ended_at for tried in (first, second))
    assert [tried.headers["webhook-id"] for tried in (first, second)] == [head["webhook-id"] for head in receiver.heads]
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.message_id


def test_a_long_answer_is_cut_and_one_that_never_ends_counts_by_its_status(
    receiver: Receiver, write: Callable[[str], Delivery], limit_from: Callable[[int], None]
) -> None:
    limit_from(2)
    long, endless = write(receiver.url("/long")), write(receiver.url("/endless"))
    engine.deliver_due()
    long.refresh_from_db()
    endless.refresh_from_db()
    assert (long.state, endless.state) == (DeliveryState.DELIVERED, DeliveryState.DELIVERED)
    assert len(long.tries.get().answer) == engine.ANSWER_BYTES


def test_a_sender_that_is_lost_each_time_ends_at_the_last_try(write: Callable[[str], Delivery], clock: ControlledClock) -> None:
    delivery = write("https://example.com/")
    for number in range(1, services.MOST_TRIES + 1):
        assert len(services.claim_due(10)) == 1
        clock.advance(services.wait_after(number) + 1)
    assert services.claim_due(10) == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.last_error) == (DeliveryState.DEAD, services.MOST_TRIES, services.LOST)


def test_what_was_settled_long_ago_is_forgotten_and_what_waits_is_not(write: Callable[[str], Delivery], clock: ControlledClock) -> None:
    write("https://example.com/1")
    write("https://example.com/2")
    [first, _] = services.claim_due(2)
    services.record_delivered(first, Outcome(200))
    clock.advance((services.KEPT_DAYS + 1) * 24 * 3600)
    assert services.forget_old() == 1
    assert Delivery.objects.count() == 1 and Delivery.objects.get().state == DeliveryState.PENDING
