"""What leaves the house: a real provider gets links that it can read, the sandbox gets the payload, the row keeps what was priced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from PIL import Image

from playground.catalog import registry
from playground.jobs import provider_files
from playground.jobs.models import Job
from playground.jobs.submitting import prepare
from playground.media import uploads
from playground.media.models import Upload
from tests.factories import Personas, make_job
from tests.jobs.engine_jobs import running

pytestmark = pytest.mark.django_db
GROK = "grok-imagine/text-to-video"
WAN = {"model_id": "wan/2-7-image-to-video", "gateway": "modkie"}
EXTEND = {"model_id": "grok-imagine/extend", "gateway": "kie"}


@pytest.fixture
def picture(personas: Personas, tmp_path: Path) -> Upload:
    path = tmp_path / "boat.png"
    Image.new("RGB", (640, 360), "teal").save(path)
    return uploads.store_upload(personas.alice.team_id, personas.alice.user_id, path, "boat.png")


def as_live(job: Job) -> Job:
    """The same job as its gateway's own provider would get it."""
    Job.objects.filter(pk=job.pk).update(mode="live", provider=job.gateway)
    return Job.objects.get(pk=job.pk)


def sent(job: Job) -> Mapping[str, Any]:
    """The payload as it leaves the house."""
    prepared = prepare(job)
    assert prepared is not None
    return prepared.submission.payload


def test_a_provider_gets_a_link_that_it_can_read_for_a_day(personas: Personas, picture: Upload) -> None:
    address = uploads.url_of(picture)
    job = as_live(make_job(personas.alice, payload={"prompt": "The boat sails on.", "first_frame_url": address}, **WAN).job)
    payload = sent(job)

    assert Client().get(urlsplit(address).path).status_code in (302, 403, 404)
    link = urlsplit(payload["first_frame_url"])
    assert (link.path, list(parse_qs(link.query))) == (urlsplit(address).path, ["token"])
    answer = Client().get(f"{link.path}?{link.query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert payload["prompt"] == "The boat sails on."
    assert Job.objects.get(pk=job.pk).payload["first_frame_url"] == address
    answer.close()


def test_the_sandbox_gets_the_payload_unchanged(personas: Personas, picture: Upload) -> None:
    payload = {"prompt": "The boat sails on.", "first_frame_url": uploads.url_of(picture)}

    prepared = prepare(make_job(personas.alice, payload=payload, **WAN).job)

    assert prepared is not None
    submission = prepared.submission
    assert (submission.payload, submission.gateway, submission.callback_url) == (payload, "modkie", None)


def test_an_upload_that_a_job_uses_stays(personas: Personas, picture: Upload) -> None:
    make_job(personas.alice, payload={"prompt": "The boat sails on.", "first_frame_url": uploads.url_of(picture)}, **WAN)

    assert Upload.objects.get(pk=picture.pk).used_at is not None
    assert not uploads.erase_upload(picture)


def test_links_in_lists_and_lists_of_objects_are_replaced_where_they_stand(personas: Personas, picture: Upload) -> None:
    address = uploads.url_of(picture)
    card = registry.get("kling-3.0/video")
    element = {"name": "boat", "description": "A boat", "element_input_urls": [address, "https://example.com/other.png"]}
    payload = {**card.example, "prompt": "@boat sails", "image_urls": [address], "kling_elements": [element]}
    job = as_live(make_job(personas.alice, model_id=card.id, payload=payload).job)
    provider_files.remember("kie", picture, "https://tempfile.example/boat.png", keeps_seconds=3 * 24 * 3600)

    payload = dict(sent(job))

    assert payload["image_urls"] == ["https://tempfile.example/boat.png"]
    assert payload["kling_elements"][0]["element_input_urls"] == ["https://tempfile.example/boat.png", "https://example.com/other.png"]


def test_an_earlier_take_is_named_by_its_id_at_the_provider(personas: Personas) -> None:
    parent = running(
        personas.alice,
        "grok-upstream-7",
        model_id="grok-imagine/text-to-video",
        payload=dict(registry.get("grok-imagine/text-to-video").example),
    )
    Job.objects.filter(pk=parent.pk).update(state="success")
    payload = dict(registry.get("grok-imagine/extend").example) | {"task_id": parent.pk.hex}
    job = make_job(personas.alice, payload=payload, **EXTEND).job

    assert (job.parent_id, sent(job)["task_id"]) == (parent.pk, parent.pk.hex)
    assert sent(as_live(job))["task_id"] == "grok-upstream-7"
