"""The provider's own request, end to end: what a program sees from createTask to the clip, and what the ledger says."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from playground.credits import services as ledger
from playground.credits.models import Account, Entry
from playground.jobs import archive, pump
from playground.jobs.models import Job
from playground.webhooks.models import Delivery
from playground.wire import jobs as wire
from playground.wire.envelope import read_answer
from tests.api.client import CREDIT, Program
from tests.factories import make_key, make_owner

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = (
    '{"model":"google/veo-3-1","input":{"prompt":"A keyboard whose keys are made of different types of candy. Typing makes '
    'sweet, crunchy sounds. Audio: Crunchy, sugary typing sounds, delighted giggles.","aspect_ratio":"16:9","duration":5}}'
)
WORDS = ["waiting", "queuing", "generating", "success"]
MEASURED_TYPES: dict[str, tuple[type, ...]] = {
    "taskId": (str,),
    "model": (str,),
    "state": (str,),
    "param": (str,),
    "resultJson": (str,),
    "failCode": (str, type(None)),
    "failMsg": (str, type(None)),
    "costTime": (int, type(None)),
    "createTime": (int,),
    "completeTime": (int, type(None)),
    "creditsConsumed": (int, float),
}


def records_until_the_end(program: Program, task_id: str) -> list[dict[str, Any]]:
    """What recordInfo says while pump and media worker take turns here."""
    seen = [program.record(task_id)["data"]]
    while seen[-1]["state"] not in ("success", "fail"):
        pump.run_seated(budget_seconds=5)
        seen.append(program.record(task_id)["data"])
        archive.work_once()
        seen.append(program.record(task_id)["data"])
    return seen


def in_contract(data: dict[str, Any]) -> dict[str, Any]:
    wrong = {name: data.get(name) for name, types in MEASURED_TYPES.items() if name not in data or type(data[name]) not in types}
    assert wrong == {}
    return data


def test_the_provider_s_request_ends_with_a_playable_clip_and_one_capture_of_60() -> None:
    owner = make_owner()
    program = Program(make_key(owner))
    answer = json.loads(program.post(raw=REQUEST).content)
    task_id = answer["data"]["taskId"]
    held = program.get(CREDIT)["data"]

    seen = [in_contract(data) for data in records_until_the_end(program, task_id)]

    words = [data["state"] for data in seen]
    assert words[0] == "waiting"
    assert words[-1] == "success"
    assert sorted(words, key=WORDS.index) == words, "words never go back"
    assert {data["creditsConsumed"] for data in seen} == {60}, "the price is fixed at submit"
    assert {data["resultJson"] for data in seen[:-1]} == {""}
    the_record_is_complete(seen[-1], task_id)
    the_clip_is_what_was_asked_for(seen[-1])
    assert (held, program.get(CREDIT)["data"]) == (9_940, 9_940)
    the_ledger_shows_one_hold_and_one_capture_of_60(owner.team_id, task_id)


def the_record_is_complete(data: dict[str, Any], task_id: str) -> None:
    assert (data["taskId"], data["model"], data["sandbox"]) == (task_id, "google/veo-3-1", True)
    assert (data["failCode"], data["failMsg"]) == (None, None)
    # JSON within JSON, and inside it the input to the letter.
    param = json.loads(data["param"])
    assert param["model"] == "google/veo-3-1"
    assert json.loads(param["input"]) == json.loads(REQUEST)["input"]
    # Times in milliseconds, the cost in seconds.
    assert data["createTime"] > 1_700_000_000_000
    assert data["costTime"] == round((data["completeTime"] - data["createTime"]) / 1000)


def the_clip_is_what_was_asked_for(data: dict[str, Any]) -> None:
    (link,) = json.loads(data["resultJson"])["resultUrls"]
    assert link.startswith("http://testserver/media/")
    video = Job.objects.get(pk=data["taskId"]).takes.get().video
    assert (video.content_type, video.has_audio) == ("video/mp4", True)
    assert abs((video.duration_ms or 0) - 5000) <= 100
    assert (video.width or 0) * 9 == (video.height or 1) * 16
    stranger = Client().get(urlsplit(link).path, headers={"Range": "bytes=0-99"})
    assert stranger.status_code == 206
    assert b"".join(getattr(stranger, "streaming_content", [stranger.content]))[4:8] == b"ftyp"
    stranger.close()


def the_ledger_shows_one_hold_and_one_capture_of_60(team_id: int, task_id: str) -> None:
    entries = Entry.objects.filter(job_id=task_id).order_by("pk")
    assert list(entries.values_list("kind", "available_delta_millicredits", "held_delta_millicredits")) == [
        ("hold", -60_000, 60_000),
        ("capture", 0, -60_000),
    ]
    account = Account.objects.get(team_id=team_id, mode="test")
    assert (account.available_millicredits, account.held_millicredits) == (9_940_000, 0)
    assert ledger.verify() == []


def test_a_failure_is_told_with_the_model_s_words_costs_nothing_and_calls_back() -> None:
    program = Program(make_key(make_owner()))
    request = json.loads(REQUEST)
    request["input"]["prompt"] = "A portrait [[fail:422 Real person in image.]]"
    task_id = program.create(request | {"callBackUrl": "https://example.com/hook"})["data"]["taskId"]

    last = records_until_the_end(program, task_id)[-1]

    assert (last["state"], last["failCode"], last["failMsg"], last["creditsConsumed"]) == ("fail", "422", "Real person in image.", 0)
    assert last["resultJson"] == ""
    assert program.get(CREDIT)["data"] == 10_000
    body = json.loads(Delivery.objects.get(job_id=task_id).body)
    assert (body["code"], body["data"]["taskId"], body["data"]["state"]) == (501, task_id, "fail")
    assert ledger.verify() == []


def test_our_own_reader_reads_what_we_serve() -> None:
    program = Program(make_key(make_owner()))
    response = program.post(raw=REQUEST)

    answer = read_answer(response.content.decode(), response.status_code)
    record = wire.read_record(program.record(answer.task_id)["data"])

    assert (answer.code, record.state if record else None) == (200, "waiting")
