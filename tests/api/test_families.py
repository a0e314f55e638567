"""Veo, Runway and Aleph by their own paths: what is made there, and the record in each family's shape."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from playground.jobs.models import FailReason, Job, State
from playground.wire import aleph, doors, runway, veo
from tests.api.client import RECORD, Program, world
from tests.factories import Personas, make_key
from tests.web.playground import add_take, put_in_state

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
PROMPT = "A dog playing in a park"
VEO: dict[str, Any] = {"prompt": PROMPT, "model": "veo3_fast", "aspect_ratio": "16:9"}
RUNWAY: dict[str, Any] = {"prompt": PROMPT, "duration": 5, "quality": "720p", "aspectRatio": "16:9"}
ALEPH: dict[str, Any] = {"prompt": "Winter", "videoUrl": "https://example.com/clip.mp4"}


def made(program: Program, path: str, body: dict[str, Any]) -> str:
    answer = json.loads(program.post(body, path=f"{V1}/{path}").content)
    assert answer["code"] == 200, answer
    # Measured: no recordId beside it.
    assert list(answer["data"]) == ["taskId"]
    return str(answer["data"]["taskId"])


def refusal(program: Program, path: str, body: dict[str, Any]) -> dict[str, Any]:
    before = world()
    answer: dict[str, Any] = json.loads(program.post(body, path=f"{V1}/{path}").content)
    assert answer["code"] == 422, answer
    assert world() == before
    return answer


def finish(task_id: str, takes: int = 1) -> Job:
    job = put_in_state(Job.objects.get(pk=task_id), State.SUCCESS)
    for index in range(takes):
        add_take(job, index=index)
    return job


def fail(task_id: str) -> None:
    changes = {"fail_reason": FailReason.OUTPUT, "fail_code": "501", "fail_message": "The clip was blocked."}
    put_in_state(Job.objects.get(pk=task_id), State.FAIL, **changes)


def record(program: Program, path: str, task_id: str, **query: str) -> Any:
    return program.get(f"{V1}/{path}", {"taskId": task_id} | query)["data"]


# --- making ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "body", "model", "door"),
    [
        ("veo/generate", VEO, "veo3_fast", doors.VEO),
        ("veo/generate", {"prompt": PROMPT}, "veo3_fast", doors.VEO),
        ("veo/generate", VEO | {"model": "veo3"}, "veo3", doors.VEO),
        ("veo/generate", VEO | {"model": "veo3_lite"}, "veo3_lite", doors.VEO),
        ("veo/generate?shape=legacy", VEO, "veo3_fast", doors.VEO_LEGACY),
        ("veo/extend", {"taskId": "veo_task_0001", "prompt": PROMPT, "model": "quality"}, "veo/extend", doors.VEO),
        ("runway/generate", RUNWAY, "runway/generate", doors.RUNWAY),
        ("runway/extend", {"taskId": "task_runway_0001", "prompt": PROMPT, "quality": "720p"}, "runway/extend", doors.RUNWAY),
        ("aleph/generate", ALEPH, "runway/aleph", doors.ALEPH),
    ],
)
def test_each_path_makes_a_job_of_its_model(program: Program, path: str, body: dict[str, Any], model: str, door: str) -> None:
    job = Job.objects.get(pk=made(program, path, body))

    assert (job.gateway, job.model_id, job.source, job.served_as) == ("kie", model, "api", door)
    assert job.payload == body
    # The same job by the door that leads to all of them.
    assert program.get(RECORD, {"taskId": job.pk.hex})["data"]["model"] == model


@pytest.mark.parametrize(
    ("path", "given", "kept"),
    [
        ("veo/generate", VEO | {"aspectRatio": "9:16"}, None),
        ("veo/generate", {"prompt": PROMPT, "aspectRatio": "9:16", "seed": 12345, "waterMark": "Mine"},
         {"prompt": PROMPT, "aspect_ratio": "9:16", "seeds": 12345, "watermark": "Mine"}),
        ("veo/generate", VEO | {"aspectRatio": "16:9"}, VEO),
        # Clients send all of their fields, filled in or not, and numbers in quotes.
        ("veo/generate", VEO | {"imageUrls": [], "watermark": "", "seeds": None, "duration": "6"}, VEO | {"duration": 6}),
        ("runway/generate", {"prompt": PROMPT, "duration": "5", "quality": "720p", "aspect_ratio": "1:1", "watermark": "Mine"},
         {"prompt": PROMPT, "duration": 5, "quality": "720p", "aspectRatio": "1:1", "waterMark": "Mine"}),
        ("aleph/generate", ALEPH | {"aspect_ratio": "21:9", "seeds": 7}, ALEPH | {"aspectRatio": "21:9", "seed": 7}),
    ],
)  # fmt: skip
def test_every_spelling_of_a_field_is_taken_and_two_that_disagree_are_not(
    program: Program, path: str, given: dict[str, Any], kept: dict[str, Any] | None
) -> None:
    if kept is None:
        (error,) = refusal(program, path, given)["data"]["errors"]
        assert (error["pointer"], error["rule"]) == ("/aspectRatio", "conflict")
    else:
        assert Job.objects.get(pk=made(program, path, given)).payload == kept


def test_spellings_are_taken_by_create_task_too(program: Program) -> None:
    task_id = program.create_id(model="veo3_fast", input={"prompt": PROMPT, "aspectRatio": "9:16", "seed": 12345})

    assert Job.objects.get(pk=task_id).payload == {"prompt": PROMPT, "aspect_ratio": "9:16", "seeds": 12345}


CLIP = "https://example.com/cat.mp4"


def element_s_files(program: Program, **files: Any) -> Any:
    """What is kept of the files of an element, or the mistake that keeps it from being made."""
    wanted: dict[str, Any] = {
        "prompt": "A dog meets @cat",
        "image_urls": ["https://example.com/a.png"],
        "duration": "5",
        "aspect_ratio": "16:9",
    }
    wanted |= {"mode": "std", "multi_shots": False, "sound": False, "kling_elements": [{"name": "cat", "description": "A cat", **files}]}
    answer = program.create({"model": "kling-3.0/video", "input": wanted})
    if answer["code"] == 200:
        return Job.objects.get(pk=answer["data"]["taskId"]).payload["kling_elements"][0]["element_input_urls"]
    return [(error["pointer"], error["rule"]) for error in answer["data"]["errors"]]


@pytest.mark.parametrize("beside", [{}, {"element_input_urls": []}, {"element_input_urls": [CLIP]}])
def test_an_element_s_clip_is_taken_under_its_older_name(program: Program, beside: dict[str, Any]) -> None:
    assert element_s_files(program, element_input_video_urls=[CLIP], **beside) == [CLIP]
    assert element_s_files(program, **beside, element_input_video_urls=[CLIP]) == [CLIP]


def test_an_older_name_that_says_nothing_takes_nothing_away(program: Program) -> None:
    pictures = ["https://example.com/1.png", "https://example.com/2.png"]

    assert element_s_files(program, element_input_urls=pictures, element_input_video_urls=[]) == pictures


def test_an_element_is_pictures_or_a_clip_never_both(program: Program) -> None:
    both = {"element_input_urls": ["https://example.com/1.png", "https://example.com/2.png"], "element_input_video_urls": [CLIP]}

    assert element_s_files(program, **both) == [("/input/kling_elements/0/element_input_video_urls", "conflict")]


@pytest.mark.parametrize(
    ("path", "body", "pointer", "rule"),
    [
        ("veo/generate", {}, "/prompt", "required"),
        ("veo/generate", {"prompt": 7}, "/prompt", "type"),
        ("veo/generate", VEO | {"model": "veo4"}, "/model", "unknown_model"),
        ("veo/generate", VEO | {"model": ["veo3"]}, "/model", "type"),
        ("veo/generate", VEO | {"durration": 8}, "/durration", "unknown_field"),
        ("veo/generate", VEO | {"callBackUrl": 7}, "/callBackUrl", "type"),
        ("veo/generate", VEO | {"callBackUrl": "http://127.0.0.1/"}, "/callBackUrl", "blocked_address"),
        ("veo/generate", VEO | {"imageUrls": "https://example.com/a.jpg"}, "/imageUrls", "type"),
        ("veo/extend", {"prompt": PROMPT}, "/taskId", "required"),
        ("veo/extend", {"taskId": "x", "prompt": PROMPT, "model": "veo3"}, "/model", "enum"),
        ("runway/generate", {"prompt": PROMPT, "duration": 7, "quality": "720p", "aspectRatio": "16:9"}, "/duration", "enum"),
        ("runway/extend", {"taskId": "x", "prompt": PROMPT}, "/quality", "required"),
        ("aleph/generate", {"prompt": PROMPT}, "/videoUrl", "required"),
        ("aleph/generate", {"prompt": PROMPT, "videoUrl": {"url": "x"}}, "/videoUrl", "type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place_in_the_body(
    program: Program, path: str, body: dict[str, Any], pointer: str, rule: str
) -> None:
    errors = refusal(program, path, body)["data"]["errors"]

    assert (pointer, rule) in {(error["pointer"], error["rule"]) for error in errors}


def test_an_idempotency_key_holds_here_too(program: Program) -> None:
    first, second = (program.post(VEO, path=f"{V1}/veo/generate", Idempotency_Key="one") for _ in range(2))

    assert first.content == second.content
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Job.objects.count() == 1


# --- records --------------------------------------------------------------------------------------------------------
def test_a_veo_record_as_measured_with_state_and_result_beside_it(program: Program) -> None:
    task_id = made(program, "veo/generate", VEO | {"resolution": "1080p", "seeds": 12345})
    pending = record(program, "veo/record-info", task_id)
    finish(task_id)
    done = record(program, "veo/record-info", task_id)

    assert (pending["successFlag"], pending["response"], pending["completeTime"]) == (0, None, None)
    assert (pending["errorCode"], pending["errorMessage"], pending["state"], pending["resultJson"]) == (None, "", "waiting", "")
    assert json.loads(pending["paramJson"]) == {
        "prompt": PROMPT, "model": "veo3_fast", "aspectRatio": "16:9", "resolution": "1080p", "seeds": 12345,
    }  # fmt: skip
    response = done["response"]
    assert (done["successFlag"], done["errorMessage"], done["state"]) == (1, None, "success")
    assert (response["taskId"], response["resolution"], response["seeds"], response["hasAudioList"]) == (task_id, "1080p", [12345], [True])
    assert json.loads(done["resultJson"]) == {"resultUrls": response["resultUrls"]}
    assert len(response["resultUrls"]) == 1
    assert done["completeTime"] % 1000 == done["createTime"] % 1000 == 0


def test_a_failed_veo_task_says_why(program: Program) -> None:
    task_id = made(program, "veo/generate", VEO)
    fail(task_id)

    data = record(program, "veo/record-info", task_id)

    assert (data["successFlag"], data["errorCode"], data["errorMessage"], data["state"]) == (3, 501, "The clip was blocked.", "fail")


def test_the_whole_film_of_an_extension_stands_apart(program: Program) -> None:
    task_id = made(program, "veo/extend", {"taskId": "veo_task_0001", "prompt": PROMPT})
    finish(task_id, takes=2)

    data = record(program, "veo/record-info", task_id)

    assert [len(data["response"][name]) for name in ("resultUrls", "fullResultUrls")] == [1, 1]


@pytest.mark.parametrize("asked", ["at the record", "at the request"])
def test_the_older_shape_on_request(program: Program, asked: str) -> None:
    at_request = asked == "at the request"
    task_id = made(program, "veo/generate" + "?shape=legacy" * at_request, VEO | {"duration": 6})
    query = {} if at_request else {"shape": "legacy"}
    pending = record(program, "veo/record-info", task_id, **query)
    finish(task_id)
    done = record(program, "veo/record-info", task_id, **query)

    assert (pending["status"], pending["videoUrl"], pending["completedAt"]) == (0, None, None)
    assert (done["status"], done["duration"], done["resolution"], done["aspectRatio"]) == (1, 6, "720p", "16:9")
    assert done["videoUrl"].startswith("http")
    assert done["createdAt"].endswith("Z")
    assert "successFlag" not in done


def test_a_runway_record_in_runway_s_words(program: Program) -> None:
    task_id = made(program, "runway/generate", RUNWAY)
    pending = record(program, "runway/record-detail", task_id)
    finish(task_id)
    done = record(program, "runway/record-detail", task_id)

    assert (pending["state"], pending["videoInfo"], pending["failCode"], pending["failMsg"]) == ("wait", None, 0, "")
    assert (done["state"], done["generateParam"]["prompt"], done["expireFlag"]) == ("success", PROMPT, 0)
    assert done["videoInfo"]["taskId"] == task_id
    assert program.http.get(urlsplit(done["videoInfo"]["imageUrl"]).path).status_code != 404


def test_an_aleph_record(program: Program) -> None:
    task_id = made(program, "aleph/generate", ALEPH)
    finish(task_id)

    data = record(program, "aleph/record-info", task_id)

    assert data["successFlag"] == 1
    assert data["response"]["resultVideoUrl"] in json.loads(data["resultJson"])["resultUrls"]
    assert "fallbackFlag" not in data


@pytest.mark.parametrize(
    ("path", "body", "look", "read"),
    [
        ("veo/generate", VEO, "veo/record-info", veo.read_record),
        ("runway/generate", RUNWAY, "runway/record-detail", runway.read_record),
        ("aleph/generate", ALEPH, "aleph/record-info", aleph.read_record),
    ],
)
def test_our_own_reader_understands_each_record(program: Program, path: str, body: dict[str, Any], look: str, read: Any) -> None:
    waiting, done, failed = (made(program, path, body) for _ in range(3))
    finish(done)
    fail(failed)

    records = [read(record(program, look, task_id)) for task_id in (waiting, done, failed)]

    assert [found.state == "success" for found in records] == [False, True, False]
    assert [len(found.result_urls) for found in records] == [0, 1, 0]
    assert (records[2].state, records[2].fail_code, records[2].fail_message) == ("fail", "501", "The clip was blocked.")
    assert records[1].echo.input["prompt"] == body["prompt"]


# --- who sees what --------------------------------------------------------------------------------------------------
UNKNOWN: dict[str, tuple[int, str]] = {
    "veo/record-info": (422, "Record not found for taskId: {id}"),
    "runway/record-detail": (200, "success"),
    "aleph/record-info": (200, "success"),
    "veo/get-1080p-video": (422, "Record does not exist"),
    "veo/get-veo-3-1080-p-video": (422, "Record does not exist"),
}


@pytest.mark.parametrize("path", UNKNOWN)
def test_the_task_of_another_team_mode_or_family_is_answered_like_one_that_does_not_exist(
    program: Program, stranger: Program, personas: Personas, path: str
) -> None:
    family, body = (
        ("runway/generate", RUNWAY) if "runway" in path else ("aleph/generate", ALEPH) if "aleph" in path else ("veo/generate", VEO)
    )
    theirs, of_another_family = made(stranger, family, body), program.create_id()
    finish(theirs)
    live = Program(make_key(personas.charlie, mode="live"))
    code, words = UNKNOWN[path]

    asked = [(program, theirs), (live, theirs), (program, of_another_family), (program, "0" * 32), (program, "x")]

    for who, task_id in asked:
        before = world()
        told = words.format(id=task_id)
        assert who.get(f"{V1}/{path}", {"taskId": task_id}) == {"code": code, "msg": told, "data": None}
        assert world() == before
    assert program.get(f"{V1}/{path}") == {"code": 400, "msg": "taskId parameter is required", "data": None}
