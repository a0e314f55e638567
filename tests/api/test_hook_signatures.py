"""KIE's signature over `taskId.timestamp`: asked for where its key is set, good for five minutes, and no proof of the body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from playground.jobs import services
from playground.jobs.models import InboundCallback, Job, ProviderAccount, State
from tests.factories import VEO
from tests.jobs.controlled_clock import ControlledClock
from tests.jobs.engine_jobs import state_of
from tests.jobs.live_jobs import Leaving, Records, call_back, callback_body, leaving, make_live_owner, record

pytestmark = pytest.mark.django_db
KEY = "whsec-of-our-settings"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


@pytest.fixture
def sent(clock: ControlledClock, settings: Settings) -> Leaving:
    """A running job of a house whose owner has set the key."""
    settings.KIE_WEBHOOK_HMAC_KEY = KEY
    found = leaving(make_live_owner(settings))
    assert services.record_upstream_id(found.job.pk, "task-1")
    return found


def signed(clock: ControlledClock, task_id: str = "task-1", *, key: str = KEY, age_seconds: float = 0) -> dict[str, str]:
    """The two headers, worked out as KIE's documents say."""
    stamp = str(int(clock.now.timestamp() - age_seconds))
    digest = hmac.new(key.encode(), f"{task_id}.{stamp}".encode(), hashlib.sha256).digest()
    return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": base64.b64encode(digest).decode()}


def is_hinted(sent: Leaving) -> bool:
    return Job.objects.values_list("is_hinted", flat=True).get(pk=sent.job.pk)


def test_what_is_signed_is_believed_to_be_the_provider_s(sent: Leaving, clock: ControlledClock) -> None:
    assert call_back(sent, "task-1", headers=signed(clock)) == 200
    assert is_hinted(sent)
    assert InboundCallback.objects.get().is_signed
    assert ProviderAccount.objects.get(provider="kie").callback_at == clock.now


@pytest.mark.parametrize(
    "body",
    [
        {"code": 200, "msg": "success", "data": {"task_id": "task-1", "video_url": "https://example.com/1.mp4"}},
        {"code": 200, "msg": "success", "data": {"result_video_url": "https://example.com/1.mp4"}, "taskId": "task-1"},
    ],
    ids=["data.task_id", "taskId beside data"],
)
def test_the_id_is_found_wherever_a_family_puts_it(sent: Leaving, clock: ControlledClock, body: dict[str, Any]) -> None:
    answer = Client().post(sent.hook, json.dumps(body), content_type="application/json", headers=signed(clock))
    assert answer.status_code == 200
    assert is_hinted(sent)


FORGERIES: dict[str, dict[str, str]] = {
    "nothing": {},
    "no time": {"X-Webhook-Timestamp": ""},
    "no signature": {"X-Webhook-Signature": ""},
    "a time that is no number": {"X-Webhook-Timestamp": "now"},
    "a time with a sign": {"X-Webhook-Timestamp": "-1"},
    "a time in other digits": {"X-Webhook-Timestamp": "١٧٠٠٠٠٠٠٠٠"},
    "an endless time": {"X-Webhook-Timestamp": "9" * 5000},
    "no base64": {"X-Webhook-Signature": "häßlich"},
    "half a signature": {"X-Webhook-Signature": "AAAA"},
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES.keys())
def test_without_a_valid_signature_a_callback_does_not_exist(sent: Leaving, clock: ControlledClock, forged: dict[str, str]) -> None:
    assert call_back(sent, "task-1", headers=signed(clock) | forged if forged else {}) == 404
    assert not is_hinted(sent)
    assert not InboundCallback.objects.exists()


def test_another_key_or_another_task_s_signature_is_none(sent: Leaving, clock: ControlledClock) -> None:
    assert call_back(sent, "task-1", headers=signed(clock, key="guessed")) == 404
    assert call_back(sent, "task-1", headers=signed(clock, "task-2")) == 404
    assert call_back(sent, "", headers=signed(clock, "")) == 404, "a body that names no task has nothing to be signed"
    assert not is_hinted(sent)


@pytest.mark.parametrize(("age_seconds", "status"), [(0, 200), (300, 200), (301, 404), (-300, 200), (-301, 404), (86_400, 404)])
def test_a_signature_is_good_for_five_minutes_either_way(sent: Leaving, clock: ControlledClock, age_seconds: float, status: int) -> None:
    assert call_back(sent, "task-1", headers=signed(clock, age_seconds=age_seconds)) == status
    assert is_hinted(sent) == (status == 200)


def test_a_replay_is_ignored_within_the_five_minutes_and_refused_after_them(sent: Leaving, clock: ControlledClock) -> None:
    headers = signed(clock)
    provider = Records(**{"task-1": record(sent.job, "generating")})
    call_back(sent, "task-1", headers=headers)
    assert provider.look() == 1
    assert call_back(sent, "task-1", headers=headers) == 200
    assert not is_hinted(sent)
    clock.advance(301)
    assert call_back(sent, "task-1", headers=headers) == 404
    assert InboundCallback.objects.count() == 1


def test_the_provider_s_own_second_try_is_news(sent: Leaving, clock: ControlledClock) -> None:
    provider = Records(**{"task-1": record(sent.job, "generating")})
    call_back(sent, "task-1", headers=signed(clock))
    provider.look()
    clock.advance(2)
    assert call_back(sent, "task-1", headers=signed(clock)) == 200
    assert is_hinted(sent)


def test_a_stolen_signature_with_another_body_moves_nothing_but_a_look(sent: Leaving, clock: ControlledClock) -> None:
    headers = signed(clock)
    assert call_back(sent, "task-1", headers=headers, state="fail", creditsConsumed=0) == 200
    Records(**{"task-1": record(sent.job)}).look()
    assert state_of(sent.job) == State.SAVING


def test_the_owner_can_see_that_a_signature_was_wrong(sent: Leaving, clock: ControlledClock, caplog: pytest.LogCaptureFixture) -> None:
    call_back(sent, "task-1", headers=signed(clock, key="the key of another account"))
    account = ProviderAccount.objects.get(provider="kie")
    assert (account.bad_signature_at, account.callback_at) == (clock.now, None)
    assert "KIE_WEBHOOK_HMAC_KEY" in caplog.text
    assert KEY not in caplog.text


def test_strangers_cannot_make_an_owner_believe_that_a_signature_was_wrong(sent: Leaving, clock: ControlledClock) -> None:
    headers = signed(clock, key="guessed")
    answer = Client().post(f"/hooks/kie/{'x' * 43}", callback_body("task-1"), content_type="application/json", headers=headers)
    assert answer.status_code == 404
    assert not ProviderAccount.objects.exclude(bad_signature_at=None).exists()


def test_a_provider_that_does_not_sign_is_not_asked_to(sent: Leaving) -> None:
    other = leaving(
        sent.job.team.memberships.get(), gateway="modkie", model_id=VEO, payload={"prompt": "Sea", "aspect_ratio": "16:9", "duration": 5}
    )
    assert call_back(other, "task_2") == 200
    assert not InboundCallback.objects.get().is_signed
