"""createTask: what a program gets for a good request."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from playground.credits.models import Account
from playground.jobs.models import Job
from tests.api.client import CREATE, CREDIT, INPUT, Program, envelope, request_body
from tests.factories import KLING, Personas

pytestmark = pytest.mark.django_db


def test_the_answer_carries_the_task_id_twice_as_measured(program: Program) -> None:
    answer = program.create()

    assert answer.keys() == {"code", "msg", "data"}
    assert (answer["code"], answer["msg"]) == (200, "success")
    assert re.fullmatch(r"[0-9a-f]{32}", answer["data"]["taskId"])
    assert answer["data"] == {"taskId": answer["data"]["taskId"], "recordId": answer["data"]["taskId"]}


def test_the_job_belongs_to_the_key_and_its_credits_are_held(program: Program, personas: Personas) -> None:
    job = Job.objects.get(pk=program.create_id())

    assert (job.team_id, job.mode, job.source, job.created_by_id) == (personas.alice.team_id, "test", "api", personas.alice.user_id)
    assert job.api_key is not None
    assert job.payload == INPUT
    account = Account.objects.get(team=personas.alice.team, mode="test")
    assert (account.available_millicredits, account.held_millicredits) == (9_940_000, 60_000)


def test_takes_of_page_and_program_are_numbered_in_one_row(program: Program) -> None:
    numbers = [Job.objects.get(pk=program.create_id()).number for _ in range(3)]

    assert numbers == [1, 2, 3]


def test_the_credit_balance_falls_at_once_by_the_hold(program: Program) -> None:
    before = program.get(CREDIT)["data"]
    program.create_id(model=KLING)

    assert (before, program.get(CREDIT)["data"]) == (10_000, 9_965)


def test_a_balance_with_thousandths_is_a_decimal_number(program: Program, personas: Personas) -> None:
    Account.objects.filter(team=personas.alice.team).update(available_millicredits=5_916_250)

    assert program.get(CREDIT) == {"code": 200, "msg": "success", "data": 5916.25}


@pytest.mark.parametrize(
    "extra",
    [
        {"capability": "video"},
        {"metadata": {"note": "ours"}, "webhook": 1},
        {"callBackUrl": ""},
        {"callBackUrl": "https://example.com/hook?id=1"},
        {"gateway": "modkie"},
        {"gateway": ""},
    ],
    ids=str,
)
def test_fields_beside_input_may_be_there(program: Program, extra: dict[str, object]) -> None:
    assert program.create(request_body(**extra))["code"] == 200


def test_null_means_that_nothing_was_said(program: Program) -> None:
    assert program.create(request_body() | {"callBackUrl": None, "gateway": None})["code"] == 200
    assert Job.objects.get().callback_url == ""


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_forgotten_content_type_is_forgiven(program: Program, content_type: str) -> None:
    answer = Client().post(
        CREATE, json.dumps(request_body()), content_type=content_type, headers={"Authorization": f"Bearer {program.secret}"}
    )

    assert envelope(answer)["code"] == 200


def test_a_byte_order_mark_is_forgiven(program: Program) -> None:
    assert envelope(program.post(raw=b"\xef\xbb\xbf" + json.dumps(request_body()).encode()))["code"] == 200


def test_the_payload_is_kept_to_the_letter(program: Program) -> None:
    prompt = "Ünïcödé 🎬 \\ \"quotes\" 'and' \n line\ttab  \u2028 end"
    task_id = program.create_id(input={"prompt": prompt, "duration": 8})

    assert Job.objects.get(pk=task_id).payload == {"prompt": prompt, "duration": 8}


def test_a_key_is_no_cookie_so_no_csrf_token_is_asked_for(program: Program) -> None:
    program.http = Client(enforce_csrf_checks=True)

    assert program.create()["code"] == 200


@override_settings(CREATE_TASKS_PER_MINUTE=10_000)
def test_creating_a_task_takes_a_fixed_small_number_of_queries(program: Program) -> None:
    program.create_id()
    for _ in range(5):
        program.create_id()
    with CaptureQueriesContext(connection) as captured:
        program.create_id()

    words = [query["sql"].split()[0] for query in captured.captured_queries]
    assert len([word for word in words if word in ("SELECT", "INSERT", "UPDATE")]) <= 14
