"""The heartbeat: silence while nothing changes, then only what changed, then an end."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from playground.core import clock
from playground.credits import services as credits
from playground.jobs import archive, pump
from playground.jobs.models import Job, State
from playground.web.pulses import seconds_until_next
from tests.factories import KLING, Personas, make_job, make_owner
from tests.web.playground import HTMX, VEO_PAGE, add_take, put_in_state, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def pulse_of(page: str) -> str:
    """Where the heartbeat asks next, or "" when it has ended."""
    found = re.search(r'<div id="pulse"(?: hx-get="([^"]*)")?', page)
    assert found, "no heartbeat in the page"
    return unescape(found[1] or "")


def parts_of(response: Any) -> set[str]:
    """The ids of what is replaced out of band."""
    return set(re.findall(r'id="([\w-]+)"[^>]*hx-swap-oob="true"', response.text))


def events_of(response: Any) -> dict[str, Any]:
    events: dict[str, Any] = json.loads(response.headers.get("HX-Trigger", "{}"))
    return events


def test_nothing_is_running_so_nothing_beats(alice: Client) -> None:
    assert pulse_of(alice.get(VEO_PAGE).text) == ""


def test_while_nothing_changes_the_answer_is_empty_and_cheap(
    alice: Client, personas: Personas, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_job(personas.alice)
    url = pulse_of(alice.get(VEO_PAGE).text)
    # Session, person, membership; the named jobs and their takes; the person's unfinished jobs.
    with django_assert_max_num_queries(6):
        response = alice.get(url, headers=HTMX)
    assert (response.status_code, response.content) == (204, b"")
    assert response["Cache-Control"] == "no-store"


def test_a_change_brings_the_stage_the_take_and_a_new_heartbeat_and_nothing_else(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    make_job(personas.alice, model_id=KLING, payload={"prompt": "Another"})
    url = pulse_of(alice.get(f"{VEO_PAGE}?take={job.number}").text)
    put_in_state(job, State.RUNNING, upstream_state="generating")
    response = alice.get(url, headers=HTMX)
    assert parts_of(response) == {"stage", "which", "reply", f"take-{job.pk.hex}", "load", "balance", "rolling"}
    assert "Generating" in response.text
    assert pulse_of(response.text) != url
    assert alice.get(pulse_of(response.text), headers=HTMX).status_code == 204
    assert events_of(response)["page-title"]["value"] == "(2) Veo 3.1"


def test_success_is_shown_once_with_autoplay_and_ends_the_heartbeat(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    url = pulse_of(alice.get(f"{VEO_PAGE}?take={job.number}").text)
    put_in_state(job, State.SUCCESS)
    add_take(job)
    response = alice.get(url, headers=HTMX)
    assert "data-autoplay" in response.text
    assert pulse_of(response.text) == ""
    assert "toast" not in response.text
    assert events_of(response)["page-title"]["value"] == "✓ Take 1"
    assert events_of(response)["say"]["value"] == "Take 1 is ready, 60 credits charged"
    assert "data-autoplay" not in alice.get(f"{VEO_PAGE}?take={job.number}").text


def test_while_another_take_is_watched_the_stage_stays_and_a_toast_offers_the_new_one(alice: Client, personas: Personas) -> None:
    watched, other = make_job(personas.alice).job, make_job(personas.alice).job
    url = pulse_of(alice.get(f"{VEO_PAGE}?take={watched.number}").text)
    put_in_state(other, State.SUCCESS)
    add_take(other)
    response = alice.get(url, headers=HTMX)
    assert "stage" not in parts_of(response)
    assert f"take-{other.pk.hex}" in parts_of(response)
    assert "Take 2 is ready" in response.text
    assert f'href="{VEO_PAGE}?take=2"' in response.text


def test_a_shown_success_is_never_sent_again(alice: Client, personas: Personas) -> None:
    done, other = make_job(personas.alice).job, make_job(personas.alice).job
    put_in_state(done, State.SUCCESS)
    add_take(done)
    url = pulse_of(alice.get(f"{VEO_PAGE}?take={done.number}").text)
    put_in_state(other, State.FAIL, fail_reason="input_text", fail_message="No.")
    response = alice.get(url, headers=HTMX)
    assert "<video" not in response.text
    assert "Take 2 failed." in response.text
    assert "60 credits returned" in response.text


def test_a_job_that_ended_has_the_price_asked_again_because_credits_came_back(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    url = pulse_of(alice.get(VEO_PAGE).text)
    put_in_state(job, State.RUNNING)
    response = alice.get(url, headers=HTMX)
    assert "reprice" not in events_of(response)
    put_in_state(job, State.FAIL, fail_reason="input_text")
    assert "reprice" in events_of(alice.get(pulse_of(response.text), headers=HTMX))
    assert "reprice from:body" in alice.get(VEO_PAGE).text


def test_a_job_that_began_elsewhere_appears_in_the_strip(alice: Client, personas: Personas) -> None:
    make_job(personas.alice)
    url = pulse_of(alice.get(VEO_PAGE).text)
    newer = make_job(personas.alice, source="api").job
    response = alice.get(url, headers=HTMX)
    assert "strip" in parts_of(response)
    assert f"take-{newer.pk.hex}" in response.text
    assert newer.pk.hex in pulse_of(response.text)


def test_the_interval_grows_with_age_and_stays_a_second_for_local_jobs(personas: Personas) -> None:
    job = make_job(personas.alice).job
    assert seconds_until_next([job]) == 1
    job.mode = "live"
    for age, seconds in [(5, 1), (30, 2), (200, 4), (4000, 10)]:
        job.created_at = clock.now() - timedelta(seconds=age)
        assert seconds_until_next([job]) == seconds


@pytest.mark.parametrize(("state", "age", "seconds"), [("running", 40, 2), ("running", 100, 1), ("running", 500, 10), ("saving", 500, 1)])
def test_a_page_asks_every_second_while_a_job_may_end_any_moment(personas: Personas, state: str, age: int, seconds: int) -> None:
    job = make_job(personas.alice).job
    job.mode, job.provider, job.state, job.typical_seconds = "live", "kie", state, 120
    job.created_at = clock.now() - timedelta(seconds=age)
    assert seconds_until_next([job]) == seconds


def test_a_longer_interval_is_told_although_nothing_changed(alice: Client, personas: Personas) -> None:
    make_job(personas.alice)
    url = pulse_of(alice.get(VEO_PAGE).text)
    response = alice.get(url.replace("s=1", "s=4"), headers=HTMX)
    assert response.status_code == 200
    assert pulse_of(response.text) == url
    assert parts_of(response) <= {"load"}


def test_jobs_of_others_are_neither_shown_nor_counted(alice: Client, personas: Personas) -> None:
    foreign = make_job(personas.charlie).job
    response = alice.get(f"/live?j={foreign.pk.hex}:99&on=stage,strip,reply&w={foreign.pk.hex}&m=modkie/google/veo-3-1", headers=HTMX)
    assert foreign.pk.hex not in response.text.replace(f"w={foreign.pk.hex}", "")
    assert pulse_of(response.text) == ""
    make_job(personas.bob)
    assert pulse_of(alice.get(VEO_PAGE).text) == ""


@pytest.mark.parametrize("query", ["", "j=x:y,,:", "j=" + "f" * 9000, "j=00000000-0000-0000-0000-000000000000:1&on=stage&w=zzz&m=a/b&s=zz"])
def test_nonsense_ends_the_heartbeat_quietly(alice: Client, query: str) -> None:
    response = alice.get(f"/live?{query}", headers=HTMX)
    assert response.status_code == 200
    assert pulse_of(response.text) == ""


def test_the_gallery_gets_its_tile_and_loses_a_failed_one(alice: Client, personas: Personas) -> None:
    good, bad = make_job(personas.alice).job, make_job(personas.bob).job
    url = pulse_of(alice.get("/gallery?scope=team").text)
    put_in_state(good, State.SUCCESS)
    add_take(good)
    put_in_state(bad, State.FAIL, fail_reason="input_text")
    response = alice.get(url, headers=HTMX)
    assert f"t-{good.pk}" in parts_of(response)
    assert f'id="t-{bad.pk}" hx-swap-oob="delete"' in response.text
    assert pulse_of(response.text) == ""


def test_signed_out_people_are_led_away_instead_of_polling_on(client: Client, db: None) -> None:
    response = client.get("/live?j=", headers=HTMX)
    assert (response.status_code, response["HX-Redirect"]) == (204, "/login")


@pytest.mark.django_db(transaction=True)
def test_from_run_to_the_clip_by_heartbeats_alone() -> None:
    owner = make_owner()
    client = Client()
    client.force_login(owner.user)
    started = run(client, {"prompt": "Silk", "aspect_ratio": "1:1", "duration": "5"}, headers=HTMX)
    url, seen = pulse_of(started.text), started.text
    while url:
        pump.run_seated(budget_seconds=5)
        archive.work_once()
        response = client.get(url, headers=HTMX)
        if response.status_code == 200:
            seen, url = response.text, pulse_of(response.text)
    job = Job.objects.get()
    assert job.state == State.SUCCESS
    source = unescape(re.findall(r'<video[^>]* src="([^"]*)"', seen)[0])
    assert client.get(source, HTTP_RANGE="bytes=0-11").content[4:8] == b"ftyp"


# --- the balance in the top bar ---------------------------------------------------------------------------------------
def with_balance(url: str, page: str) -> str:
    """The heartbeat's address with what it takes along from the top bar."""
    found = re.search(r'<input type="hidden" name="b" value="([^"]*)"', page)
    assert found
    assert 'hx-include="#balance"' in page
    return f"{url}&b={found[1]}"


def test_the_balance_follows_what_others_of_the_team_hold_and_owners_add(alice: Client, personas: Personas) -> None:
    make_job(personas.alice)
    page = alice.get(VEO_PAGE).text
    url = with_balance(pulse_of(page), page)
    assert alice.get(url, headers=HTMX).status_code == 204

    make_job(personas.bob)
    response = alice.get(url, headers=HTMX)
    assert parts_of(response) == {"balance", "rolling", "load"}
    assert "9,880" in response.text
    assert pulse_of(response.text)

    credits.grant(team=personas.alice.team, mode="test", millicredits=500_000)
    assert "10,380" in alice.get(with_balance(pulse_of(response.text), response.text), headers=HTMX).text


def test_a_balance_of_another_team_moves_nothing(alice: Client, personas: Personas) -> None:
    make_job(personas.alice)
    page = alice.get(VEO_PAGE).text
    make_job(personas.charlie)
    assert alice.get(with_balance(pulse_of(page), page), headers=HTMX).status_code == 204
