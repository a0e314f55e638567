"""What programs ask goes past what only pages need, and keeps what protects both."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{hasattr(request, 'session')}")


urlpatterns = [path("api/unmarked", unmarked), path("unmarked", unmarked), path("", include("playground.urls"))]


@pytest.mark.urls(__name__)
def test_a_programs_request_has_no_session_and_a_pages_has_one(client: Client) -> None:
    assert client.get("/api/unmarked").content == b"False"
    assert client.get("/unmarked").content == b"True"


@pytest.mark.urls(__name__)
def test_a_view_that_is_not_made_for_programs_is_refused_and_not_left_open() -> None:
    assert Client(enforce_csrf_checks=True).post("/api/unmarked").status_code == 403


def test_answers_for_programs_carry_the_headers_that_pages_carry(client: Client) -> None:
    page, answer = client.get("/login"), client.get("/api/v1/chat/credit")
    for name in ("X-Frame-Options", "X-Content-Type-Options", "Cross-Origin-Opener-Policy"):
        assert answer[name] == page[name]
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer["Content-Length"] == str(len(answer.content)) and answer["X-Request-Id"]
    assert not answer.cookies and "Vary" not in answer


def test_a_wrong_host_name_is_refused_with_an_envelope(client: Client) -> None:
    assert client.get("/api/v1/chat/credit", headers={"host": "elsewhere.example"}).json()["code"] == 400
