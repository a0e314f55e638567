from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from playground.accounts.models import Membership
from playground.core import clock
from playground.gallery.filters import Cursor
from playground.jobs.listing import count_takes, is_listed_in
from playground.jobs.models import Job, State, Take
from playground.media.models import StoredFile
from playground.web import gallery_page
from tests.factories import Personas, make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def finished(membership: Membership, prompt: str, *, days_ago: int = 0, state: str = State.SUCCESS) -> Job:
    """A job as the engines leave it; only the rows count here, so no clip is drawn."""
    job = make_job(membership, payload={"prompt": prompt, "aspect_ratio": "9:16"}).job
    Job.objects.filter(pk=job.pk).update(
        state=state,
        is_listed=is_listed_in(state),
        created_at=clock.now() - timedelta(days=days_ago),
        charged_millicredits=60_000 if state == State.SUCCESS else 0,
    )
    if state == State.SUCCESS:
        files = [
            StoredFile.objects.create(
                team=membership.team, storage_name=f"{job.pk}-{rendition}", content_type="video/mp4", size_bytes=1, sha256="0" * 64,
                width=360, height=640, duration_ms=5000, has_audio=True,
            )
            for rendition in ("video", "poster", "thumb", "preview")
        ]  # fmt: skip
        job.refresh_from_db()
        count_takes(job, 1, 60_000)
        Take.objects.create(job=job, video=files[0], poster=files[1], thumb=files[2], preview=files[3])
    return job


def test_a_first_visit_shows_ones_own_and_a_later_one_the_scope_used_last(alice: Client, personas: Personas) -> None:
    finished(personas.alice, "my own swell")
    finished(personas.bob, "the swell of Bob")
    page = alice.get("/gallery").text
    assert "my own swell" in page
    assert "the swell of Bob" not in page
    assert "the swell of Bob" in alice.get("/gallery?scope=team").text
    assert "the swell of Bob" in alice.get("/gallery").text


def test_another_team_and_the_other_mode_are_never_shown(alice: Client, personas: Personas) -> None:
    finished(personas.charlie, "elsewhere's secret")
    live = finished(personas.alice, "paid for")
    Job.objects.filter(pk=live.pk).update(mode="live")
    page = alice.get("/gallery?scope=team").text
    assert "elsewhere&#x27;s secret" not in page
    assert "paid for" not in page
    assert "No takes yet" in alice.get("/gallery?scope=mine").text


def test_a_tile_names_length_shape_and_origin_and_leads_to_its_take(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice, "a swell")
    page = alice.get("/gallery").text
    assert f'href="/takes/{job.takes.get().pk}?scope=mine"' in page
    assert "--r:0.5625" in page
    assert "0:05" in page
    assert "Sandbox" in page
    assert "1 take · 60 credits" in page


def test_running_jobs_are_tiles_with_a_heartbeat_and_failed_ones_are_not_shown(alice: Client, personas: Personas) -> None:
    failed = finished(personas.alice, "refused words", state=State.FAIL)
    running = make_job(personas.alice).job
    page = alice.get("/gallery").text
    assert f'id="t-{running.pk}"' in page
    assert f"{running.pk}:{running.version}" in page.split('id="pulse"')[1].split(">")[0]
    assert str(failed.pk) not in page


def test_without_script_a_link_brings_the_news_while_something_runs(alice: Client, personas: Personas) -> None:
    finished(personas.alice, "done")
    link = '<noscript><a class="btn sm" href="/gallery?scope=team&amp;q=sea">Reload</a></noscript>'
    assert link not in alice.get("/gallery?scope=team&q=sea").text
    make_job(personas.alice, payload={"prompt": "Calm sea", "aspect_ratio": "9:16"})
    assert link in alice.get("/gallery?scope=team&q=sea").text


def test_the_page_is_quiet_when_nothing_runs(alice: Client, personas: Personas) -> None:
    finished(personas.alice, "done")
    assert '<div id="pulse"></div>' in alice.get("/gallery").text


def test_days_are_headed_once_across_pages(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_page, "PAGE_SIZE", 2)
    for number in range(3):
        finished(personas.alice, f"today {number}")
    finished(personas.alice, "long ago", days_ago=400)
    page = alice.get("/gallery?scope=mine").text
    assert "3 takes · 180 credits" in page
    url = page.split('id="more" hx-get="/gallery?')[1].split('"')[0].replace("&amp;", "&")
    piece = alice.get(f"/gallery?{url}", headers={"HX-Request": "true"}).text
    assert "<h2>Today</h2>" not in piece
    assert "today 0" in piece
    assert "long ago" in piece
    assert "today 2" not in piece
    # Without script the same link is a page of its own, with its heading.
    assert "<h2>Today</h2>" in alice.get(f"/gallery?{url}").text


def test_pages_follow_by_themselves_three_times_and_then_wait(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_page, "PAGE_SIZE", 1)
    finished(personas.alice, "one")
    finished(personas.alice, "two")
    assert 'hx-trigger="intersect once"' in alice.get("/gallery?n=3").text
    assert 'hx-trigger="intersect once"' not in alice.get("/gallery?n=4").text


@pytest.mark.parametrize("cursor", ["x", "1-2", "99999999999999999999999-" + "0" * 32, "-", "1-zz"])
def test_a_broken_cursor_is_the_first_page(alice: Client, personas: Personas, cursor: str) -> None:
    finished(personas.alice, "a swell")
    assert "a swell" in alice.get("/gallery", {"after": cursor}).text


def test_a_cursor_comes_back_as_it_was(personas: Personas) -> None:
    job = make_job(personas.alice).job
    cursor = gallery_page.parse_cursor(gallery_page.format_cursor(Cursor.at(job)))
    assert isinstance(cursor, Cursor)
    assert (cursor.created_at, cursor.job_id) == (job.created_at, job.pk)


def test_hostile_prompts_are_only_text(alice: Client, personas: Personas) -> None:
    finished(personas.alice, "</script><img src=x onerror=alert(1)> \"'`$(id)` =HYPERLINK()")
    page = alice.get("/gallery").text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_the_number_of_queries_does_not_grow_with_the_takes(
    alice: Client, personas: Personas, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        finished(personas.alice, f"take {number}")
    alice.get("/gallery?scope=mine")
    with django_assert_max_num_queries(10):
        alice.get("/gallery?scope=mine")


def test_the_pictures_are_signed_paths_without_a_host(alice: Client, personas: Personas) -> None:
    finished(personas.alice, "a swell")
    source = alice.get("/gallery").text.split('<img src="')[1].split('"')[0]
    assert source.startswith("/media/")
    assert Path(source).name == "thumb.webp"
