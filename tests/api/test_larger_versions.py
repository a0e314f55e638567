"""Veo's 1080p and 4K: the first request makes a job, the same again asks for it, and nobody pays twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from playground.core import clock
from playground.jobs.models import Job, State, Take
from playground.wire import doors
from playground.wire.envelope import Answer
from playground.wire.upgrades import read_upgrade
from tests.api.client import CREDIT, Program, envelope, world
from tests.api.test_families import V1, VEO, fail, finish, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(program: Program) -> str:
    """A finished take of Veo's."""
    task_id = made(program, "veo/generate", VEO)
    finish(task_id)
    return task_id


def larger(program: Program, kind: str, task_id: str, **more: Any) -> dict[str, Any]:
    if kind == "4k":
        return envelope(program.post({"taskId": task_id} | more, path=f"{V1}/veo/get-4k-video"))
    return program.get(f"{V1}/veo/get-1080p-video", {"taskId": task_id} | more)


def understood(answer: dict[str, Any]) -> str:
    return read_upgrade(Answer(answer["code"], answer["msg"], answer["data"])).state


KINDS = pytest.mark.parametrize("kind", ["1080p", "4k"])


@KINDS
def test_the_first_request_makes_a_job_and_the_next_ones_ask_for_it(program: Program, clip: str, kind: str) -> None:
    asked = [larger(program, kind, clip) for _ in range(3)]
    (job,) = Job.objects.filter(model_id=f"veo/{kind}")
    paid = program.get(CREDIT)["data"]
    finish(job.pk.hex)
    done = larger(program, kind, clip)

    assert (job.parent_id, job.payload, job.served_as) == (Job.objects.get(pk=clip).pk, {"taskId": clip}, f"veo-{kind}")
    assert {answer["data"]["taskId"] for answer in asked} == {job.pk.hex}
    assert [answer["code"] for answer in asked] == ([400, 400, 400] if kind == "1080p" else [200, 422, 422])
    assert [understood(answer) for answer in (*asked, done)] == ["generating"] * 3 + ["success"]
    assert program.get(CREDIT)["data"] == paid
    assert Job.objects.filter(model_id=f"veo/{kind}").count() == 1


@KINDS
def test_a_failure_is_told_for_some_minutes_and_then_tried_anew(program: Program, clip: str, kind: str) -> None:
    first = larger(program, kind, clip)["data"]["taskId"]
    fail(first)
    told = [larger(program, kind, clip) for _ in range(2)]
    Job.objects.filter(pk=first).update(finished_at=clock.now() - timedelta(minutes=11))

    again = larger(program, kind, clip)

    assert [(answer["code"], understood(answer)) for answer in told] == [(500, "fail")] * 2
    assert "blocked" in told[0]["msg"]
    assert again["data"]["taskId"] != first


def test_a_result_that_was_deleted_is_made_anew(program: Program, clip: str) -> None:
    first = larger(program, "1080p", clip)["data"]["taskId"]
    finish(first)
    Take.objects.filter(job_id=first).update(deleted_at=clock.now())

    assert larger(program, "1080p", clip)["data"]["taskId"] != first


def test_each_result_of_a_take_has_its_own_version(program: Program, clip: str) -> None:
    first, second = (larger(program, "1080p", clip, index=index)["data"]["taskId"] for index in ("0", "1"))

    assert first != second
    assert Job.objects.get(pk=second).payload == {"taskId": clip, "index": 1}


def test_a_version_that_the_page_ordered_is_not_paid_again(program: Program, clip: str) -> None:
    ordered = program.create_id(model="veo/1080p", input={"taskId": clip})

    assert larger(program, "1080p", clip)["data"]["taskId"] == ordered


def test_the_name_of_the_documentation_s_page_is_an_alias(program: Program, clip: str) -> None:
    answer = program.get(f"{V1}/veo/get-veo-3-1080-p-video", {"taskId": clip})

    assert (answer["code"], Job.objects.get(pk=answer["data"]["taskId"]).served_as) == (400, doors.VEO_1080P)


def test_head_makes_nothing(program: Program, clip: str) -> None:
    before = world()

    response = program.http.head(
        f"{V1}/veo/get-1080p-video?taskId={clip}", headers={"Authorization": f"Bearer {program.secret}", "Prefer": "status-code"}
    )

    assert response.status_code == 405
    assert world() == before


@KINDS
@pytest.mark.parametrize("index", ["x", "-1", "16", "1.5", "9" * 5000, "٣"])
def test_an_index_that_is_none_is_refused(program: Program, clip: str, kind: str, index: str) -> None:
    answer = larger(program, kind, clip, index=index)

    assert (answer["code"], answer["data"]["errors"][0]["pointer"]) == (422, "/index")


@KINDS
def test_an_unfinished_take_has_no_larger_version_yet(program: Program, kind: str) -> None:
    before = made(program, "veo/generate", VEO)
    put = Job.objects.get(pk=before)

    answer = larger(program, kind, before)

    assert (answer["code"], put.state) == (422, State.QUEUED)
    assert answer["data"]["errors"][0]["rule"] == "task_unfinished"
