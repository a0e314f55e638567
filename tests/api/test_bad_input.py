"""Every bad request to createTask gets a clear envelope, and leaves no trace: nothing written, nothing held."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import override_settings

from playground.api.envelopes import NO_RECORD, UNKNOWN_MODEL
from playground.jobs.models import Job
from tests.api.client import CREATE, INPUT, RECORD, Program, envelope, request_body, world
from tests.factories import KLING, Personas, make_job, make_key

pytestmark = pytest.mark.django_db


def raw_with(input_text: str) -> str:
    return '{"model": "google/veo-3-1", "input": ' + input_text + "}"


UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "empty body": ("", "empty"),
    "only blanks": (" \r\n\t", "empty"),
    "no JSON": ("model=google/veo-3-1", "not JSON"),
    "cut off": ('{"model": "google/veo', "not JSON"),
    "text after it": ("{} {}", "not JSON"),
    "single quotes": ("{'model': 1}", "not JSON"),
    "a list": ("[]", "must be a JSON object"),
    "a text": ('"model"', "must be a JSON object"),
    "null": ("null", "must be a JSON object"),
    "NaN": (raw_with('{"prompt": "x", "duration": NaN}'), "NaN"),
    "Infinity": (raw_with('{"prompt": "x", "duration": -Infinity}'), "-Infinity"),
    "an endless number": (raw_with('{"prompt": "x", "duration": 1e999}'), "too large"),
    "a number of 5,000 digits": (raw_with('{"prompt": "x", "duration": ' + "9" * 5000 + "}"), "too long"),
    "a name twice": ('{"model": "a", "model": "b", "input": {}}', "'model' twice"),
    "a name twice inside": (raw_with('{"prompt": "x", "duration": 5, "duration": 8}'), "'duration' twice"),
    "nested deeply": (raw_with("[" * 200 + "]" * 200), "nested too deeply"),
    "nested very deeply": (raw_with("[" * 100_000 + "]" * 100_000), "nested too deeply"),
    "objects nested deeply": (raw_with('{"a":' * 5000 + "1" + "}" * 5000), "nested too deeply"),
    "Latin-1": ('{"model": "é"}'.encode("latin-1"), "not UTF-8"),
    "UTF-16": ('{"model": "x"}'.encode("utf-16"), "not UTF-8"),
    "NUL bytes": (b"\x00\x00\x00", "not JSON"),
    "a raw line break in a text": ('{"model": "a\nb"}', "not JSON"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_unreadable_body_is_400(program: Program, case: str) -> None:
    raw, words = UNREADABLE[case]
    before = world()

    answer = envelope(program.post(raw=raw))

    assert (answer["code"], answer["data"]) == (400, None)
    assert words in answer["msg"]
    assert world() == before


def wrong(field: str, value: Any) -> dict[str, Any]:
    return request_body(input=INPUT | {field: value})


INVALID: dict[str, tuple[dict[str, Any], str, str]] = {
    # what: (body, pointer, rule)
    "no model": (request_body(model=None), "/model", "required"),
    "an empty model": (request_body(model=""), "/model", "required"),
    "a model that is a number": (request_body(model=31), "/model", "type"),
    "no input": (request_body(input=None), "/input", "required"),
    "input is null": (request_body() | {"input": None}, "/input", "required"),
    "input is a text": (request_body(input=json.dumps(INPUT)), "/input", "type"),
    "input is a list": (request_body(input=[INPUT]), "/input", "type"),
    "a gateway that is a list": (request_body(gateway=["modkie"]), "/gateway", "type"),
    "a callback that is an object": (request_body(callBackUrl={"url": "https://example.com"}), "/callBackUrl", "type"),
    "a callback without a scheme": (request_body(callBackUrl="example.com/hook"), "/callBackUrl", "format"),
    "a callback by ftp": (request_body(callBackUrl="ftp://example.com/"), "/callBackUrl", "format"),
    "a callback with a password": (request_body(callBackUrl="https://a:b@example.com/"), "/callBackUrl", "format"),
    "a callback with a line break": (request_body(callBackUrl="https://example.com/\nHost: x"), "/callBackUrl", "format"),
    "a callback with a lone surrogate": (request_body(callBackUrl="https://example.com/\ud800"), "/callBackUrl", "format"),
    "a callback with a broken port": (request_body(callBackUrl="https://example.com:99999/"), "/callBackUrl", "format"),
    "a long callback": (request_body(callBackUrl="https://example.com/" + "x" * 2000), "/callBackUrl", "max_length"),
    "a callback to this machine": (request_body(callBackUrl="http://127.0.0.1:8000/"), "/callBackUrl", "blocked_address"),
    "a callback to a decimal address": (request_body(callBackUrl="http://2130706433/"), "/callBackUrl", "blocked_address"),
    "a callback to a private network": (request_body(callBackUrl="https://192.168.1.1/"), "/callBackUrl", "blocked_address"),
    "a callback to a bare name": (request_body(callBackUrl="http://postgres/"), "/callBackUrl", "blocked_address"),
    "no prompt": (request_body(input={"duration": 5}), "/input/prompt", "required"),
    "an empty input": (request_body(input={}), "/input/prompt", "required"),
    "an empty prompt": (wrong("prompt", ""), "/input/prompt", "min_length"),
    "a prompt over the ceiling": (wrong("prompt", "x" * 20_001), "/input/prompt", "max_length"),
    "a prompt that is a number": (wrong("prompt", 7), "/input/prompt", "type"),
    "a prompt that is null": (wrong("prompt", None), "/input/prompt", "type"),
    "a prompt with NUL": (wrong("prompt", "a\x00b"), "/input/prompt", "characters"),
    "a prompt with a lone surrogate": (wrong("prompt", "a\ud800b"), "/input/prompt", "characters"),
    "an unknown ratio": (wrong("aspect_ratio", "2:1"), "/input/aspect_ratio", "enum"),
    "a ratio that is a list": (wrong("aspect_ratio", ["16:9"]), "/input/aspect_ratio", "enum"),
    "a duration in words": (wrong("duration", "five"), "/input/duration", "enum"),
    "a duration that is true": (wrong("duration", True), "/input/duration", "enum"),
    "a duration of 4,000 digits": (wrong("duration", 10**4000), "/input/duration", "enum"),
    "a duration out of range": (request_body(model=KLING, input={"prompt": "x", "duration": 16}), "/input/duration", "maximum"),
    "half a second": (request_body(model=KLING, input={"prompt": "x", "duration": 1.5}), "/input/duration", "type"),
    "a switch that is a text": (request_body(model=KLING, input={"prompt": "x", "generate_audio": "yes"}), "/input/generate_audio", "type"),
    "an unknown field": (wrong("durration", 5), "/input/durration", "unknown_field"),
    "an unknown field with a slash": (wrong("a/b~c", 5), "/input/a~1b~0c", "unknown_field"),
    "an unknown field named like a known one": (wrong("callBackUrl", "x"), "/input/callBackUrl", "unknown_field"),
    "a field without a name": (wrong("", 5), "/input/", "unknown_field"),
}


@pytest.mark.parametrize("case", INVALID)
def test_an_invalid_request_is_422_with_pointer_rule_and_sentence(program: Program, case: str) -> None:
    body, pointer, rule = INVALID[case]
    before = world()

    answer = program.create(body)

    assert answer["code"] == 422
    errors = {(error["pointer"], error["rule"]): error["message"] for error in answer["data"]["errors"]}
    assert (pointer, rule) in errors
    assert errors[pointer, rule].endswith(".")
    field = pointer.rsplit("/", 1)[1].replace("~1", "/").replace("~0", "~")
    assert field in answer["msg"]
    assert world() == before


def test_all_problems_are_told_at_once(program: Program) -> None:
    answer = program.create(request_body(input={"duration": 7, "aspect_ratio": "2:1", "style": "noir"}))

    pointers = {error["pointer"] for error in answer["data"]["errors"]}
    assert pointers == {"/input/prompt", "/input/duration", "/input/aspect_ratio", "/input/style"}


def test_an_answer_stays_short_however_much_is_wrong(program: Program) -> None:
    answer = program.post(request_body(input={"x" * 300 + str(number): number for number in range(2000)}))

    assert len(answer.content) < 60_000
    assert envelope(answer)["code"] == 422


@pytest.mark.parametrize("model", ["nothing-like-it", "../../etc/passwd", "x" * 100_000, "\ud800", "a\x00b"])
def test_an_unknown_model_gets_kie_s_words(program: Program, model: str) -> None:
    before = world()

    assert program.create(request_body(model=model)) == {"code": 422, "msg": UNKNOWN_MODEL, "data": None}
    assert world() == before


@pytest.mark.parametrize(
    ("model", "meant"),
    [("google/veo-3-1 ", "google/veo-3-1"), ("GOOGLE/VEO-3-1", "google/veo-3-1"), ("kling-3.0/vidoe", "kling-3.0/video")],
)
def test_a_misspelt_model_is_told_what_may_have_been_meant(program: Program, model: str, meant: str) -> None:
    answer = program.create(request_body(model=model))

    assert (answer["code"], answer["msg"]) == (422, UNKNOWN_MODEL)
    (error,) = answer["data"]["errors"]
    assert (error["pointer"], error["rule"]) == ("/model", "unknown_model")
    assert meant in error["message"]


def test_a_known_model_on_another_gateway_is_unknown(program: Program) -> None:
    assert program.create(request_body(gateway="nowhere"))["msg"] == UNKNOWN_MODEL


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=2000)
def test_a_body_over_the_limit_is_413(program: Program) -> None:
    before = world()

    answer = program.create(request_body(input=INPUT | {"prompt": "x" * 2000}))

    assert (answer["code"], answer["data"]) == (413, None)
    assert "2,000 bytes" in answer["msg"]
    assert world() == before


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "²", "9" * 5000])
def test_an_impossible_length_is_413_and_nothing_is_read(program: Program, length: str) -> None:
    answer = program.http.generic("POST", CREATE, b"{}", headers={"Authorization": f"Bearer {program.secret}"}, CONTENT_LENGTH=length)

    assert envelope(answer)["code"] == 413


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "schlüssel", "line\x7fend"])
def test_an_unusable_idempotency_key_is_400(program: Program, key: str) -> None:
    before = world()

    answer = program.create(Idempotency_Key=key)

    assert answer["code"] == 400
    assert "Idempotency-Key" in answer["msg"]
    assert world() == before


@override_settings(TEAM_QUEUE_CAP=2)
def test_a_full_queue_is_429_with_retry_after(program: Program, personas: Personas) -> None:
    for _ in range(2):
        make_job(personas.bob)
    before = world()

    response = program.post(request_body())

    assert envelope(response)["code"] == 429
    assert int(response.headers["Retry-After"]) >= 1
    assert world() == before


@override_settings(TEAM_QUEUE_CAP=2)
def test_a_queue_is_as_full_as_jobs_wait_however_long_ago_the_oldest_of_them_was_made(program: Program, personas: Personas) -> None:
    program.create_id()
    for _ in range(3):
        Job.objects.filter(pk=make_job(personas.bob).job.pk).update(state="success")

    codes = [program.create()["code"] for _ in range(2)]

    assert codes == [200, 429]


@override_settings(TEAM_QUEUE_CAP=1)
def test_the_queue_of_one_team_is_not_that_of_another(program: Program, stranger: Program) -> None:
    program.create_id()

    assert stranger.create()["code"] == 200


@override_settings(CREATE_TASKS_PER_MINUTE=3)
def test_too_many_tasks_of_one_key_are_429_with_retry_after(program: Program, personas: Personas) -> None:
    other = Program(make_key(personas.alice, name="another"))
    codes = [program.create()["code"] for _ in range(3)]
    before = world()

    response = program.post(request_body())

    assert codes == [200, 200, 200]
    assert envelope(response)["code"] == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 61
    assert world() == before
    assert other.create()["code"] == 200


def test_live_without_a_provider_key_says_what_is_missing(personas: Personas) -> None:
    before = world()

    answer = Program(make_key(personas.alice, mode="live")).create()

    assert answer["code"] == 422
    assert "ModKie" in answer["msg"]
    assert world() == before


@pytest.mark.parametrize("query", [{}, {"taskId": ""}, {"taskid": "x"}])
def test_a_missing_task_id_is_400(program: Program, query: dict[str, str]) -> None:
    assert program.get(RECORD, query) == {"code": 400, "msg": "taskId parameter is required", "data": None}


@pytest.mark.parametrize(
    "task_id", ["x", "0" * 32, "0" * 31, "0" * 33, "{" + "0" * 32 + "}", "٣" * 32, "' OR 1=1 --", "\x00", "0" * 10_000, "-" * 36, "%"]
)
def test_an_id_that_is_none_is_answered_like_one_that_is_unknown(program: Program, task_id: str) -> None:
    assert program.record(task_id) == {"code": 422, "msg": NO_RECORD, "data": None}
