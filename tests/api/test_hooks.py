"""Callbacks of providers: an address that is a secret, a body that proves nothing, in any order and any number."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.jobs import inbound, services
from playground.jobs.models import Attempt, FailReason, InboundCallback, Job, ProviderAccount, State
from tests.api.client import world
from tests.factories import VEO
from tests.jobs.controlled_clock import ControlledClock
from tests.jobs.engine_jobs import kinds_of, state_of
from tests.jobs.live_jobs import GRANTED, PRICE, Leaving, Records, call_back, callback_body, leaving, make_live_owner, money, record

pytestmark = pytest.mark.django_db
MODKIE: dict[str, Any] = {"gateway": "modkie", "model_id": VEO, "payload": {"prompt": "Sea", "aspect_ratio": "16:9", "duration": 5}}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


@pytest.fixture
def owner(clock: ControlledClock, settings: Settings) -> Membership:
    return make_live_owner(settings)


def post(path: str, body: str | bytes, **headers: str) -> Any:
    return Client().post(path, body, content_type="application/json", headers=headers)


def seen(response: Any) -> tuple[object, ...]:
    """All that whoever posts can see of an answer."""
    headers = {name: value for name, value in response.headers.items() if name != "X-Request-Id"}
    return response.status_code, response.content, tuple(sorted(headers.items()))


def accepted(sent: Leaving, upstream_id: str = "task-1") -> Leaving:
    """The provider's answer has come."""
    assert services.record_upstream_id(sent.job.pk, upstream_id)
    return sent


def row(job: Job) -> dict[str, Any]:
    """All that the house knows of a job."""
    return dict(Job.objects.filter(pk=job.pk).values().get())


# --- who is let in ----------------------------------------------------------------------------------------------------
def test_a_callback_for_a_token_that_was_given_out_is_taken(owner: Membership) -> None:
    sent = accepted(leaving(owner))
    response = post(sent.hook, callback_body("task-1"))
    assert (response.status_code, response.json()) == (200, {"code": 200, "msg": "success", "data": None})


def test_nothing_tells_a_wrong_provider_from_a_wrong_token(owner: Membership, settings: Settings) -> None:
    sent = accepted(leaving(owner))
    settings.KIE_WEBHOOK_HMAC_KEY = "a key of ours"
    paths = [
        f"/hooks/kie/{'x' * 43}",
        f"/hooks/kie/{'x' * 5000}",
        f"/hooks/modkie/{sent.token}",
        f"/hooks/sandbox/{sent.token}",
        f"/hooks/nobody/{sent.token}",
        f"/hooks/kie/{sent.token[:-1]}",
        f"/hooks/kie/{hashlib.sha256(sent.token.encode()).hexdigest()}",
        sent.hook,  # unsigned, although a key is set
    ]
    answers = [seen(post(path, callback_body("task-1"))) for path in paths]
    assert set(answers) == {answers[0]}
    assert answers[0][0] == 404
    assert not InboundCallback.objects.exists()


def test_whoever_only_looks_learns_nothing_of_a_token(owner: Membership) -> None:
    sent = leaving(owner)
    known, unknown = Client().get(sent.hook), Client().get(f"/hooks/kie/{'x' * 43}")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (405, b"")


def test_a_callback_through_another_provider_s_door_moves_nothing(owner: Membership) -> None:
    ours = accepted(leaving(owner, **MODKIE))
    assert ours.hook.startswith("/hooks/modkie/")
    before = row(ours.job)
    assert post(f"/hooks/kie/{ours.token}", callback_body("task-1")).status_code == 404
    assert row(ours.job) == before


def test_a_token_is_of_one_job_and_what_its_body_names_is_of_nobody_else(owner: Membership) -> None:
    mine, other = accepted(leaving(owner), "task-1"), accepted(leaving(owner), "task-2")
    before = row(other.job)
    assert call_back(mine, "task-2", state="fail") == 200
    assert row(other.job) == before
    assert row(mine.job)["upstream_id"] == "task-1"


def test_tokens_are_kept_as_hashes_only(owner: Membership) -> None:
    sent = leaving(owner)
    call_back(sent, "task-1", note=sent.submission.callback_url)
    attempt = Attempt.objects.get(job=sent.job)
    assert attempt.callback_hash == hashlib.sha256(sent.token.encode()).hexdigest()
    kept = [Attempt.objects.values().get(), InboundCallback.objects.values().get(), row(sent.job), *sent.job.events.values()]
    assert len(sent.token) >= 40
    assert not any(sent.token in str(values) for values in kept)


def test_every_try_to_send_has_a_token_of_its_own(owner: Membership) -> None:
    first = leaving(owner)
    assert first.job.lease_token
    services.requeue(first.job.pk, first.job.lease_token, detail="not reached", delay_seconds=0)
    assert call_back(first, "task-1") == 200
    assert leaving(owner).token != first.token


# --- a hint and no proof ------------------------------------------------------------------------------------------------
LIES: list[dict[str, Any]] = [
    {"state": "success", "resultJson": json.dumps({"resultUrls": ["https://evil.example/clip.mp4"]}), "creditsConsumed": 99_999},
    {"state": "fail", "failCode": "422", "failMsg": "Real person.", "creditsConsumed": 0},
    {"state": "success", "resultJson": None},
    {"info": {"resultUrls": ["https://evil.example/clip.mp4"]}, "fallbackFlag": False},
    {"video_url": "https://evil.example/clip.mp4", "video_id": "v"},
]


@pytest.mark.parametrize("claimed", LIES)
def test_whatever_a_callback_claims_only_the_provider_s_record_moves_state_and_money(owner: Membership, claimed: dict[str, Any]) -> None:
    sent = accepted(leaving(owner))
    before = row(sent.job)
    assert call_back(sent, "task-1", **claimed) == 200

    after = row(sent.job)
    assert {name for name in after if after[name] != before[name]} == {"is_hinted", "due_at"}
    assert money() == (GRANTED - PRICE, PRICE)

    Records(**{"task-1": record(sent.job, "generating", progress=0.4)}).look()
    assert state_of(sent.job) == State.RUNNING
    assert money() == (GRANTED - PRICE, PRICE)


def test_a_callback_that_says_fail_does_not_stop_a_success(owner: Membership) -> None:
    sent = accepted(leaving(owner))
    call_back(sent, "task-1", state="fail", failCode="500")
    Records(**{"task-1": record(sent.job, consumed_millicredits=PRICE)}).look()
    assert state_of(sent.job) == State.SAVING
    assert row(sent.job)["consumed_millicredits"] == PRICE


def test_a_callback_that_says_success_does_not_hide_a_failure(owner: Membership) -> None:
    sent = accepted(leaving(owner))
    call_back(sent, "task-1", state="success", resultJson=json.dumps({"resultUrls": ["https://evil.example/clip.mp4"]}))
    Records(**{"task-1": record(sent.job, "fail", fail_code="422", fail_message="Real person.")}).look()
    assert state_of(sent.job) == State.FAIL
    assert row(sent.job)["fail_message"] == "Real person."
    assert money() == (GRANTED, 0)


def test_a_callback_makes_the_pump_ask_at_once(owner: Membership) -> None:
    sent = accepted(leaving(owner))
    provider = Records(**{"task-1": record(sent.job)})
    assert provider.look() == 0, "it is not yet time"
    call_back(sent, "task-1")
    assert provider.look() == 1


# --- in any order, any number -------------------------------------------------------------------------------------------
def test_a_repetition_is_answered_and_ignored(owner: Membership) -> None:
    sent = accepted(leaving(owner))
    provider = Records(**{"task-1": record(sent.job, "generating")})
    for _ in range(3):
        assert call_back(sent, "task-1", state="success") == 200
    assert provider.look() == 1
    assert call_back(sent, "task-1", state="success") == 200
    assert provider.look() == 0, "a repetition asks for nothing that was not asked before"
    assert InboundCallback.objects.count() == 1


def test_a_callback_before_our_own_answer_is_looked_into_as_soon_as_that_is_here(owner: Membership) -> None:
    sent = leaving(owner)
    provider = Records(**{"task-1": record(sent.job)})
    assert call_back(sent, "task-1") == 200
    assert (state_of(sent.job), provider.look()) == (State.SUBMITTING, 0)
    accepted(sent)
    assert provider.look() == 1
    assert state_of(sent.job) == State.SAVING


def test_the_answer_s_own_id_counts_whatever_an_early_callback_named(owner: Membership) -> None:
    sent = leaving(owner)
    call_back(sent, "somebody-else-s")
    accepted(sent)
    assert (row(sent.job)["upstream_id"], row(sent.job)["candidate_id"]) == ("task-1", "")


def test_an_early_callback_settles_the_doubt_when_our_answer_is_lost(owner: Membership) -> None:
    sent = leaving(owner)
    call_back(sent, "task-1")
    services.doubt(sent.job.pk, sent.job.lease_token, detail="timeout")
    assert Records(**{"task-1": record(sent.job)}).look() == 1
    assert state_of(sent.job) == State.SAVING


@pytest.mark.parametrize("reason", [FailReason.CAPACITY, FailReason.CANCELLED, FailReason.RESULT_LOST, FailReason.VALIDATION])
def test_a_callback_after_the_end_changes_nothing(owner: Membership, reason: FailReason) -> None:
    sent = accepted(leaving(owner))
    services.fail(sent.job.pk, origins=(State.RUNNING,), reason=reason)
    before, events, all_else = row(sent.job), kinds_of(sent.job), world()
    assert call_back(sent, "task-1", state="success") == 200
    assert (row(sent.job), kinds_of(sent.job), world()) == (before, events, all_else)


def test_contradictions_in_any_order_come_to_what_the_record_says(owner: Membership) -> None:
    sent = accepted(leaving(owner))
    for state in ("success", "fail", "generating"):
        call_back(sent, "task-1", state=state)
    assert InboundCallback.objects.count() == 3
    Records(**{"task-1": record(sent.job)}).look()
    assert state_of(sent.job) == State.SAVING
    for state in ("waiting", "fail", "success"):
        call_back(sent, "task-1", state=state, again=True)
    assert state_of(sent.job) == State.SAVING


def test_whoever_knows_a_token_cannot_fill_the_database(owner: Membership) -> None:
    sent = accepted(leaving(owner))
    for number in range(inbound.MOST_PER_ATTEMPT + 5):
        assert call_back(sent, "task-1", number=number) == 200
    assert InboundCallback.objects.count() == inbound.MOST_PER_ATTEMPT


# --- bodies that are none -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe\x00", b"[" * 100_000, b'{"data": [], "code": {}, "msg": []}',
        b'{"data": {"taskId": 7}}', b'{"data": {"taskId": "' + b"x" * 5000 + b'"}}', b'{"data": "{\\"taskId\\": 1}"}',
        b'{"data": {"taskId": "task-2"}, "filler": "' + b"x" * 300_000 + b'"}',
    ],
    ids=["empty", "cut", "list", "null", "text", "bytes", "deep", "types", "number", "long", "string", "oversized"],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_a_hint_without_an_id(owner: Membership, body: bytes) -> None:
    sent = leaving(owner)
    services.doubt(sent.job.pk, sent.job.lease_token, detail="timeout")
    assert post(sent.hook, body).status_code == 200
    assert (row(sent.job)["candidate_id"], state_of(sent.job)) == ("", State.IN_DOUBT)
    assert len(InboundCallback.objects.get().words) <= 300


@pytest.mark.parametrize(
    "body",
    [
        {"code": 200, "msg": "success", "data": {"taskId": "task-1"}},
        {"code": 200, "msg": "success", "data": {"task_id": "task-1", "video_url": "https://example.com/1.mp4"}},
        {"code": 200, "msg": "success", "data": None, "taskId": "task-1"},
        {"code": "200", "msg": "success", "data": json.dumps({"taskId": "task-1"})},
    ],
    ids=["market and Veo", "Runway and 4K", "Aleph", "data as a text"],
)
def test_every_documented_form_names_its_task(owner: Membership, body: dict[str, Any]) -> None:
    sent = leaving(owner)
    assert post(sent.hook, json.dumps(body)).status_code == 200
    assert row(sent.job)["candidate_id"] == InboundCallback.objects.get().upstream_id == "task-1"


def test_what_a_callback_says_is_kept_without_our_secrets(owner: Membership) -> None:
    sent = leaving(owner)
    post(sent.hook, json.dumps({"code": 501, "msg": f"We called {sent.submission.callback_url} in vain", "data": {"taskId": "task-1"}}))
    found = InboundCallback.objects.get()
    assert (found.code, found.words, found.is_signed) == ("501", "We called (ours) in vain", False)
    assert ProviderAccount.objects.get(provider="kie").callback_at is not None
