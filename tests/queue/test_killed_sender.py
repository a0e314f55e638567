"""A sender that is killed anywhere loses no callback: another takes it up, and the receiver sees few copies."""

from __future__ import annotations

import signal
import uuid
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from playground.core import clock
from playground.webhooks import engine, services
from playground.webhooks.models import DeliveryState
from tests.queue.house import House
from tests.webhooks.receiver import receiving

pytestmark = pytest.mark.processes
SEND = "from playground.webhooks import engine; engine.deliver_due()"


@pytest.mark.parametrize(("place", "copies"), [("delivery.claimed", 1), ("delivery.sent", 2)])
def test_a_killed_sender_s_callback_goes_out_again(house: House, settings: Settings, place: str, copies: int) -> None:
    assert house.owner is not None
    with receiving() as receiver:
        settings.OUTBOUND_ALLOW = [receiver.allowed]
        body = '{"code": 200, "data": {"taskId": "killed"}}'
        delivery = services.enqueue(team_id=house.owner.team_id, job_id=uuid.uuid4(), url=receiver.url(), body=body)
        sender = house.start("shell", "-c", SEND, failpoint=place, OUTBOUND_ALLOW=receiver.allowed)
        assert sender.wait_for_death() == -signal.SIGKILL
        assert engine.deliver_due() == 0, "not before the first try is known to be lost"

        with clock.standing_at(clock.now() + timedelta(seconds=services.wait_after(1) + 1)):
            assert engine.deliver_due() == 1
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts, len(receiver.bodies)) == (DeliveryState.DELIVERED, 2, copies)
        assert {head["webhook-id"] for head in receiver.heads} == {delivery.message_id}
