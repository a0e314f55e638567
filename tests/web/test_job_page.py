"""A job's own page, and cancelling."""

from __future__ import annotations

import pytest
from django.test import Client

from playground.accounts.models import Role
from playground.credits import services as ledger
from playground.jobs.models import Attempt, Job, State
from tests.factories import Personas, make_job
from tests.web.playground import HTMX, VEO_PAGE, finished, put_in_state
from tests.web.test_live import parts_of, pulse_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def test_a_job_under_way_looks_again_by_itself_without_javascript(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    page = alice.get(f"/tasks/{job.pk}").text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert "60 held" in page
    put_in_state(job, State.FAIL, fail_reason="input_text", fail_message="No faces.")
    page = alice.get(f"/tasks/{job.pk}").text
    assert "http-equiv" not in page
    assert "60 returned" in page
    assert "No faces." in page


def test_a_finished_job_shows_clip_settings_charge_and_what_happened(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice, prompt="Fog over a lake")
    Attempt.objects.create(job=job, number=1, outcome="accepted", detail="sbx_1")
    page = alice.get(f"/tasks/{job.pk}").text
    for words in (
        "<video",
        "Fog over a lake",
        "60 charged",
        "Created, credits held",
        "Attempt 1",
        "accepted",
        "1280×720",
        job.pk.hex,
    ):
        assert words in page
    assert f"{VEO_PAGE}?from={job.number}" in page


def test_another_teams_job_is_not_there(alice: Client, personas: Personas) -> None:
    foreign = make_job(personas.charlie).job
    assert alice.get(f"/tasks/{foreign.pk}").status_code == 404
    assert alice.post(f"/tasks/{foreign.pk}/cancel").status_code == 404
    assert alice.get("/tasks/00000000-0000-0000-0000-000000000000").status_code == 404
    assert alice.get("/tasks/nonsense").status_code == 404


def test_a_team_mates_job_may_be_looked_at(alice: Client, personas: Personas) -> None:
    job = make_job(personas.bob).job
    assert "by Bob" in alice.get(f"/tasks/{job.pk}").text


def test_the_heartbeat_of_the_page_brings_stage_and_facts(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    url = pulse_of(alice.get(f"/tasks/{job.pk}").text)
    put_in_state(job, State.FAIL, fail_reason="capacity", fail_code="500")
    response = alice.get(url, headers=HTMX)
    assert parts_of(response) == {"stage", "facts", "balance", "rolling"}


def test_a_waiting_job_can_be_cancelled_and_costs_nothing(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    assert "Cancel" in alice.get(f"/tasks/{job.pk}").text
    response = alice.post(f"/tasks/{job.pk}/cancel")
    assert (response.status_code, response["Location"]) == (303, f"/tasks/{job.pk}")
    job.refresh_from_db()
    assert (job.state, job.fail_reason) == (State.FAIL, "cancelled")
    assert ledger.account_for(personas.alice.team_id, "test").available_millicredits == 10_000_000
    assert "Cancelled" in alice.get(f"/tasks/{job.pk}").text


def test_what_has_been_sent_cannot_be_cancelled_and_that_is_said(alice: Client, personas: Personas) -> None:
    job = put_in_state(make_job(personas.alice).job, State.RUNNING)
    assert ">Cancel<" not in alice.get(f"/tasks/{job.pk}").text
    alice.post(f"/tasks/{job.pk}/cancel")
    assert "Too late to cancel take 1: it has been sent." in alice.get(f"/tasks/{job.pk}").text
    response = alice.post(f"/tasks/{job.pk}/cancel", headers=HTMX)
    assert "Too late to cancel" in response.text
    assert response["HX-Trigger"] == "pulse"
    assert Job.objects.get().state == State.RUNNING


def test_only_ones_own_or_with_the_role_for_it(client: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    client.force_login(personas.bob.user)
    assert client.post(f"/tasks/{job.pk}/cancel").status_code == 403
    personas.bob.role = Role.ADMIN
    personas.bob.save()
    assert client.post(f"/tasks/{job.pk}/cancel").status_code == 303
