"""Whatever goes wrong under /api/, the answer is an envelope."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client, override_settings

from playground.api import making
from tests.api.client import CREATE, CREDIT, RECORD, Program, envelope, request_body, world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1", "/api/v1/jobs", "/api/v1/jobs/createtask", "/api/v1/jobs/createTask/", "/api/%00", "/api/a%0Ab"]
)
def test_an_unknown_address_is_404(path: str) -> None:
    answer = envelope(Client().get(path))

    assert (answer["code"], answer["data"]) == (404, None)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", CREATE, "POST"), ("PUT", CREATE, "POST"), ("POST", RECORD, "GET, HEAD"), ("DELETE", CREDIT, "GET, HEAD")],
)
def test_a_wrong_method_is_405_and_names_the_right_one(program: Program, method: str, path: str, allowed: str) -> None:
    response = program.http.generic(method, path, b"{}", headers={"Authorization": f"Bearer {program.secret}"})

    assert envelope(response)["code"] == 405
    assert response.headers["Allow"] == allowed


def test_a_wrong_host_is_an_envelope_that_names_the_setting(program: Program) -> None:
    before = world()
    response = program.http.post(
        CREATE,
        json.dumps(request_body()),
        content_type="application/json",
        headers={"Authorization": f"Bearer {program.secret}", "Host": "evil.example"},
    )

    answer = envelope(response)
    assert answer["code"] == 400
    assert "PUBLIC_URL" in answer["msg"]
    assert world() == before


def test_a_fault_of_ours_is_500_with_a_number_and_without_internals(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("secret detail of the database")

    monkeypatch.setattr(making, "create_job", broken)
    response = program.post(request_body())

    answer = envelope(response)
    assert (answer["code"], answer["data"]) == (500, None)
    assert response.headers["X-Request-Id"] in answer["msg"]
    assert "secret detail" not in response.content.decode()
    assert any(response.headers["X-Request-Id"] in record.getMessage() and record.exc_info for record in caplog.records)
    assert all(program.secret not in logging.Formatter().format(record) for record in caplog.records)


REAL_STATUSES = {"400": "{", "422": "{}", "413": "x" * 3000}


@override_settings(KIE_HTTP_STATUS_ERRORS=True, DATA_UPLOAD_MAX_MEMORY_SIZE=2000)
@pytest.mark.parametrize("status", REAL_STATUSES)
def test_real_statuses_by_a_setting(program: Program, status: str) -> None:
    response = program.post(raw=REAL_STATUSES[status])

    assert response.status_code == json.loads(response.content)["code"] == int(status)


def test_real_statuses_for_one_request() -> None:
    response = Client().get(CREDIT, headers={"Prefer": "status-code"})

    assert response.status_code == json.loads(response.content)["code"] == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_answers_are_kept_by_no_cache(program: Program) -> None:
    assert program.post(request_body()).headers["Cache-Control"] == "no-store"


def test_a_head_request_gets_the_headers(program: Program) -> None:
    assert program.http.head(CREDIT, headers={"Authorization": f"Bearer {program.secret}"}).status_code == 200


def test_no_origin_is_invited_to_read_answers(program: Program) -> None:
    response = program.http.get(CREDIT, headers={"Authorization": f"Bearer {program.secret}", "Origin": "https://evil.example"})

    assert not [name for name in response.headers if name.lower().startswith("access-control-")]


def test_the_api_sets_no_cookie(program: Program) -> None:
    assert program.post(request_body()).cookies == {}
