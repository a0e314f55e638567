"""Who may ask: the key decides team and mode, and a wrong one learns nothing."""

from __future__ import annotations

import json
import time

import pytest
from django.test import Client, override_settings

from playground.accounts import access
from playground.accounts.models import ApiKey
from playground.api.envelopes import UNAUTHORIZED
from playground.core import clock
from tests.api.client import CREATE, CREDIT, RECORD, Program, envelope, request_body, world
from tests.factories import Personas, make_key

pytestmark = pytest.mark.django_db
REFUSED = {"code": 401, "msg": UNAUTHORIZED}


def every_endpoint(program: Program) -> list[dict[str, object]]:
    return [program.create(), program.record("0" * 32), program.get(CREDIT)]


def test_the_words_for_a_wrong_key_are_kie_s_with_an_en_dash_and_no_data() -> None:
    assert UNAUTHORIZED.startswith("Unauthorized – Authentication failed.")
    assert envelope(Client().get(CREDIT)) == REFUSED


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer sk-test-wrong",
        "Bearer sk-test-\x00",
        "Bearer " + "sk-" + "x" * 5000,
        "Bearer schlüssel",
        "Basic dXNlcjpwYXNz",
        "sk-test-wrong",
    ],
)
def test_anything_but_a_key_of_ours_is_401_everywhere(personas: Personas, header: str) -> None:
    client = Client(headers={"Authorization": header} if header else {})
    before = world()

    answers = [client.post(CREATE, json.dumps(request_body()), content_type="application/json"), client.get(RECORD), client.get(CREDIT)]

    assert [envelope(answer) for answer in answers] == [REFUSED] * 3
    assert world() == before


def test_the_scheme_may_be_written_in_any_case(program: Program) -> None:
    answer = Client().get(CREDIT, headers={"Authorization": f"bEARER  {program.secret} "})

    assert envelope(answer)["code"] == 200


def test_a_revoked_key_is_refused(program: Program) -> None:
    assert program.create()["code"] == 200
    ApiKey.objects.update(revoked_at=clock.now())
    access.forget_keys()

    assert every_endpoint(program) == [REFUSED] * 3


def test_a_revoked_key_is_remembered_for_a_second_at_most(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program.get(CREDIT)["code"] == 200
    ApiKey.objects.update(revoked_at=clock.now())
    later = time.monotonic() + 1.01
    monkeypatch.setattr(time, "monotonic", lambda: later)

    assert program.get(CREDIT) == REFUSED


def test_a_person_s_session_opens_nothing_here(personas: Personas) -> None:
    browser = Client()
    browser.force_login(personas.alice.user)

    assert envelope(browser.get(CREDIT)) == REFUSED


def test_a_key_in_the_address_opens_nothing(program: Program) -> None:
    assert envelope(Client().get(CREDIT, {"key": program.secret, "api_key": program.secret})) == REFUSED


def test_the_key_is_asked_before_the_body_is_read(program: Program) -> None:
    """Who has no key cannot make the server work through a body, nor learn its limits."""
    assert envelope(Client().post(CREATE, "x" * 2_000_000, content_type="application/json")) == REFUSED
    assert envelope(Client().post(CREATE, "no JSON", content_type="application/json")) == REFUSED


def test_the_key_s_mode_chooses_the_account(personas: Personas) -> None:
    live, test = Program(make_key(personas.alice, mode="live")), Program(make_key(personas.alice, mode="test"))

    assert (live.get(CREDIT)["data"], test.get(CREDIT)["data"]) == (0, 10_000)


@override_settings(FAILED_KEYS_PER_MINUTE=3)
def test_guessing_keys_is_slowed_down_per_address_but_a_good_key_still_works(program: Program) -> None:
    guesses = [Client().get(CREDIT, headers={"Authorization": f"Bearer sk-test-{number}"}) for number in range(5)]

    assert [envelope(guess)["code"] for guess in guesses] == [401, 401, 401, 429, 429]
    assert int(guesses[-1].headers["Retry-After"]) >= 1
    assert program.get(CREDIT)["code"] == 200
    elsewhere = Client(REMOTE_ADDR="198.51.100.7").get(CREDIT, headers={"Authorization": "Bearer sk-test-9"})
    assert envelope(elsewhere) == REFUSED
