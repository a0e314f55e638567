"""Files by signed link: who holds a good link may read, nobody else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from playground.core import clock
from playground.jobs.models import Job, Take
from playground.media import services as media
from playground.media import signing
from tests.factories import Personas, make_job
from tests.media.clips import make_clip

pytestmark = pytest.mark.django_db


@pytest.fixture
def take(personas: Personas, tmp_path: Path) -> Take:
    job = make_job(personas.alice).job
    result = media.store_result(team_id=job.team_id, source=make_clip(tmp_path / "clip.mp4", seconds=1))
    return Take.objects.create(job=job, video=result.video, poster=result.poster, thumb=result.thumb, preview=result.preview)


def link(take: Take, rendition: str = "video", *, audience: str = "job") -> str:
    token = signing.sign(take.pk, rendition, audience=audience, expires_at=clock.now() + timedelta(minutes=5))
    return f"/media/{token}/anything.bin"


def test_the_signature_is_the_permission(client: Client, take: Take) -> None:
    response = client.get(link(take), HTTP_RANGE="bytes=0-99")
    assert (response.status_code, response["Content-Type"], len(response.content)) == (206, "video/mp4", 100)
    assert response["Content-Range"] == f"bytes 0-99/{take.video.size_bytes}"
    assert response["Cache-Control"].startswith("private")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(("rendition", "content_type"), [("poster", "image/webp"), ("thumb", "image/webp"), ("preview", "video/mp4")])
def test_every_rendition_has_a_link_of_its_own(client: Client, take: Take, rendition: str, content_type: str) -> None:
    response = client.get(link(take, rendition))
    assert (response.status_code, response["Content-Type"]) == (200, content_type)


def test_a_download_has_a_name_that_is_found_again(client: Client, take: Take) -> None:
    response = client.get(f"{link(take)}?download=1")
    assert response["Content-Disposition"] == f'attachment; filename="veo-3-1-take-{take.job.number}.mp4"'
    assert client.get(link(take))["Content-Disposition"].startswith("inline")


def test_altered_and_foreign_links_lead_nowhere(client: Client, take: Take) -> None:
    assert client.get(link(take).replace("/anything", "x/anything")).status_code == 404
    assert client.get("/media/nonsense/video.mp4").status_code == 404
    assert client.get(link(take, "original")).status_code == 404
    assert client.get(link(take, audience="share:1")).status_code == 404


def test_a_page_that_stays_open_goes_on_playing_for_the_team_and_nobody_else(take: Take, personas: Personas) -> None:
    token = signing.sign(take.pk, "video", audience="job", expires_at=clock.now() - timedelta(minutes=1))
    statuses = {}
    for membership in (personas.alice, personas.bob, personas.charlie):
        client = Client()
        client.force_login(membership.user)
        statuses[membership.user.name] = client.get(f"/media/{token}/clip.mp4", HTTP_RANGE="bytes=0-99").status_code
    assert statuses == {"Alice": 206, "Bob": 206, "Charlie": 410}


def test_an_old_link_says_that_it_has_expired(client: Client, take: Take) -> None:
    token = signing.sign(take.pk, "video", audience="job", expires_at=clock.now() - timedelta(seconds=1))
    response = client.get(f"/media/{token}/video.mp4")
    assert response.status_code == 410
    assert "expired" in response.text


def test_a_deleted_take_is_gone_although_the_link_is_good(client: Client, take: Take) -> None:
    url = link(take)
    Take.objects.filter(pk=take.pk).update(deleted_at=clock.now())
    assert client.get(url).status_code == 404
    assert Job.objects.filter(pk=take.job_id).exists()


def test_an_erased_file_is_gone(client: Client, take: Take) -> None:
    take.video.deleted_at = clock.now()
    take.video.save()
    assert client.get(link(take)).status_code == 410


def test_nothing_can_be_written_through_a_link(client: Client, take: Take) -> None:
    assert client.post(link(take)).status_code == 405
    assert client.head(link(take)).status_code == 200
