"""What receivers check: by the package of the Standard Webhooks, and by the recipe in KIE's documents."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime

import pytest
from pytest_django.fixtures import Settings
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from playground.accounts.models import Membership
from playground.core.sealing import Unreadable
from playground.webhooks import endpoints, engine, services, signing
from playground.webhooks.models import Delivery, DeliveryState, TaskSigner
from tests.jobs.controlled_clock import ControlledClock
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)
BODY = json.dumps({"code": 200, "msg": "ø", "data": {"taskId": "0123456789abcdef"}}, ensure_ascii=False)


def sent_to(receiver: Receiver, owner: Membership, body: str = BODY) -> None:
    services.enqueue(team_id=owner.team_id, job_id=uuid.uuid4(), url=receiver.url(), body=body)
    assert engine.deliver_due() == 1


def by_standard(receiver: Receiver, secret: str) -> object:
    return Webhook(secret).verify(receiver.bodies[-1].decode(), receiver.heads[-1])


def is_by_kie(receiver: Receiver, key: str) -> bool:
    """As the documents say: base64(HMAC-SHA256(key, taskId + "." + timestamp))."""
    head, body = receiver.heads[-1], json.loads(receiver.bodies[-1])
    data = body.get("data") or {}
    task_id = data.get("taskId") or data.get("task_id") or body.get("taskId")
    digest = hmac.new(key.encode(), f"{task_id}.{head['X-Webhook-Timestamp']}".encode(), hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest).decode(), head["X-Webhook-Signature"])


def test_a_task_s_callback_bears_both_signatures_by_the_team_s_secret(receiver: Receiver, owner: Membership) -> None:
    secret = endpoints.show_task_secret(owner.team_id)
    sent_to(receiver, owner)
    assert by_standard(receiver, secret) == json.loads(BODY)
    assert is_by_kie(receiver, secret)


@pytest.mark.parametrize(
    "body", [{"code": 200, "data": {"task_id": "runway"}}, {"code": 500, "data": None, "taskId": "aleph"}], ids=["runway", "aleph"]
)
def test_kie_s_signature_is_over_the_id_wherever_the_family_has_it(receiver: Receiver, owner: Membership, body: dict[str, object]) -> None:
    secret = endpoints.show_task_secret(owner.team_id)
    sent_to(receiver, owner, json.dumps(body))
    assert is_by_kie(receiver, secret)


def test_an_endpoint_s_test_event_is_signed_by_its_own_secret_and_no_other(receiver: Receiver, owner: Membership) -> None:
    endpoint, secret = endpoints.create(owner, mode="test", url=receiver.url())
    _, another = endpoints.create(owner, mode="test", url=receiver.url())
    endpoints.send_test_event(endpoint)
    engine.deliver_due()
    event = by_standard(receiver, secret)
    assert isinstance(event, dict) and event["type"] == "webhook.test" and event["data"]["state"] == "success"
    assert is_by_kie(receiver, secret)
    with pytest.raises(WebhookVerificationError):
        by_standard(receiver, another)


def test_after_a_change_the_old_secret_verifies_for_a_day(receiver: Receiver, owner: Membership, clock: ControlledClock) -> None:
    clock.now = datetime.now(UTC)
    endpoint, old = endpoints.create(owner, mode="test", url=receiver.url())
    new = endpoints.rotate(endpoint)
    endpoints.send_test_event(endpoint)
    engine.deliver_due()
    assert by_standard(receiver, old) == by_standard(receiver, new)
    assert is_by_kie(receiver, new)

    type(endpoint).objects.update(before_until=clock.now)
    endpoints.send_test_event(endpoint)
    engine.deliver_due()
    assert by_standard(receiver, new)
    with pytest.raises(WebhookVerificationError):
        by_standard(receiver, old)


def test_a_secret_that_nobody_saw_does_not_go_on_after_the_first_one_that_was_shown(receiver: Receiver, owner: Membership) -> None:
    sent_to(receiver, owner)
    assert receiver.heads[0]["webhook-signature"].startswith("v1,")
    endpoints.show_task_secret(owner.team_id)
    assert not TaskSigner.objects.get().is_changing
    endpoints.show_task_secret(owner.team_id)
    assert TaskSigner.objects.get().is_changing


def test_secrets_lie_sealed_and_open_in_no_other_row(owner: Membership) -> None:
    first, secret = endpoints.create(owner, mode="test", url="https://example.com/1")
    second, _ = endpoints.create(owner, mode="test", url="https://example.com/2")
    assert secret not in first.sealed and secret.rstrip("=").endswith(first.suffix)
    second.sealed = first.sealed
    with pytest.raises(Unreadable):
        signing.headers_for(Delivery(team_id=owner.team_id, endpoint=second, body="{}", message_id="msg_1"))


def test_without_a_readable_secret_nothing_is_sent_unsigned(receiver: Receiver, owner: Membership, settings: Settings) -> None:
    endpoint, _ = endpoints.create(owner, mode="test", url=receiver.url())
    delivery = endpoints.send_test_event(endpoint)
    settings.SECRET_KEY = "another key than the one before"
    engine.deliver_due()
    delivery.refresh_from_db()
    assert (receiver.bodies, delivery.state, delivery.last_error) == ([], DeliveryState.PENDING, engine.UNREADABLE)
