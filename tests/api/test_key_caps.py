"""The most that a key may spend: in an hour, in a day and in total, whoever asks at the same moment."""

from __future__ import annotations

import json

import pytest

from playground.accounts import ratelimit
from playground.accounts.access import forget_keys
from playground.credits import services as ledger
from playground.credits.models import Period
from playground.jobs import services as jobs
from playground.jobs.models import Job
from tests.api.client import VALIDATE, Program, envelope, request_body, world
from tests.api.keys import program_with
from tests.factories import Personas, make_owner
from tests.jobs.controlled_clock import ControlledClock
from tests.threads import at_once

pytestmark = pytest.mark.django_db
PRICE = 60_000
HOUR, DAY = 3600, 24 * 3600


@pytest.fixture
def controlled(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    return ControlledClock(monkeypatch)


def limited(personas: Personas, period: Period, limit: int = PRICE * 3 // 2) -> Program:
    return program_with(personas.alice, caps={period: limit})


def test_the_refusal_says_which_cap_what_is_left_and_when_it_frees(personas: Personas, controlled: ControlledClock) -> None:
    program = limited(personas, Period.HOUR)
    controlled.advance(20 * 60)
    program.create_id()
    before = world()
    answer = program.create()

    assert answer["code"] == 433
    assert answer["msg"] == (
        "The budget of the key nightly of 90 credits for this hour is used up: 60 needed, 30 left. It begins anew at 13:00 UTC."
    )
    assert answer["data"] == {"neededCredits": 60, "leftCredits": 30, "period": "hour", "begins": "2026-03-01T13:00:00+00:00"}
    assert world() == before


@pytest.mark.parametrize(
    ("period", "frees_after"), [(Period.HOUR, HOUR), (Period.DAY, DAY), (Period.TOTAL, None)], ids=["hour", "day", "total"]
)
def test_a_cap_begins_anew_with_its_period_and_a_total_never(
    personas: Personas, controlled: ControlledClock, period: Period, frees_after: int | None
) -> None:
    program = limited(personas, period)
    program.create_id()
    controlled.advance((frees_after or 40 * DAY) - 1 if frees_after == HOUR else HOUR)
    assert program.create()["code"] == 433
    controlled.advance(frees_after or 400 * DAY)
    forget_keys()

    assert program.create()["code"] == (200 if frees_after else 433)
    assert ledger.verify() == []


def test_what_is_given_back_makes_room_again(personas: Personas, controlled: ControlledClock) -> None:
    program = limited(personas, Period.HOUR)
    task_id = program.create_id()
    assert program.create()["code"] == 433
    jobs.cancel(Job.objects.get(pk=task_id).pk)

    assert program.create()["code"] == 200
    assert ledger.verify() == []


def test_what_is_given_back_after_its_hour_makes_no_room_in_the_next(personas: Personas, controlled: ControlledClock) -> None:
    program = limited(personas, Period.HOUR)
    task_id = program.create_id()
    controlled.advance(HOUR)
    forget_keys()
    program.create_id()
    jobs.cancel(Job.objects.get(pk=task_id).pk)

    assert program.create()["code"] == 433
    assert ledger.verify() == []


def test_caps_bind_their_own_key_alone(personas: Personas, program: Program) -> None:
    bound = limited(personas, Period.TOTAL, PRICE // 2)

    assert (bound.create()["code"], program.create()["code"]) == (433, 200)


def test_modkie_s_contract_has_one_code_for_credits_that_do_not_reach(personas: Personas) -> None:
    bound = limited(personas, Period.TOTAL, PRICE // 2)
    answer = bound.post(request_body(), path="/modkie/api/v1/jobs/createTask")

    assert (answer.status_code, json.loads(answer.content)["code"]) == (402, 402)


def test_a_dry_run_says_that_a_cap_would_stop_it(personas: Personas) -> None:
    bound = limited(personas, Period.HOUR, PRICE // 2)
    verdict = envelope(bound.post(request_body(), path=VALIDATE))["data"]

    assert [hint["code"] for hint in verdict["hints"]] == ["budget"]
    assert "for this hour" in verdict["hints"][0]["message"]


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_the_same_moment_no_more_pass_than_fit(controlled: ControlledClock) -> None:
    ratelimit.forget()
    secret = program_with(make_owner(), caps={Period.HOUR: PRICE * 5 // 2, Period.TOTAL: 10 * PRICE}).secret
    codes = at_once(4, lambda _: Program(secret).create()["code"])

    assert sorted(str(code) for code in codes) == ["200", "200", "433", "433"]
    assert Job.objects.count() == 2
    assert ledger.verify() == []
