"""What a job's page says of its price: a span until the clip is measured, and the take that it continues."""

from __future__ import annotations

import pytest
from django.test import Client

from playground.catalog import registry
from playground.jobs.models import Job
from tests.factories import Personas, make_job
from tests.web.playground import put_in_state

pytestmark = pytest.mark.django_db
WAN = {"model_id": "wan/3-0-video", "payload": {"prompt": "A cat trots over roofs", "resolution": "480P", "duration": -1}}


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def test_a_span_is_told_as_one_and_the_charge_as_a_part_of_the_hold(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice, **WAN).job
    waiting = alice.get(f"/tasks/{job.pk}").text
    put_in_state(job, "success", charged_millicredits=56_000)
    done = alice.get(f"/tasks/{job.pk}").text

    assert "16 to 240 credits" in waiting and "240 held" in waiting
    assert "56 charged of 240 held" in done


def test_a_job_leads_to_the_take_that_it_continues(alice: Client, personas: Personas) -> None:
    grok = registry.get("grok-imagine/text-to-video")
    parent = make_job(personas.alice, model_id=grok.id, payload=dict(grok.example)).job
    Job.objects.filter(pk=parent.pk).update(state="success")
    payload = dict(registry.get("grok-imagine/extend").example) | {"task_id": parent.pk.hex}
    page = alice.get(f"/tasks/{make_job(personas.alice, model_id='grok-imagine/extend', payload=payload).job.pk}").text

    assert f'href="/tasks/{parent.pk}">Take {parent.number}</a>' in page
