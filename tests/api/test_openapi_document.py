from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from jsonschema import Draft202012Validator

from playground.api.actions.catalogue import ACTIONS
from playground.catalog import registry
from playground.wire.announcing import announcement, event
from playground.wire.jobs import Clip, JobRecord
from tests.api.client import CREATE, VALIDATE, Program, request_body
from tests.api.contract import closed, operations, whole

pytestmark = [pytest.mark.django_db, pytest.mark.once]

DOCUMENT = "/api/openapi.json"
META_SCHEMA = Path(__file__).parent.parent / "reference" / "openapi-3.1.json"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Asked by providers and watchdogs; no part of any contract.
OURS_ALONE = ("healthz", "hook", "api-not-found", "modkie-not-found")


def served(client: Client) -> dict[str, Any]:
    response = client.get(DOCUMENT)
    assert response.status_code == 200
    body: dict[str, Any] = json.loads(response.content)
    return body


def _module(found: URLPattern | URLResolver) -> str:
    return str(getattr(getattr(found, "urlconf_name", None), "__name__", ""))


def api_addresses() -> set[str]:
    """Every address of the API as the document writes it: `/api/v1/models/{model}/price`."""
    api = next(found for found in get_resolver().url_patterns if _module(found) == "playground.api.urls")
    assert isinstance(api, URLResolver)
    routes = [found for found in api.url_patterns if isinstance(found, URLPattern) and found.name not in OURS_ALONE]
    spelled = {"/" + re.sub(r"<path:model_id>", "{model}", str(found.pattern)) for found in routes}
    # The document has an address for each action, as each takes something else.
    spelled |= {f"/api/actions/{name}" for name in ACTIONS} - spelled
    return {address.replace("<str:name>", "{name}") for address in spelled - {"/api/actions/<str:name>"}}


def test_everybody_may_read_the_document_and_it_is_openapi_3_1(client: Client) -> None:
    document = served(client)
    meta_schema = json.loads(META_SCHEMA.read_text(encoding="utf-8"))

    assert [error.message for error in Draft202012Validator(meta_schema).iter_errors(document)] == []
    assert [server["url"] for server in document["servers"]] == [settings.PUBLIC_URL]


def test_every_address_of_the_api_is_in_the_document_and_no_other(client: Client) -> None:
    assert set(served(client)["paths"]) == api_addresses()


def test_an_address_takes_the_methods_that_the_document_says_and_no_others(program: Program) -> None:
    taken = set()
    for path in api_addresses():
        for method in METHODS:
            response = program.http.generic(
                method,
                path.replace("{model}", "veo3").replace("{name}", "models.list"),
                headers={"Authorization": f"Bearer {program.secret}"},
            )
            if json.loads(response.content).get("code") != 405:
                taken.add((path, method))

    assert taken == set(operations())


def test_every_reference_leads_somewhere_and_every_named_schema_is_used(client: Client) -> None:
    document = served(client)
    text = json.dumps(document)
    references = set(re.findall(r'"#/components/([^"]+)"', text))
    named = {f"{kind}/{name}" for kind in ("schemas", "responses", "parameters") for name in document["components"][kind]}

    assert references - named == set()
    assert {name for name in named - references if not name.startswith("responses/")} == set()


def test_every_schema_is_one(client: Client) -> None:
    rules = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    schemas = served(client)["components"]["schemas"]

    assert schemas
    assert [name for name, schema in schemas.items() if not rules.is_valid(schema)] == []


def test_each_model_that_can_be_run_has_its_input_as_a_named_schema_which_takes_its_example(client: Client) -> None:
    document = served(client)
    schemas = document["components"]["schemas"]
    tasks = Draft202012Validator({**schemas["Task.kie.kling-3.0_video"], "components": {"schemas": schemas}})
    mapping = document["paths"][CREATE]["post"]["requestBody"]["content"]["application/json"]["schema"]["discriminator"]["mapping"]

    for card in registry.live_cards():
        name = mapping[card.id].rpartition("/")[2]
        assert name.startswith("Task.")
        for example in schemas[name]["examples"]:
            assert tasks.evolve(schema={**schemas[name], "components": {"schemas": schemas}}).is_valid(example), card.id


def test_what_the_document_refuses_is_refused(program: Program) -> None:
    body = request_body(input={"prompt": "A calm sea", "duration": "a while"})
    schemas = whole()["components"]["schemas"]
    task = Draft202012Validator({**schemas["Task.modkie.google_veo-3-1"], "components": {"schemas": schemas}})

    assert not task.is_valid(body)
    assert program.create(body)["code"] == 422
    assert program.get(VALIDATE)["code"] == 405


def test_the_examples_of_the_document_are_answered_with_a_price(program: Program) -> None:
    for example in operations()[CREATE, "POST"]["requestBody"]["content"]["application/json"]["examples"].values():
        verdict = json.loads(program.post(example["value"], path=VALIDATE).content)
        assert verdict["data"]["valid"] is True, verdict


RECORD = JobRecord(
    task_id="0" * 32,
    model="veo3",
    state="success",
    payload_json='{"prompt": "A calm sea"}',
    result_urls=("https://rushes.example/1.mp4", "https://rushes.example/2.mp4"),
    fail_code=None,
    fail_message=None,
    created_ms=1,
    completed_ms=2,
    updated_ms=2,
    millicredits=35_500,
    sandbox=True,
    progress=100,
    clips=(Clip("https://rushes.example/1.mp4", "https://rushes.example/1.webp", has_audio=True),),
)


@pytest.mark.parametrize("state", ["success", "fail"])
def test_what_is_posted_when_a_task_ends_is_in_the_document(state: Any) -> None:
    schemas = whole()["components"]["schemas"]
    kinds = whole()["webhooks"]["taskEnded"]["post"]["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    failed = replace(RECORD, state="fail", result_urls=(), clips=(), fail_code="501", fail_message="Refused.")
    record = failed if state == "fail" else RECORD
    endpoints = {card.endpoint for card in registry.all_cards()}

    for endpoint in endpoints:
        body = announcement(record, endpoint)
        for told in (body, event(body, kind="task.succeeded", at="2026-11-20T10:00:00Z")):
            assert fitting(kinds, schemas, told), endpoint


def fitting(kinds: list[dict[str, str]], schemas: dict[str, Any], body: object) -> list[str]:
    every = {"components": {"schemas": closed(schemas)}}
    return [kind["$ref"] for kind in kinds if Draft202012Validator({**kind, **every}).is_valid(body)]


def test_whoever_has_the_document_already_is_sent_nothing(client: Client) -> None:
    first = client.get(DOCUMENT)
    again = client.get(DOCUMENT, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_it_travels_packed_and_the_packed_one_is_told_apart(client: Client) -> None:
    plain, packed = client.get(DOCUMENT), client.get(DOCUMENT, headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_the_document_is_only_read(client: Client) -> None:
    assert json.loads(client.post(DOCUMENT).content)["code"] == 405
