"""While a picture is being set in motion, it stands behind the progress."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from playground.jobs.models import State
from playground.media import uploads
from tests.factories import Personas, make_job
from tests.web.playground import put_in_state

pytestmark = pytest.mark.django_db
MODEL = "kling-3.0/video"
WISH = {"prompt": "The boat turns", "duration": "5", "aspect_ratio": "16:9", "mode": "std", "multi_shots": False, "sound": False}


def stage(client: Client, personas: Personas, image_url: str) -> str:
    payload = WISH | {"image_urls": [image_url]}
    job = make_job(personas.alice, model_id=MODEL, gateway="kie", payload=payload).job
    put_in_state(job, State.RUNNING, upstream_state="generating")
    client.force_login(personas.alice.user)
    page = client.get(f"/models/kie/{MODEL}?take={job.number}").text
    return page[page.index('id="stage"') : page.index('id="strip"')]


def test_the_start_frame_is_seen_behind_the_progress(client: Client, personas: Personas, tmp_path: Path) -> None:
    path = tmp_path / "boat.png"
    Image.new("RGB", (640, 360), "teal").save(path)
    upload = uploads.store_upload(personas.alice.team_id, personas.alice.user_id, path, "boat.png")
    assert f"background-image:url(/uploads/{upload.pk}/thumb.webp)" in stage(client, personas, uploads.url_of(upload))


def test_a_picture_on_another_site_is_not_asked_for(client: Client, personas: Personas) -> None:
    shown = stage(client, personas, "https://example.com/boat.png")
    assert "Generating" in shown
    assert "background-image" not in shown
