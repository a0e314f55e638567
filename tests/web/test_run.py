"""Pressing Run: one job per form, and every refusal leaves ledger and form as they were."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from playground.accounts.models import Role
from playground.credits import services as ledger
from playground.credits.models import Account, Entry
from playground.jobs.models import Job
from playground.web.formtokens import FormToken
from tests.factories import KLING, VEO, Personas, make_job, make_owner
from tests.web.playground import HOSTILE, HTMX, KLING_FIELDS, KLING_PAGE, VEO_FIELDS, VEO_PAGE, nonce_of, open_form, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def available(personas: Personas) -> int:
    return Account.objects.get(team=personas.alice.team, mode="test").available_millicredits


def assert_nothing_spent(personas: Personas) -> None:
    assert not Job.objects.exists()
    assert not Entry.objects.filter(kind="hold").exists()
    assert available(personas) == 10_000_000


# --- a job ----------------------------------------------------------------------------------------------------------
def test_run_makes_the_job_of_the_form_and_shows_it(alice: Client, personas: Personas) -> None:
    response = run(alice, headers=HTMX)
    job = Job.objects.get()
    assert response.status_code == 200
    assert response.text.lstrip().startswith('<div class="parts" id="stage"')
    assert response["HX-Push-Url"] == f"{VEO_PAGE}?take={job.number}"
    assert (job.payload, job.price_millicredits, job.source) == ({**VEO_FIELDS, "duration": 5}, 60_000, "web")
    assert (job.created_by, job.mode, available(personas)) == (personas.alice.user, "test", 9_940_000)
    for part in ("which", "strip", "reply", "pulse", "foot", "balance", "rolling"):
        assert f'id="{part}"' in response.text
    assert re.search(r"9,940<span class=\"vh\"> credits available", response.text)
    assert "page-title" in response["HX-Trigger"]


def test_without_javascript_run_leads_to_the_jobs_own_page(alice: Client) -> None:
    response = run(alice)
    assert (response.status_code, response["Location"]) == (303, f"/tasks/{Job.objects.get().pk}")


def test_a_hostile_prompt_reaches_the_job_unchanged(alice: Client) -> None:
    run(alice, VEO_FIELDS | {"prompt": HOSTILE}, headers=HTMX)
    assert Job.objects.get().payload["prompt"] == HOSTILE


def test_a_double_click_leads_to_the_same_job(alice: Client, personas: Personas) -> None:
    nonce = open_form(alice)
    answers = [run(alice, nonce=nonce) for _ in range(3)]
    assert {answer["Location"] for answer in answers} == {f"/tasks/{Job.objects.get().pk}"}
    assert available(personas) == 9_940_000


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_make_one_job() -> None:
    owner = make_owner()
    clients = [Client() for _ in range(12)]
    for client in clients:
        client.force_login(owner.user)
    nonce = open_form(clients[0])

    def click(client: Client) -> int:
        try:
            return int(run(client, nonce=nonce).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(click, clients)) == {303}
    assert Job.objects.count() == 1
    assert ledger.verify() == []


def test_the_answer_brings_a_token_for_the_next_job(alice: Client) -> None:
    first = run(alice, headers=HTMX)
    run(alice, nonce=nonce_of(first), headers=HTMX)
    assert [job.number for job in Job.objects.order_by("number")] == [1, 2]


# --- refusals: the form ---------------------------------------------------------------------------------------------
def test_wrong_fields_come_back_marked_with_what_was_typed(alice: Client, personas: Personas) -> None:
    response = run(alice, KLING_FIELDS | {"prompt": "", "duration": "99"}, page=KLING_PAGE, headers=HTMX)
    assert (response.status_code, response["HX-Retarget"], response["HX-Reswap"]) == (422, "#f", "outerHTML")
    assert "Two fields need a change." in response.text
    assert 'href="#id_prompt">Prompt</a>' in response.text
    assert "Duration must be at most 15." in response.text
    assert 'name="duration" value="99"' in response.text
    assert 'id="problems" role="alert" tabindex="-1" autofocus' in response.text
    assert_nothing_spent(personas)


def test_without_javascript_wrong_fields_are_a_whole_page(alice: Client, personas: Personas) -> None:
    response = run(alice, VEO_FIELDS | {"prompt": "x" * 20_001})
    assert response.status_code == 422
    assert "<html" in response.text
    assert "1 characters too long" in response.text
    assert "x" * 20_001 in response.text
    assert_nothing_spent(personas)


@pytest.mark.parametrize("fields", [{"seed": "1"}, {"prompt": "\x00"}, {"aspect_ratio": "1:2"}, {"duration": "[]"}])
def test_bad_input_is_refused_and_nothing_is_held(alice: Client, personas: Personas, fields: dict[str, str]) -> None:
    assert run(alice, VEO_FIELDS | fields, headers=HTMX).status_code == 422
    assert_nothing_spent(personas)


# --- refusals: the token --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("nonce", ["", "made-up", "x" * 5000, "W10:abc"])
def test_a_form_without_a_good_token_spends_nothing(alice: Client, personas: Personas, nonce: str) -> None:
    response = alice.post(f"{VEO_PAGE}/run", VEO_FIELDS | {"nonce": nonce}, headers=HTMX)
    assert (response.status_code, response["HX-Retarget"]) == (409, "#foot")
    assert nonce_of(response)
    assert_nothing_spent(personas)


def token(personas: Personas, **changes: Any) -> str:
    from playground.catalog import registry

    values: dict[str, Any] = {
        "user_id": personas.alice.user_id, "team_id": personas.alice.team_id, "mode": "test", "gateway": "modkie", "model_id": VEO,
        "card_version": registry.get(VEO).version, "price_millicredits": 60_000,
    }  # fmt: skip
    return FormToken(**(values | changes)).sign()


def test_a_form_of_another_mode_team_person_or_model_spends_nothing(alice: Client, personas: Personas) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"mode": "live"}, "This form was made for Live in Northlight; you are in Test in Northlight now."),
        ({"team_id": personas.charlie.team_id}, "This form was made for Test in Elsewhere; you are in Test in Northlight now."),
        ({"user_id": personas.bob.user_id}, "made for somebody or something else"),
        ({"model_id": KLING}, "made for somebody or something else"),
    ]
    for changes, words in cases:
        response = run(alice, nonce=token(personas, **changes), headers=HTMX)
        assert response.status_code == 409
        assert words in response.text
        assert "Nothing was spent." in response.text
        assert "Run for 60" in response.text
    assert_nothing_spent(personas)


def test_a_price_that_rose_is_shown_old_and_new_and_run_again_for_the_new_one(alice: Client, personas: Personas) -> None:
    response = run(alice, nonce=token(personas, price_millicredits=50_000), headers=HTMX)
    assert response.status_code == 409
    assert "The price is 60 now, not 50." in response.text
    assert "Run for 60" in response.text
    assert_nothing_spent(personas)
    assert run(alice, nonce=nonce_of(response), headers=HTMX).status_code == 200


def test_a_price_that_fell_is_no_reason_to_refuse(alice: Client) -> None:
    assert run(alice, nonce=nonce_of(alice.get(VEO_PAGE)), headers=HTMX).status_code == 200


def test_a_card_that_changed_under_the_form_is_said(alice: Client, personas: Personas) -> None:
    response = run(alice, nonce=token(personas, card_version="old"), headers=HTMX)
    assert response.status_code == 409
    assert "Veo 3.1 has changed since this form was made." in response.text
    assert_nothing_spent(personas)


def test_a_price_that_was_never_shown_is_shown_first(alice: Client, personas: Personas) -> None:
    response = run(alice, nonce=token(personas, price_millicredits=None), headers=HTMX)
    assert response.status_code == 409
    assert "Run for 60" in response.text
    assert_nothing_spent(personas)


def test_one_token_with_another_payload_is_refused_and_brings_a_fresh_one(alice: Client, personas: Personas) -> None:
    nonce = open_form(alice)
    run(alice, nonce=nonce)
    response = run(alice, VEO_FIELDS | {"prompt": "Something else"}, nonce=nonce, headers=HTMX)
    assert response.status_code == 409
    assert nonce_of(response) != nonce
    assert Job.objects.count() == 1
    assert available(personas) == 9_940_000


# --- refusals: circumstances ----------------------------------------------------------------------------------------
def test_too_few_credits_change_only_the_foot(alice: Client, personas: Personas) -> None:
    nonce = open_form(alice, KLING_PAGE)
    Account.objects.filter(team=personas.alice.team).update(available_millicredits=20_000)
    response = run(alice, KLING_FIELDS, page=KLING_PAGE, nonce=nonce, headers=HTMX)
    assert (response.status_code, response["HX-Retarget"]) == (402, "#foot")
    assert "You have 20. 15 more needed." in response.text
    assert not Job.objects.exists()


def test_a_member_is_told_whom_to_ask_for_credits(client: Client, personas: Personas) -> None:
    client.force_login(personas.bob.user)
    nonce = open_form(client)
    Account.objects.filter(team=personas.alice.team).update(available_millicredits=0)
    assert "Ask Alice to add credits." in run(client, nonce=nonce, headers=HTMX).text


def test_a_full_queue_refuses_with_a_time_to_come_back(alice: Client, personas: Personas, settings: LazySettings) -> None:
    make_job(personas.alice)
    settings.TEAM_QUEUE_CAP = 1
    response = run(alice, headers=HTMX)
    assert (response.status_code, response["HX-Retarget"], response["Retry-After"]) == (429, "#foot", "10")
    assert Job.objects.count() == 1


def test_a_viewer_cannot_run(alice: Client, personas: Personas) -> None:
    nonce = open_form(alice)
    personas.alice.role = Role.VIEWER
    personas.alice.save()
    response = run(alice, nonce=nonce, headers=HTMX)
    assert response.status_code == 403
    assert "Running needs the role Member." in response.text
    assert run(alice, nonce=nonce).status_code == 403
    assert_nothing_spent(personas)


def test_a_stale_csrf_token_runs_nothing(personas: Personas) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(personas.alice.user)
    response = run(strict)
    assert response.status_code == 403
    assert "A calm sea at dusk" in response.text
    assert_nothing_spent(personas)


def test_looking_is_not_running(alice: Client) -> None:
    assert alice.get(f"{VEO_PAGE}/run").status_code == 405
    assert alice.get(f"{VEO_PAGE}/quote").status_code == 405
