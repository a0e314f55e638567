"""A callback has the shape of the contract through which its task came, and Veo's older one where the key says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.jobs import outbox
from playground.jobs.models import Job
from playground.webhooks.models import Delivery
from tests.api.client import CREATE, Program, request_body
from tests.api.keys import program_with
from tests.api.test_families import VEO, fail, finish, record
from tests.factories import Personas
from tests.web.people import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]
V1 = "/api/v1"
CALL = {"callBackUrl": "https://example.com/called"}
OLDER = {"taskId", "status", "videoUrl", "duration", "resolution", "aspectRatio", "createdAt", "completedAt", "errorMessage"}


@pytest.fixture
def old_client(personas: Personas) -> Program:
    return program_with(personas.alice, is_veo_legacy=True)


def made(program: Program, path: str, body: dict[str, Any]) -> str:
    answer = json.loads(program.post(body | CALL, path=path).content)
    assert answer["code"] == 200, answer
    return str(answer["data"]["taskId"])


def called(task_id: str, *, has_failed: bool = False) -> dict[str, Any]:
    if has_failed:
        fail(task_id)
    else:
        finish(task_id)
    outbox.announce(Job.objects.get(pk=task_id).pk)
    body: dict[str, Any] = json.loads(Delivery.objects.get(job_id=task_id).body)
    return body


class TestTheOlderShapeOfVeo:
    def test_the_record_and_the_callback_have_it_without_a_word_in_the_request(self, old_client: Program) -> None:
        task_id = made(old_client, f"{V1}/veo/generate", VEO | {"duration": 6})
        body = called(task_id)
        told = record(old_client, "veo/record-info", task_id)

        assert (body["code"], set(body["data"])) == (200, OLDER)
        assert (body["data"]["taskId"], body["data"]["status"], body["data"]["duration"]) == (task_id, 1, 6)
        assert body["data"]["videoUrl"].startswith("http")
        assert set(told) == OLDER

    def test_its_delivery_is_listed_with_the_others(self, old_client: Program, personas: Personas) -> None:
        called(made(old_client, f"{V1}/veo/generate", VEO))
        page = signed_in(personas.alice).get("/webhooks").text

        assert CALL["callBackUrl"] in page

    def test_a_failure_has_its_status_and_its_words(self, old_client: Program) -> None:
        body = called(made(old_client, f"{V1}/veo/generate", VEO), has_failed=True)

        assert (body["code"], body["msg"]) == (501, "The clip was blocked.")
        assert (body["data"]["status"], body["data"]["videoUrl"], body["data"]["errorMessage"]) == (2, None, "The clip was blocked.")

    def test_one_request_may_ask_for_the_newer_shape(self, old_client: Program) -> None:
        task_id = made(old_client, f"{V1}/veo/generate?shape=flags", VEO)

        assert "info" in called(task_id)["data"]
        assert "successFlag" in record(old_client, "veo/record-info", task_id, shape="flags")

    def test_other_contracts_keep_theirs(self, old_client: Program) -> None:
        assert "resultJson" in called(made(old_client, CREATE, request_body()))["data"]

    def test_another_key_of_the_team_reads_in_the_shape_that_the_task_was_made_in(self, old_client: Program, program: Program) -> None:
        by_old = made(old_client, f"{V1}/veo/generate", VEO)
        by_new = made(program, f"{V1}/veo/generate", VEO)

        assert set(record(program, "veo/record-info", by_old)) == OLDER
        assert "successFlag" in record(program, "veo/record-info", by_new)


@pytest.mark.parametrize(("has_failed", "code", "state"), [(False, 200, "success"), (True, 501, "fail")], ids=["done", "failed"])
def test_modkie_s_callback_is_its_record(program: Program, has_failed: bool, code: int, state: str) -> None:
    body = called(made(program, f"/modkie{V1}/jobs/createTask", request_body()), has_failed=has_failed)

    assert (body["code"], body["data"]["state"]) == (code, state)
    assert body["data"]["param"]["input"]["duration"] == 5
    assert len(body["data"]["resultJson"].get("resultUrls", [])) == (0 if has_failed else 1)


def test_a_model_of_veo_s_that_came_through_the_market_is_answered_in_the_market_s_shape(program: Program) -> None:
    task_id = made(program, CREATE, request_body(model="veo3_fast", input={"prompt": "A calm sea"}))
    body = called(task_id)

    assert json.loads(body["data"]["resultJson"])["resultUrls"]
