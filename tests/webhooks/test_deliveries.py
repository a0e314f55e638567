"""The outbox of callbacks: who may send when, and what an answer means."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.webhooks import engine, services
from playground.webhooks.models import Delivery, DeliveryState
from tests.factories import make_owner
from tests.jobs.controlled_clock import ControlledClock

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Receiver:
    """A customer's server on loopback; paths answer in their own way."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    patience: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/ok") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    seen = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            seen.types.append(self.headers["Content-Type"])
            if self.path == "/hang":
                seen.patience.wait(60)
                return
            if self.path == "/drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not seen.patience.wait(0.1):
                    self.wfile.write(b"X-Drip: drop\r\n")
                return
            status = {"/ok": 204, "/moved": 302, "/broken": 500, "/teapot": 418}[self.path]
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/ok")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A sender that lost its patience is part of the test."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        seen.port = server.server_address[1]
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{seen.port}"]
        yield seen
        seen.patience.set()
        server.shutdown()


@pytest.fixture
def owner() -> Membership:
    return make_owner()


@pytest.fixture
def write(owner: Membership) -> Callable[[str], Delivery]:
    return lambda url: services.enqueue(team_id=owner.team_id, job_id=uuid.uuid4(), url=url, body=json.dumps({"code": 200}))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


def test_a_callback_is_posted_as_json_and_done(receiver: Receiver, write: Callable[[str], Delivery]) -> None:
    delivery = write(receiver.url())
    assert engine.deliver_due() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_status, delivery.attempts) == (DeliveryState.DELIVERED, 204, 1)
    assert delivery.delivered_at is not None
    assert (receiver.bodies, receiver.types) == ([b'{"code": 200}'], ["application/json"])
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
    assert (delivery.state, delivery.attempts, len(receiver.bodies)) == (DeliveryState.DEAD, 7, 7)
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
        assert delivery.last_error.startswith("BlockedAddress")
    assert receiver.bodies == []


def test_nobody_at_the_address_is_an_ordinary_failure(write: Callable[[str], Delivery], settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    delivery = write("http://127.0.0.1:9/")
    engine.deliver_due()
    delivery.refresh_from_db()
    assert delivery.last_error.startswith("ConnectError")


@pytest.mark.parametrize("path", ["/hang", "/drip"])
def test_a_receiver_that_does_not_come_to_an_end_holds_up_nobody(
    receiver: Receiver, write: Callable[[str], Delivery], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(engine, "LONGEST_SECONDS", 1)
    slow, quick = write(receiver.url(path)), write(receiver.url())
    assert engine.deliver_due() == 2
    slow.refresh_from_db()
    quick.refresh_from_db()
    assert (slow.state, quick.state) == (DeliveryState.PENDING, DeliveryState.DELIVERED)
    assert slow.last_error == "not done after 1 s"


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
    clock.advance(services.LEASE_SECONDS + 1)
    [fresh] = services.claim_due(10)
    assert fresh.attempts == 2
    assert not services.record_delivered(late, 200)
    assert not services.record_failed(late, status=500, error="HTTP 500")
    assert services.record_delivered(fresh, 200)
    assert Delivery.objects.get().state == DeliveryState.DELIVERED


def test_what_is_due_later_waits(owner: Membership, clock: ControlledClock, receiver: Receiver) -> None:
    later = clock.now.replace(hour=13)
    services.enqueue(team_id=owner.team_id, job_id=uuid.uuid4(), url=receiver.url(), body="{}", due_at=later)
    assert engine.deliver_due() == 0
    clock.advance(3600)
    assert engine.deliver_due() == 1
