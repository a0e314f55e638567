"""Going on from a take's settings: the form remembers whose they are, and both takes say so."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from playground.jobs.models import Job
from tests.factories import KLING, Personas
from tests.web.playground import HTMX, VEO_FIELDS, VEO_PAGE, add_take, finished, nonce_of, put_in_state, run
from tests.web.test_take_page import page_of, row, take_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def remixed(client: Client, number: int | str, **changes: str) -> Job:
    """Open a take's settings, change some, and run them."""
    page = client.get(f"{VEO_PAGE}?from={number}").text
    kept = re.search(r'name="_remix_of" value="(\d+)"', page)
    assert kept, "the form does not remember where it came from"
    run(client, VEO_FIELDS | {"_remix_of": kept[1]} | changes, nonce=nonce_of(page))
    return Job.objects.latest("number")


def done(job: Job) -> Job:
    put_in_state(job, "success")
    add_take(job)
    return job


def test_a_run_from_a_take_s_settings_is_its_remix(alice: Client, personas: Personas) -> None:
    source = finished(personas.alice)
    assert remixed(alice, source.number).remix_of_id == source.pk


def test_a_form_that_was_opened_plain_is_nobody_s_remix(alice: Client, personas: Personas) -> None:
    finished(personas.alice)
    run(alice)
    assert Job.objects.latest("number").remix_of_id is None


def test_the_form_remembers_through_prices_and_refusals(alice: Client, personas: Personas) -> None:
    source = finished(personas.alice)
    fields: dict[str, Any] = VEO_FIELDS | {"_remix_of": str(source.number)}
    kept = f'name="_remix_of" value="{source.number}"'
    assert kept in alice.post(f"{VEO_PAGE}/quote", fields).text
    assert kept in alice.post(f"{VEO_PAGE}/quote", fields | {"_fix": "duration:8"}, headers=HTMX).text
    refused = run(alice, fields | {"prompt": ""}, nonce=nonce_of(alice.get(f"{VEO_PAGE}?from={source.number}")))
    assert refused.status_code == 422
    assert kept in refused.text


@pytest.mark.parametrize("claimed", ["99", "nonsense", "-1", "1" * 40, "²"])
def test_a_take_that_is_not_there_is_no_source(alice: Client, personas: Personas, claimed: str) -> None:
    finished(personas.charlie)
    run(alice, VEO_FIELDS | {"_remix_of": claimed})
    assert Job.objects.get(team=personas.alice.team).remix_of_id is None


def test_another_mode_s_take_is_no_source(alice: Client, personas: Personas) -> None:
    live = finished(personas.alice)
    Job.objects.filter(pk=live.pk).update(mode="live", number=40)
    run(alice, VEO_FIELDS | {"_remix_of": "40"})
    assert Job.objects.get(mode="test").remix_of_id is None


def test_both_pages_tell_of_the_remix_and_what_it_changed(alice: Client, personas: Personas) -> None:
    source = finished(personas.alice)
    remix = done(remixed(alice, source.number, prompt="A calm sea at dusk", aspect_ratio="9:16", duration="5"))
    page = page_of(alice, take_of(remix))
    assert row(page, "Changed") == "was 16:9 9:16, was 8 s 5 s since take 1"
    assert f"/takes/{take_of(source).pk}" in page
    assert "Take 1, Alice" in page
    page = page_of(alice, take_of(source))
    assert "1 remix<" in page
    assert f"/takes/{take_of(remix).pk}" in page
    assert f'/tasks/{source.pk}">Take 1</a>' in alice.get(f"/tasks/{remix.pk}").text
    assert f'/tasks/{remix.pk}">Take 2</a>' in alice.get(f"/tasks/{source.pk}").text


def test_a_new_prompt_and_another_model_are_changes_too(alice: Client, personas: Personas) -> None:
    source = finished(personas.alice)
    payload = {"prompt": "Something else", "aspect_ratio": "16:9", "duration": 8, "generate_audio": False}
    remix = finished(personas.alice, model_id=KLING)
    Job.objects.filter(pk=remix.pk).update(remix_of=source, payload_json=json.dumps(payload))
    assert row(page_of(alice, take_of(remix)), "Changed") == (
        "was Veo 3.1 Kling 3.0, Prompt was A calm sea at dusk Something else, Audio off since take 1"
    )


def test_a_source_without_a_clip_keeps_its_place_in_the_line(alice: Client, personas: Personas) -> None:
    source = finished(personas.alice)
    remix = done(remixed(alice, source.number))
    source.takes.update(deleted_at=source.created_at)
    page = page_of(alice, take_of(remix))
    assert "Take 1, Alice, without a picture" in page
    assert f'href="/tasks/{source.pk}"' in page
