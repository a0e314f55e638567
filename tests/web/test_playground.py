"""Looking at a model and asking for the price."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import LazySettings
from django.test import Client

from playground.accounts.models import Role
from playground.catalog import registry
from playground.catalog.card import Card
from playground.credits.models import Account
from playground.jobs import provider_accounts
from playground.jobs.models import Job, State
from tests.factories import KLING, VEO, Personas, make_job
from tests.web.formreader import PageForm, parse
from tests.web.playground import HOSTILE, HTMX, KLING_FIELDS, KLING_PAGE, VEO_FIELDS, VEO_PAGE, finished, nonce_of, put_in_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


# --- the page -------------------------------------------------------------------------------------------------------
def test_the_page_of_a_first_clip_has_the_example_its_price_and_what_is_left(alice: Client) -> None:
    page = alice.get(VEO_PAGE).text
    assert "A keyboard whose keys are made of different types of candy" in page
    assert "60 test credits" in page
    assert "9,940 left after" in page
    assert "Draws a stand-in on this machine." in page
    assert "Live would cost ≈ $0.30." in page
    assert "Your first take appears here" in page


def test_later_visits_begin_with_an_empty_prompt_and_the_example_one_click_away(alice: Client, personas: Personas) -> None:
    make_job(personas.alice)
    page = alice.get(KLING_PAGE).text
    assert "Two friends share a joke" not in re.sub(r'placeholder="[^"]*"', "", page)
    assert "?prompt=example" in page
    assert "Two friends share a joke" in alice.get(f"{KLING_PAGE}?prompt=example").text


def test_a_model_without_gateway_leads_to_the_one_that_has_it(alice: Client) -> None:
    response = alice.get(f"/models/{VEO}?take=3")
    assert (response.status_code, response["Location"]) == (302, f"{VEO_PAGE}?take=3")
    assert alice.get("/models/google/nothing").status_code == 404
    assert alice.get("/models/modkie/google/nothing").status_code == 404
    assert alice.get("/models/kie/google/veo-3-1").status_code == 404


def test_strangers_are_sent_to_the_sign_in_page(client: Client, db: None) -> None:
    assert client.get(VEO_PAGE).status_code == 302
    assert client.post(f"{VEO_PAGE}/quote", VEO_FIELDS).status_code == 302
    assert client.post(f"{VEO_PAGE}/run", VEO_FIELDS).status_code == 302


def test_a_viewer_may_look_and_is_told_which_role_runs(alice: Client, personas: Personas) -> None:
    personas.alice.role = Role.VIEWER
    personas.alice.save()
    page = alice.get(VEO_PAGE).text
    assert "Running needs the role Member. Yours is Viewer." in page
    assert re.search(r"data-run-button[^>]* disabled", page)


def test_a_take_is_shown_with_its_settings_and_another_models_take_on_its_own_page(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice, prompt="Fog over a lake")
    page = alice.get(f"{VEO_PAGE}?take={job.number}").text
    assert "<video" in page
    assert ">Fog over a lake</textarea>" in page.replace("\n", "")
    assert re.search(r'value="8"[^>]* checked', page)
    response = alice.get(f"{KLING_PAGE}?take={job.number}")
    assert response["Location"] == f"{VEO_PAGE}?take={job.number}"
    assert alice.get(f"{VEO_PAGE}?take=999").status_code == 404
    assert alice.get(f"{VEO_PAGE}?take=x").status_code == 404


def test_settings_of_a_take_fill_the_form_of_from(alice: Client, personas: Personas) -> None:
    job = put_in_state(make_job(personas.alice, payload={"prompt": "Once more", "duration": 8}).job, State.FAIL, fail_reason="input_text")
    page = alice.get(f"{VEO_PAGE}?from={job.number}").text
    assert ">Once more</textarea>" in page.replace("\n", "")
    assert "The prompt was refused" in page


def test_takes_of_another_team_are_not_there(alice: Client, personas: Personas) -> None:
    finished(personas.charlie, prompt="Elsewhere's secret")
    assert alice.get(f"{VEO_PAGE}?take=1").status_code == 404
    assert "secret" not in alice.get(VEO_PAGE).text


def test_the_strip_has_ones_own_takes_of_this_model_newest_first_and_twelve_of_them(alice: Client, personas: Personas) -> None:
    for _ in range(13):
        make_job(personas.alice)
    make_job(personas.bob)
    make_job(personas.alice, model_id=KLING, payload={"prompt": "Another model"})
    page = alice.get(VEO_PAGE).text
    assert [int(number) for number in re.findall(r'class="cap"[^>]*><b>(\d+)</b>', page)] == list(range(13, 1, -1))
    assert '<span class="count">13</span>' in page
    assert "Open in gallery" in page


def test_for_htmx_a_take_is_only_the_stage_and_what_goes_with_it(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice)
    response = alice.get(f"{VEO_PAGE}?take={job.number}", headers=HTMX)
    assert response.text.lstrip().startswith('<div class="parts" id="stage"')
    assert '<form class="form"' not in response.text
    assert {"which", "strip", "reply", "pulse"} <= set(re.findall(r'id="(\w+)"', response.text))
    assert "HX-Request" in response["Vary"]
    assert response["Cache-Control"] == "no-store"


# --- every state of the stage ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "changes", "words"),
    [
        (State.QUEUED, {}, "60 credits held"),
        (State.SUBMITTING, {}, "Sent"),
        (State.RUNNING, {"upstream_state": "queuing"}, "In the queue at the sandbox"),
        (State.RUNNING, {"upstream_state": "generating"}, "Generating"),
        (State.SAVING, {}, "Saving"),
        (State.IN_DOUBT, {}, "It is not sent a second time"),
        (
            State.FAIL,
            {"fail_reason": "input_media", "fail_code": "422", "fail_message": "Real person."},
            "“Real person.”</span> Give it another file and run it again. 60 credits returned.",
        ),
        (State.FAIL, {"fail_reason": "input_text"}, "The prompt was refused"),
        (State.FAIL, {"fail_reason": "output"}, "The result was refused"),
        (State.FAIL, {"fail_reason": "validation"}, "The request was refused"),
        (
            State.FAIL,
            {"fail_reason": "capacity", "fail_code": "500", "submit_attempts": 3},
            "Error 500. 3 tries. Nothing is known to be wrong",
        ),
        (State.RECOVERING, {"fail_reason": "timeout"}, "If the clip still comes, it is added here, free. 60 credits returned."),
        (State.FAIL, {"fail_reason": "provider_account"}, "The account at the sandbox was in trouble"),
        (State.FAIL, {"fail_reason": "timeout"}, "No result in time"),
        (State.FAIL, {"fail_reason": "in_doubt"}, "The sandbox never confirmed this job"),
        (State.FAIL, {"fail_reason": "result_lost"}, "The result could not be fetched"),
        (State.FAIL, {"fail_reason": "cancelled"}, "Cancelled"),
        (State.SUCCESS, {}, "This take was deleted"),
    ],
)
def test_every_state_has_its_words(alice: Client, personas: Personas, state: str, changes: dict[str, object], words: str) -> None:
    job = put_in_state(make_job(personas.alice).job, state, **changes)
    page = alice.get(f"{VEO_PAGE}?take={job.number}").text
    assert words in page
    assert ('id="pulse" hx-get' in page) == (not job.is_final)


def test_a_job_that_waits_for_the_provider_account_is_paused_and_says_why(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    provider_accounts.pause("sandbox", 60, trouble="the key was refused")
    page = alice.get(f"{VEO_PAGE}?take={job.number}").text
    assert "Paused" in page
    assert "“the key was refused”" in page


def test_a_finished_take_shows_times_charge_download_and_settings(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice)
    page = alice.get(f"{VEO_PAGE}?take={job.number}").text
    assert "60 credits charged" in page
    assert 'aria-label="sent 1 seconds, queue 8 seconds, generate 60 seconds, save 2 seconds"' in page
    assert "?download=1" in page
    assert f"?from={job.number}" in page
    assert '<span class="badge word">Sandbox</span>' in page


def test_an_erased_file_is_said_to_be_gone(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice)
    take = job.takes.get()
    take.video.deleted_at = job.finished_at
    take.video.save()
    page = alice.get(f"{VEO_PAGE}?take={job.number}").text
    assert "This file is gone" in page
    assert "<video" not in page


# --- the price ------------------------------------------------------------------------------------------------------
def test_a_quote_is_the_foot_and_out_of_band_hints_and_code(alice: Client) -> None:
    response = alice.post(f"{KLING_PAGE}/quote", KLING_FIELDS | {"prompt": "An 8-second shot of waves"}, headers=HTMX)
    assert response.status_code == 200
    assert response.text.lstrip().startswith('<div class="foot" id="foot">')
    assert "35 test credits" in response.text
    assert "The prompt asks for 8 s, duration is 5 s." in response.text
    assert 'name="_fix" value="duration:8"' in response.text
    assert "(35 credits)" in response.text
    assert set(re.findall(r'id="(ph|request|code)"[^>]* hx-swap-oob', response.text)) == {"ph", "request", "code"}


def test_every_quote_brings_a_new_token_and_writes_nothing(alice: Client) -> None:
    first, second = (nonce_of(alice.post(f"{VEO_PAGE}/quote", VEO_FIELDS, headers=HTMX)) for _ in range(2))
    assert first != second
    assert not Job.objects.exists()


def test_a_fix_comes_back_as_a_form_with_the_value_set(alice: Client) -> None:
    fields = KLING_FIELDS | {"prompt": "An 8-second shot of waves", "_fix": "duration:8"}
    response = alice.post(f"{KLING_PAGE}/quote", fields, headers=HTMX)
    assert response.text.lstrip().startswith('<form class="form" id="f"')
    assert 'name="duration" value="8"' in response.text
    assert "The prompt asks for 8 s" not in response.text
    assert "An 8-second shot of waves" in response.text


def test_without_javascript_the_price_is_a_whole_page_with_what_was_typed(alice: Client) -> None:
    page = alice.post(f"{KLING_PAGE}/quote", KLING_FIELDS | {"prompt": "", "duration": "99"}).text
    assert "<html" in page
    assert "Duration must be at most 15." in page
    assert "Prompt is required." not in page
    assert "Update price" in page


def test_a_wrong_field_takes_the_prices_place(alice: Client) -> None:
    response = alice.post(f"{KLING_PAGE}/quote", KLING_FIELDS | {"duration": "99"}, headers=HTMX)
    assert response.status_code == 200
    assert "Duration must be at most 15." in response.text
    assert "35 test credits" not in response.text


def test_too_few_credits_are_said_before_run_is_pressed(alice: Client, personas: Personas) -> None:
    Account.objects.filter(team=personas.alice.team).update(available_millicredits=20_000)
    foot = alice.post(f"{KLING_PAGE}/quote", KLING_FIELDS, headers=HTMX).text
    assert "You have 20. 15 more needed." in foot
    assert 'href="/credits/add">Add credits</a>' in foot
    assert "data-run-button" not in foot


def test_the_foot_counts_what_runs_and_waits(alice: Client, personas: Personas) -> None:
    put_in_state(make_job(personas.bob).job, State.RUNNING)
    make_job(personas.alice)
    foot = alice.post(f"{VEO_PAGE}/quote", VEO_FIELDS, headers=HTMX).text
    assert "1 running, 1 waiting" in foot
    assert "Run again" in foot


def test_quotes_have_a_limit_per_person(alice: Client, settings: LazySettings) -> None:
    settings.QUOTES_PER_MINUTE = 2
    statuses = [alice.post(f"{VEO_PAGE}/quote", VEO_FIELDS, headers=HTMX).status_code for _ in range(6)]
    # The minute may turn over in between, so more than two can pass, but never all.
    assert 429 in statuses
    response = alice.post(f"{VEO_PAGE}/quote", VEO_FIELDS, headers=HTMX)
    if response.status_code == 429:
        assert int(response["Retry-After"]) > 0
        assert response["HX-Retarget"] == "#foot"


# --- the code -------------------------------------------------------------------------------------------------------
def test_the_last_edit_is_marked(alice: Client) -> None:
    text = alice.post(f"{VEO_PAGE}/quote", VEO_FIELDS | {"duration": "8", "_edited": "duration"}, headers=HTMX).text
    # In the request and in the one language that is shown.
    assert text.count("<u>&quot;duration&quot;: 8") == 2


def test_tabs_are_links_that_work_without_javascript(alice: Client) -> None:
    page = alice.get(f"{VEO_PAGE}?tab=api").text
    panes = dict(re.findall(r'data-pane="(\w+)"( hidden)?>', page))
    assert panes == {"preview": " hidden", "json": " hidden", "api": ""}
    assert "curl http://testserver/api/v1/jobs/createTask" in page


def test_a_hostile_prompt_is_text_on_page_stage_and_code(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice, prompt=HOSTILE)
    for url in (f"{VEO_PAGE}?take={job.number}", f"{VEO_PAGE}?from={job.number}", f"/tasks/{job.pk}", "/gallery"):
        page = alice.get(url).text
        assert "<b>x</b>" not in page
    text = alice.post(f"{VEO_PAGE}/quote", VEO_FIELDS | {"prompt": HOSTILE}, headers=HTMX).text
    assert "<b>x</b>" not in text
    assert "$(id)" in text


def test_the_raw_reply_of_the_shown_take_is_the_contracts(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice)
    page = alice.get(f"{VEO_PAGE}?take={job.number}&tab=json").text
    assert f"&quot;taskId&quot;: &quot;{job.pk.hex}&quot;" in page
    assert "&quot;creditsConsumed&quot;: 60" in page


@pytest.mark.parametrize("card", registry.live_cards(), ids=lambda card: f"{card.gateway}/{card.id}")
def test_the_page_of_every_model_posts_its_example(alice: Client, card: Card) -> None:
    """The example goes into the form, the form to the server, and the request that it stands for is the example again."""
    url = f"/models/{card.gateway}/{card.id}"
    page = PageForm(alice.get(f"{url}?prompt=example").text)
    answer = parse(alice.post(f"{url}/quote", page.post(), headers=HTMX).text)
    request = answer.by_id("request")
    assert request is not None
    payload = json.loads(request.text)["input"]
    assert {name: payload.get(name) for name in card.example} == dict(card.example)
    assert "hint bad" not in str(answer.text)
