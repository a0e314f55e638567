"""validateTask: what createTask would say and take, without anything happening."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from playground.api.envelopes import UNKNOWN_MODEL
from playground.catalog import registry
from playground.credits.models import Account
from playground.jobs.models import Job
from tests.api.client import INPUT, VALIDATE, Program, envelope, request_body
from tests.api.test_bad_input import INVALID, UNREADABLE
from tests.factories import KLING, Personas, make_job, make_key

pytestmark = pytest.mark.django_db
GROK = "grok-imagine/text-to-video"
RETIRED = "sora-2-text-to-video"


def all_rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def validate(program: Program, body: object) -> dict[str, Any]:
    answer = envelope(program.post(body, path=VALIDATE))
    assert answer["code"] == 200, answer
    verdict: dict[str, Any] = answer["data"]
    return verdict


def test_a_good_request_is_valid_and_priced(program: Program) -> None:
    assert validate(program, request_body()) == {
        "valid": True,
        "errors": [],
        "hints": [],
        "quote": {"credits": 60, "usd": 0.3, "formula": "60 credits per job"},
    }


def test_a_bad_request_is_answered_and_not_refused(program: Program) -> None:
    verdict = validate(program, request_body(input={"prompt": "x", "duration": 7, "durration": 5}))

    assert (verdict["valid"], verdict["quote"]) == (False, None)
    assert [(error["pointer"], error["rule"]) for error in verdict["errors"]] == [
        ("/input/durration", "unknown_field"),
        ("/input/duration", "enum"),
    ]
    assert all(error["message"] for error in verdict["errors"])


def test_a_missing_prompt_is_told_together_with_the_price(program: Program) -> None:
    verdict = validate(program, request_body(input={"duration": 5}))

    assert [(error["pointer"], error["rule"]) for error in verdict["errors"]] == [("/input/prompt", "required")]
    assert verdict["quote"]["credits"] == 60


def test_a_hint_names_its_field_and_its_fix(program: Program) -> None:
    verdict = validate(program, request_body(model=KLING, input={"prompt": "A quiet sea for eight seconds", "duration": 5}))

    (hint,) = verdict["hints"]
    assert verdict["valid"]
    assert (hint["code"], hint["level"], hint["field"], hint["pointer"]) == ("duration", "warn", "prompt", "/input/prompt")
    assert hint["fix"] == {"field": "duration", "value": 8, "label": "Set to 8 s"}


def test_a_callback_over_http_is_allowed_with_a_hint(program: Program) -> None:
    verdict = validate(program, request_body(callBackUrl="http://example.com/hook"))

    assert verdict["valid"]
    assert [(hint["code"], hint["level"]) for hint in verdict["hints"]] == [("callback_http", "warn")]


@pytest.mark.parametrize("mode", ["test", "live"])
@pytest.mark.parametrize("case", ["good", "bad", "callback", "retired", "unknown", "unreadable"])
@override_settings(MODKIE_API_KEY="sk-any")
def test_nothing_is_ever_written(personas: Personas, mode: Any, case: str) -> None:
    program = Program(make_key(personas.charlie, mode=mode))
    bodies: dict[str, Any] = {
        "good": request_body(callBackUrl="https://example.com/hook"),
        "bad": request_body(input={"prompt": 7}),
        "callback": request_body(callBackUrl="http://127.0.0.1/"),
        "retired": request_body(model=RETIRED, input={"prompt": "A quiet sea at dawn"}),
        "unknown": request_body(model="sora-9"),
        "unreadable": [],
    }
    # Once a minute the time of a key's last use is kept, whatever it asks.
    program.get("/api/v1/models")
    Account.objects.filter(team=personas.charlie.team, mode="live").delete()
    before = all_rows()
    with CaptureQueriesContext(connection) as captured:
        program.post(bodies[case], path=VALIDATE, Idempotency_Key="same")

    assert all_rows() == before
    assert {query["sql"].split()[0] for query in captured.captured_queries} <= {"SELECT"}


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_unreadable_body_is_answered_as_by_create_task(program: Program, case: str) -> None:
    raw, _ = UNREADABLE[case]

    assert envelope(program.post(raw=raw, path=VALIDATE)) == envelope(program.post(raw=raw))


@pytest.mark.parametrize("case", INVALID)
def test_both_name_the_same_mistakes(program: Program, case: str) -> None:
    body, pointer, rule = INVALID[case]
    refused = program.create(body)
    answer = envelope(program.post(body, path=VALIDATE))

    told = answer["data"]["errors"]
    assert told == refused["data"]["errors"]
    assert (pointer, rule) in {(error["pointer"], error["rule"]) for error in told}
    assert answer["code"] == 422 or answer["data"]["valid"] is False


def test_an_unknown_model_gets_kie_s_words(program: Program) -> None:
    assert envelope(program.post(request_body(model="sora-9"), path=VALIDATE)) == {"code": 422, "msg": UNKNOWN_MODEL, "data": None}


def test_a_retired_model_is_an_error_at_the_model(program: Program) -> None:
    example = dict(registry.get(RETIRED).example)
    verdict = validate(program, {"model": RETIRED, "input": example})

    assert [(error["pointer"], error["rule"]) for error in verdict["errors"]] == [("/model", "retired")]
    assert program.create({"model": RETIRED, "input": example})["code"] == 422


@pytest.mark.parametrize(("gateway", "title"), [("kie", 1), ("modkie", 2), ("nowhere", 0)])
def test_the_gateway_tells_apart_what_two_share(program: Program, gateway: str, title: int) -> None:
    shared = {card.id for card in registry.live_cards() if card.gateway == "kie"} & {
        card.id for card in registry.live_cards() if card.gateway == "modkie"
    }
    model = sorted(shared)[0]
    body = {"model": model, "gateway": gateway, "input": dict(registry.get(model).example)}
    codes = [envelope(program.post(body, path=path))["code"] for path in (VALIDATE, "/api/v1/jobs/createTask")]

    assert codes == ([200, 200] if title else [422, 422])
    assert [job.gateway for job in Job.objects.all()] == ([gateway] if title else [])


def test_a_live_key_without_a_provider_key_is_told_so(personas: Personas) -> None:
    verdict = validate(Program(make_key(personas.alice, mode="live")), request_body())

    assert verdict["valid"]
    assert [(hint["code"], hint["level"]) for hint in verdict["hints"]][:1] == [("live_unavailable", "bad")]
    assert verdict["quote"]["credits"] == 60


def test_too_few_credits_are_told_and_the_request_is_valid_all_the_same(program: Program, personas: Personas) -> None:
    Account.objects.filter(team=personas.alice.team, mode="test").update(available_millicredits=59_999)
    verdict = validate(program, request_body())

    assert (verdict["valid"], [hint["code"] for hint in verdict["hints"]]) == (True, ["credits"])


@override_settings(QUOTES_PER_MINUTE=2)
def test_too_many_dry_runs_of_one_key_are_429(program: Program, personas: Personas) -> None:
    other = Program(make_key(personas.alice, name="another"))
    codes = [envelope(program.post(request_body(), path=VALIDATE))["code"] for _ in range(2)]
    response = program.post(request_body(), path=VALIDATE)

    assert codes == [200, 200]
    assert envelope(response)["code"] == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 61
    assert validate(other, request_body())["valid"]


def test_a_key_is_needed_and_posting_too(program: Program) -> None:
    assert envelope(Program("sk-test-wrong").post(request_body(), path=VALIDATE))["code"] == 401
    assert program.get(VALIDATE)["code"] == 405


def test_an_earlier_take_is_found_by_its_task_id(program: Program, personas: Personas) -> None:
    """Grok extend continues a clip; which, says the payload."""
    parent = make_job(
        personas.alice, model_id="grok-imagine/text-to-video", payload=dict(registry.get("grok-imagine/text-to-video").example)
    )
    payload = dict(registry.get("grok-imagine/extend").example) | {"task_id": parent.job.pk.hex}
    body = {"model": "grok-imagine/extend", "input": payload}
    unfinished = validate(program, body)
    Job.objects.filter(pk=parent.job.pk).update(state="success")
    finished = validate(program, body)
    foreign = validate(program, {**body, "input": payload | {"task_id": "0" * 32}})

    assert [(error["pointer"], error["rule"]) for error in unfinished["errors"]] == [("/input/task_id", "task_unfinished")]
    assert (finished["valid"], finished["hints"]) == (True, [])
    assert (foreign["valid"], [hint["code"] for hint in foreign["hints"]]) == (True, ["unknown_task"])


@pytest.mark.parametrize(("resolution", "credits"), [("480p", 14.4), ("720p", 27)])
def test_the_price_depends_on_what_the_earlier_take_was_made_with(
    program: Program, personas: Personas, resolution: str, credits: float
) -> None:
    example = dict(registry.get(GROK).example) | {"resolution": resolution}
    parent = make_job(personas.alice, model_id=GROK, payload=example).job
    Job.objects.filter(pk=parent.pk).update(state="success")
    verdict = validate(
        program, {"model": "grok-imagine/extend", "input": {"task_id": parent.pk.hex, "prompt": "It sails on.", "extend_times": "6"}}
    )

    assert verdict["quote"]["credits"] == credits


def test_an_earlier_take_of_another_team_is_as_good_as_none(stranger: Program, personas: Personas) -> None:
    parent = make_job(
        personas.alice, model_id="grok-imagine/text-to-video", payload=dict(registry.get("grok-imagine/text-to-video").example)
    )
    Job.objects.filter(pk=parent.job.pk).update(state="success")
    body = {"model": "grok-imagine/extend", "input": dict(registry.get("grok-imagine/extend").example) | {"task_id": parent.job.pk.hex}}

    assert [hint["code"] for hint in validate(stranger, body)["hints"]] == ["unknown_task"]


@override_settings(MODKIE_API_KEY="sk-any")
def test_in_live_mode_an_unknown_take_is_refused(personas: Personas) -> None:
    example = dict(registry.get("grok-imagine/extend").example) | {"task_id": "0" * 32}
    verdict = validate(Program(make_key(personas.alice, mode="live")), {"model": "grok-imagine/extend", "input": example})

    assert [(error["pointer"], error["rule"]) for error in verdict["errors"]] == [("/input/task_id", "unknown_task")]


def test_an_answer_stays_short_however_much_is_wrong(program: Program) -> None:
    answer = program.post(request_body(input={"x" * 300 + str(number): number for number in range(2000)}), path=VALIDATE)

    assert len(answer.content) < 60_000
    assert len(json.loads(answer.content)["data"]["errors"]) == 50


def test_unpriced_models_have_no_quote_and_cost_nothing_in_test_mode(program: Program, personas: Personas) -> None:
    (card, *_) = [card for card in registry.live_cards() if card.pricing.get("unpublished")]
    body = {"model": card.id, "gateway": card.gateway, "input": dict(card.example)}
    verdict = validate(program, body)
    live = validate(Program(make_key(personas.alice, mode="live")), body)

    assert (verdict["valid"], verdict["quote"]) == (True, None)
    assert "unpriced" in {hint["code"] for hint in verdict["hints"]}
    assert live["quote"] is None
    assert ("unpriced", "bad") in {(hint["code"], hint["level"]) for hint in live["hints"]}


def test_input_is_compared_with_the_card_and_not_with_what_stands_beside_it(program: Program) -> None:
    assert validate(program, request_body(capability="video", metadata={"note": 1}, input=INPUT))["valid"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "data:image/png;base64,AAAA", "ftp://example.com/a.png"])
def test_an_address_that_no_provider_could_read_is_refused(program: Program, address: str) -> None:
    body = {"model": "kling/v2-1-pro", "input": {"prompt": "The fox leaps over the stream", "image_url": address, "duration": "5"}}

    verdict = validate(program, body)

    assert [(error["pointer"], error["rule"]) for error in verdict["errors"]] == [("/input/image_url", "format")]
    assert "must be an http or https address" in verdict["errors"][0]["message"]


def test_an_asset_that_the_provider_holds_is_taken_as_it_is(program: Program) -> None:
    body = {
        "model": "bytedance/seedance-2",
        "input": {"prompt": "A robot waters a garden", "first_frame_url": "asset://img-1", "duration": 5},
    }

    verdict = validate(program, body)

    assert verdict["valid"]
    assert "unseen_file" not in {hint["code"] for hint in verdict["hints"]}
