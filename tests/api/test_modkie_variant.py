"""ModKie's variant: objects where KIE has JSON in a string, its own words for the states, real HTTP statuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.credits.models import Account
from playground.jobs.models import Job, State
from playground.wire import doors, jobs
from tests.api.client import INPUT, Program, envelope, request_body, world
from tests.factories import VEO
from tests.web.playground import add_take, put_in_state

pytestmark = pytest.mark.django_db
V1 = "/modkie/api/v1"
CREATE, RECORD = f"{V1}/jobs/createTask", f"{V1}/jobs/recordInfo"


def made(program: Program, **changes: Any) -> str:
    answer = envelope(program.post(request_body(**changes), path=CREATE))
    assert (answer["code"], list(answer["data"])) == (200, ["taskId"])
    return str(answer["data"]["taskId"])


def test_the_life_of_a_task_in_its_words(program: Program) -> None:
    task_id = made(program, capability="video")
    told = []
    for state in (State.QUEUED, State.RUNNING, State.SAVING, State.SUCCESS):
        job = put_in_state(Job.objects.get(pk=task_id), state)
        told.append(program.get(RECORD, {"taskId": task_id, "capability": "video"})["data"])
    add_take(job)
    done = program.get(RECORD, {"taskId": task_id})["data"]

    assert [data["state"] for data in told] == ["pending", "pending", "processing", "success"]
    assert told[0]["resultJson"] == {}
    assert len(done["resultJson"]["resultUrls"]) == 1
    assert done["param"] == {"model": VEO, "input": INPUT}
    assert Job.objects.get(pk=task_id).served_as == doors.MODKIE
    read = jobs.read_record(done)
    assert read is not None
    assert (read.state, len(read.result_urls)) == ("success", 1)


def test_an_id_that_both_gateways_have_means_modkie_s_here(program: Program) -> None:
    body = {"model": "bytedance/seedance-2-mini", "input": {"prompt": "A calm sea"}}
    here, there = (
        Job.objects.get(pk=program.post(body, path=path).json()["data"]["taskId"]) for path in (CREATE, "/api/v1/jobs/createTask")
    )

    assert (here.gateway, there.gateway) == ("modkie", "kie")


def test_an_id_of_kie_s_alone_is_taken_too(program: Program) -> None:
    assert Job.objects.get(pk=made(program, model="veo3_fast", input={"prompt": "A calm sea"})).gateway == "kie"


def test_too_few_credits_are_http_402(program: Program) -> None:
    Account.objects.update(available_millicredits=0)
    before = world()

    response = program.post(request_body(), path=CREATE)

    assert (response.status_code, response.json()["code"]) == (402, 402)
    assert world() == before


@pytest.mark.parametrize(
    ("status", "raw"),
    [
        (400, "{"),
        (422, json.dumps(request_body(capability="image"))),
        (422, json.dumps(request_body(model="nothing-like-it"))),
        (422, json.dumps(request_body(input={}))),
    ],
)
def test_what_is_refused_is_refused_by_a_real_status(program: Program, status: int, raw: str) -> None:
    response = program.post(raw=raw, path=CREATE)

    assert (response.status_code, response.json()["code"]) == (status, status)


def test_unknown_tasks_and_addresses_too(program: Program, stranger: Program) -> None:
    theirs = made(stranger)
    headers = {"Authorization": f"Bearer {program.secret}"}
    answers = [program.http.get(RECORD, {"taskId": task_id}, headers=headers) for task_id in (theirs, "0" * 32)]

    assert answers[0].content == answers[1].content
    assert [answer.status_code for answer in answers] == [422, 422]
    assert program.http.get(f"{V1}/nothing", headers=headers).status_code == 404


def test_models_have_what_they_cost(program: Program) -> None:
    data = program.get(f"{V1}/models")["data"]

    assert {entry["gateway"] for entry in data["models"]} == {"modkie"}
    assert {entry["model"]: entry["creditCost"] for entry in data["models"]}[VEO] == 60
    assert program.get(f"{V1}/chat/credit")["data"] == 10_000
