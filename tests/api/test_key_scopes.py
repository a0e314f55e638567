"""What a key may do: every address says which scope it needs, and one place asks for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver

from playground.accounts.models import ApiKey, Scope
from playground.api import urls
from tests.api.client import CREATE, CREDIT, VALIDATE, Program, envelope, request_body, world
from tests.api.keys import program_with
from tests.factories import Personas, make_key

pytestmark = pytest.mark.django_db
# What needs no key, and the actions, of which each names its own scope in their registry.
WITHOUT_A_KEY = {"api-not-found", "api-openapi", "modkie-not-found"}
ASKING_THEMSELVES = ("api-action",)
V1 = "/api/v1"
MAKING = [
    CREATE, f"{V1}/veo/generate", f"{V1}/veo/extend", f"{V1}/veo/get-4k-video", f"{V1}/runway/generate", f"{V1}/runway/extend",
    f"{V1}/aleph/generate", "/api/file-stream-upload", "/api/file-base64-upload", "/api/file-url-upload", f"/modkie{V1}/jobs/createTask",
]  # fmt: skip


def routes() -> list[URLPattern]:
    found = [pattern for pattern in urls.urlpatterns if str(pattern.pattern).lstrip("^").startswith(("api/", "modkie/api/"))]
    assert len(found) >= 30
    return [pattern for pattern in found if pattern.name not in WITHOUT_A_KEY]


@pytest.mark.parametrize("route", routes(), ids=lambda route: route.name)
def test_every_address_of_the_api_says_which_scope_it_needs(route: URLPattern) -> None:
    asks_itself = str(route.name).startswith(ASKING_THEMSELVES)

    assert asks_itself or isinstance(getattr(route.callback, "scope", None), Scope), "give `endpoint` a scope"


def test_no_address_of_the_api_stands_anywhere_else() -> None:
    """The list above is all that the resolver knows under /api and /modkie/api."""
    elsewhere = [str(one.pattern) for one in get_resolver().url_patterns if str(one.pattern).startswith(("api", "modkie"))]

    assert elsewhere == []


def test_a_key_that_reads_makes_nothing_and_is_told_which_scope_is_missing(personas: Personas) -> None:
    reader = program_with(personas.alice, scope=Scope.READ)
    before = world()

    answers = {path: json.loads(reader.post(request_body(), path=path).content) for path in MAKING}
    answers["1080p"] = reader.get(f"{V1}/veo/get-1080p-video", {"taskId": "0" * 32})

    for path, answer in answers.items():
        assert answer["code"] == 403, path
        assert answer["msg"] == "This API key has the scope read; this address needs generate."
        assert answer["data"] == {"scope": "read", "needed": "generate"}
    assert world() == before


def test_a_key_that_reads_reads_what_others_made_and_prices_a_task(personas: Personas, program: Program) -> None:
    reader = program_with(personas.alice, scope=Scope.READ)
    task_id = program.create_id()

    assert reader.record(task_id)["data"]["taskId"] == task_id
    assert reader.get(CREDIT)["code"] == 200
    assert envelope(reader.post(request_body(), path=VALIDATE))["data"]["valid"]


@pytest.mark.parametrize("scope", [Scope.GENERATE, Scope.MANAGE])
def test_each_scope_holds_the_ones_before_it(personas: Personas, scope: Scope) -> None:
    program = program_with(personas.alice, scope=scope)

    assert program.record(program.create_id())["code"] == 200


def test_the_status_is_real_where_a_program_asks_for_it(personas: Personas) -> None:
    reader = program_with(personas.alice, scope=Scope.READ)
    answer: Any = reader.post(request_body(), Prefer="status-code")

    assert (answer.status_code, json.loads(answer.content)["code"]) == (403, 403)
    assert reader.post(request_body(), path=f"/modkie{V1}/jobs/createTask").status_code == 403


def test_the_scope_is_asked_before_the_body_is_read(personas: Personas) -> None:
    reader = program_with(personas.alice, scope=Scope.READ)

    assert envelope(reader.post(raw="x" * 2_000_000))["code"] == 403


def test_a_key_made_without_a_word_may_generate_and_no_more(personas: Personas) -> None:
    make_key(personas.alice)

    assert ApiKey.objects.get().scope == Scope.GENERATE
