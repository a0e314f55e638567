"""The actions contract: ModKie's printed examples, what each action takes and answers, and whose tasks it is about."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.test import Client, override_settings
from jsonschema import Draft202012Validator

from playground.accounts.models import Scope
from playground.api.actions.catalogue import ACTIONS
from playground.api.actions.running import RUN
from playground.api.actions.schemas import GATEWAYS
from playground.api.envelopes import NO_RECORD
from playground.catalog.registry import all_cards
from playground.core import clock
from playground.credits.models import Account
from playground.jobs.models import FailReason, Job, State
from tests.api.client import RECORD, Program, envelope, world
from tests.api.keys import program_with
from tests.factories import VEO, Personas, make_key
from tests.web.playground import add_take, put_in_state

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PROMPT = "cinematic product shot, soft lighting, slow camera push"
GENERATE, WAIT, QUERY, QUOTE, CANCEL = (f"ai.video.{name}" for name in ("generate", "generate_and_wait", "query", "quote", "cancel"))
UNKNOWN = {"code": 422, "msg": NO_RECORD, "data": None}


def done(program: Program, action: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    """The data of an answer that must be a success, and of the form that its schema promises."""
    answer = program.act(action, body, **headers)
    assert answer["code"] == 200, answer
    Draft202012Validator(ACTIONS[action].output).validate(answer["data"])
    data: dict[str, Any] = answer["data"]
    return data


def errors_of(answer: dict[str, Any]) -> list[tuple[str, str]]:
    assert answer["code"] == 422, answer
    return [(error["pointer"], error["rule"]) for error in answer["data"]["errors"]]


def finish(task_id: str, takes: int = 1) -> None:
    job = put_in_state(Job.objects.get(pk=task_id), State.SUCCESS)
    for index in range(takes):
        add_take(job, index=index)


# --- the list -------------------------------------------------------------------------------------------------------
def test_the_list_names_every_action_with_its_scope(program: Program) -> None:
    listed = program.get("/api/actions")["data"]

    assert [entry["name"] for entry in listed["actions"]] == [entry["id"] for entry in listed["actions"]] == list(ACTIONS) == list(RUN)
    assert listed["total"] == 8
    writing = {entry["name"] for entry in listed["actions"] if entry["scope"] == "generate"}
    assert writing == {GENERATE, WAIT, CANCEL}


@pytest.mark.parametrize("name", ACTIONS)
def test_each_action_tells_what_it_takes_and_answers(program: Program, name: str) -> None:
    told = program.get(f"/api/actions/{name}/schema")["data"]

    for side in ("input", "output"):
        Draft202012Validator.check_schema(told[side])
    assert told["input"] == json.loads(json.dumps(ACTIONS[name].input))
    assert told["input"]["additionalProperties"] is False
    assert all("description" in field for field in told["input"]["properties"].values())


def test_a_key_that_reads_runs_what_reads_and_is_told_what_it_lacks_for_the_rest(program: Program, personas: Personas) -> None:
    reader = program_with(personas.alice, scope=Scope.READ)
    task_id = done(program, GENERATE, {"prompt": PROMPT})["taskId"]
    before = world()

    refused = {name: reader.act(name, {"prompt": PROMPT}) for name, action in ACTIONS.items() if action.scope == Scope.GENERATE}
    assert {answer["code"] for answer in refused.values()} == {403}
    assert refused[WAIT]["data"] == {"scope": "read", "needed": "generate"}
    assert world() == before
    for action, body in ((QUERY, {"taskId": task_id}), (QUOTE, {"prompt": PROMPT}), ("credits.balance", {}), ("models.list", {})):
        assert done(reader, action, body)
    assert reader.get("/api/actions")["code"] == 200


def test_an_unknown_action_is_404_wherever_it_is_asked(program: Program) -> None:
    assert program.act("ai.image.generate", {})["code"] == 404
    assert program.get("/api/actions/ai.image.generate/schema")["code"] == 404
    assert program.get("/api/actions/ai.video.query")["code"] == 405


def test_the_gateways_of_the_schemas_are_those_of_the_cards() -> None:
    assert set(GATEWAYS) == {card.gateway for card in all_cards()}


def test_a_key_may_stand_in_x_api_key(program: Program) -> None:
    def asked(**headers: str) -> int:
        return int(envelope(Client().get("/api/actions", headers=headers))["code"])

    assert asked(X_Api_Key=program.secret) == 200
    assert asked(X_Api_Key="sk-test-wrong") == 401
    assert asked(X_Api_Key=program.secret, Authorization="Bearer sk-test-wrong") == 401, "the usual header is the one that counts"


# --- the printed examples -------------------------------------------------------------------------------------------
def test_a_prompt_alone_makes_a_task_of_the_scene_s_default_model(program: Program) -> None:
    task = done(program, GENERATE, {"prompt": PROMPT, "scene": "text-to-video"})

    job = Job.objects.get(pk=task["taskId"])
    assert (job.gateway, job.model_id, job.source, job.payload) == ("kie", "bytedance/seedance-2-mini", "api", {"prompt": PROMPT})
    assert (task["status"], task["videoUrl"], task["videoUrls"], task["sandbox"]) == ("pending", None, [], True)
    assert task["credits"] == {"held": 41, "charged": 0, "returned": 0}


def test_a_picture_is_animated_by_the_default_of_its_scene(program: Program) -> None:
    url = "https://example.com/reference.jpg"
    body = {"prompt": "gentle camera motion, natural lighting", "scene": "image-to-video", "imageInput": url}
    job = Job.objects.get(pk=done(program, GENERATE, body)["taskId"])

    assert (job.gateway, job.model_id, job.payload["first_frame_url"]) == ("kie", "wan/2-7-image-to-video", url)


def test_a_finished_task_is_found_with_and_without_hyphens(program: Program) -> None:
    task_id = done(program, GENERATE, {"prompt": PROMPT})["taskId"]
    finish(task_id, takes=2)

    found = [done(program, QUERY, {"taskId": spelling}) for spelling in (task_id, str(UUID(task_id)), task_id.upper())]

    assert {task["taskId"] for task in found} == {task_id}
    assert found[0]["status"] == "success"
    assert found[0]["videoUrl"] == found[0]["videoUrls"][0] and len(found[0]["videoUrls"]) == 2
    assert found[0]["videoUrl"].startswith("http://testserver/media/")
    assert found[0]["credits"] == {"held": 0, "charged": 41, "returned": 0}


def test_a_failed_task_tells_the_reason_and_what_was_returned(program: Program) -> None:
    task_id = done(program, GENERATE, {"prompt": PROMPT})["taskId"]
    words = {"fail_reason": FailReason.OUTPUT, "fail_code": "501", "fail_message": "The clip was blocked."}
    put_in_state(Job.objects.get(pk=task_id), State.FAIL, **words)

    task = done(program, QUERY, {"taskId": task_id})

    assert (task["status"], task["videoUrl"]) == ("fail", None)
    assert task["error"] == {"reason": "output", "code": "501", "message": "The clip was blocked."}
    assert task["credits"] == {"held": 0, "charged": 0, "returned": 41}


def test_what_was_begun_by_createtask_is_queried_here_and_the_other_way_round(program: Program) -> None:
    assert done(program, QUERY, {"taskId": program.create_id()})["model"] == VEO
    task_id = done(program, GENERATE, {"prompt": PROMPT})["taskId"]
    assert program.get(RECORD, {"taskId": task_id})["data"]["state"] == "waiting"


def test_one_idempotency_key_is_one_task(program: Program) -> None:
    first = done(program, GENERATE, {"prompt": PROMPT}, Idempotency_Key="order-1")
    before = world()
    again = program.post({"prompt": PROMPT}, path=f"/api/actions/{GENERATE}", Idempotency_Key="order-1")
    other = program.act(GENERATE, {"prompt": "Another one"}, Idempotency_Key="order-1")

    assert json.loads(again.content)["data"] == first
    assert again.headers["Idempotency-Replayed"] == "true"
    assert errors_of(other) == [("", "idempotency_conflict")]
    assert world() == before


def test_the_key_s_mode_decides_what_is_made_and_seen(program: Program, personas: Personas) -> None:
    live = Program(make_key(personas.alice, mode="live"))
    task_id = done(program, GENERATE, {"prompt": PROMPT})["taskId"]

    assert live.act(QUERY, {"taskId": task_id}) == UNKNOWN
    assert "Live mode needs a key" in live.act(GENERATE, {"prompt": PROMPT})["msg"]
    assert done(live, "credits.balance", {}) == {"available": 0, "held": 0, "mode": "live"}
    assert done(program, "credits.balance", {}) == {"available": 9959, "held": 41, "mode": "test"}


def test_too_few_credits_are_402(program: Program) -> None:
    Account.objects.update(available_millicredits=40_999)
    before = world()

    assert program.act(GENERATE, {"prompt": PROMPT})["code"] == 402
    assert world() == before


# --- other teams ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("action", [QUERY, CANCEL])
@pytest.mark.parametrize("task_id", ["f" * 32, "x", "\x00", "' OR 1=1 --", "٣" * 32])
def test_a_stranger_s_task_is_answered_like_one_that_does_not_exist(program: Program, stranger: Program, action: str, task_id: str) -> None:
    foreign = done(program, GENERATE, {"prompt": PROMPT})["taskId"]
    before = world()

    assert stranger.act(action, {"taskId": foreign}) == stranger.act(action, {"taskId": task_id}) == UNKNOWN
    assert world() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_the_workspace_is_the_key_s_team_by_id_or_slug_and_any_other_is_unknown(program: Program, personas: Personas, action: str) -> None:
    needed = {"ai.video.query": {"taskId": program.create_id()}, "ai.video.cancel": {"taskId": program.create_id()}}
    body = needed.get(action, {"models.schema": {"model": VEO}, "models.list": {}, "credits.balance": {}}.get(action, {"prompt": PROMPT}))
    ours, theirs = personas.alice.team, personas.charlie.team
    before = world()
    refused = [program.act(action, body | {"workspaceId": wrong}) for wrong in (theirs.pk, theirs.slug, "nobody", 999, "\x00", "%")]

    assert {json.dumps(answer) for answer in refused} == {json.dumps(refused[0])}
    assert errors_of(refused[0]) == [("/workspaceId", "unknown_workspace")]
    assert world() == before
    for own in (ours.pk, str(ours.pk), ours.slug) if action not in (WAIT, CANCEL) else ():
        assert done(program, action, body | {"workspaceId": own})


# --- cancelling -----------------------------------------------------------------------------------------------------
def test_a_waiting_task_is_cancelled_and_its_credits_are_returned(program: Program) -> None:
    task_id = done(program, GENERATE, {"prompt": PROMPT})["taskId"]

    task = done(program, CANCEL, {"taskId": str(UUID(task_id))})

    assert (task["status"], task["error"]["reason"], task["credits"]["returned"]) == ("fail", "cancelled", 41)
    assert done(program, "credits.balance", {})["available"] == 10_000
    assert errors_of(program.act(CANCEL, {"taskId": task_id})) == [("/taskId", "too_late")]


def test_what_the_provider_has_cannot_be_cancelled(program: Program) -> None:
    task_id = done(program, GENERATE, {"prompt": PROMPT})["taskId"]
    put_in_state(Job.objects.get(pk=task_id), State.RUNNING, generating_at=clock.now())
    answer = program.act(CANCEL, {"taskId": task_id})

    assert errors_of(answer) == [("/taskId", "too_late")]
    assert "cannot be stopped" in answer["msg"]
    assert done(program, QUERY, {"taskId": task_id})["status"] == "processing"


# --- quotes and models ----------------------------------------------------------------------------------------------
def test_a_quote_says_what_would_be_taken_and_writes_nothing(program: Program) -> None:
    before = world()
    quote = done(program, QUOTE, {"prompt": PROMPT, "options": {"duration": 10}})

    assert quote["valid"] is True
    assert quote["quote"]["credits"] == 82
    assert quote["input"] == {"prompt": PROMPT, "duration": 10}
    assert world() == before


def test_a_quote_points_at_the_fields_of_the_body(program: Program) -> None:
    quote = done(program, QUOTE, {"scene": "image-to-video", "options": {"duration": 99}})

    assert {(error["pointer"], error["rule"]) for error in quote["errors"]} == {("/options/duration", "maximum")}
    assert quote["valid"] is False and quote["quote"] is None
    hint = done(program, QUOTE, {"prompt": "sea", "imageInput": "https://example.com/a.jpg"})["hints"]
    assert {"/prompt", "/imageInput"} <= {found.get("pointer") for found in hint}


def test_models_are_listed_by_gateway_scene_and_status(program: Program) -> None:
    everything = done(program, "models.list", {})
    editing = done(program, "models.list", {"provider": "kie", "scene": "video-to-video", "status": "live"})

    assert everything["total"] == len(everything["models"]) == len(all_cards())
    assert "wan/2-7-videoedit" in {entry["model"] for entry in editing["models"]}
    assert all("video-to-video" in entry["taskType"] and entry["gateway"] == "kie" for entry in editing["models"])


def test_a_model_s_schema_is_what_options_take(program: Program) -> None:
    shown = done(program, "models.schema", {"model": "kie/bytedance/seedance-2-mini"})

    assert (shown["model"], shown["gateway"]) == ("bytedance/seedance-2-mini", "kie")
    assert shown["schema"]["properties"]["duration"]["maximum"] == 15
    assert errors_of(program.act("models.schema", {"model": "nobody/knows"}))[0] == ("/model", "unknown_model")


@override_settings(CREATE_TASKS_PER_MINUTE=1, QUOTES_PER_MINUTE=1)
def test_rates_hold_here_as_for_createtask(program: Program) -> None:
    for action in (GENERATE, QUOTE):
        answers = [program.post({"prompt": PROMPT}, path=f"/api/actions/{action}") for _ in range(2)]

        assert [json.loads(answer.content)["code"] for answer in answers] == [200, 429]
        assert int(answers[1].headers["Retry-After"]) >= 1


def test_real_statuses_come_where_they_are_asked_for(program: Program) -> None:
    refused = program.post({"taskId": "x"}, path=f"/api/actions/{QUERY}", Prefer="status-code")

    assert (refused.status_code, json.loads(refused.content)["code"]) == (422, 422)
