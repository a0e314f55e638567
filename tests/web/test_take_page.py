"""A take's own page: the clip, what made it, where it comes from, and the takes beside it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from playground.accounts.models import Role
from playground.core import clock
from playground.jobs import takes
from playground.jobs.models import Job, Take
from tests.factories import KLING, MembershipFactory, Personas, make_job
from tests.web.playground import VEO_PAGE, add_take, finished

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def take_of(job: Job) -> Take:
    return job.takes.get(index=0)


def page_of(client: Client, take: Take, query: str = "") -> str:
    response = client.get(f"/takes/{take.pk}{query}")
    assert response.status_code == 200
    return response.text


def link(page: str, label: str) -> str:
    """Where the link or button of this name leads; "" if there is none."""
    found = re.search(rf'<a class="[^"]*" href="([^"]*)" aria-label="{label}', page)
    return found[1].replace("&amp;", "&") if found else ""


def row(page: str, name: str) -> str:
    """The text of one line of the parameters."""
    found = re.search(rf"<dt>{name}</dt><dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    assert found, f"there is no row {name}"
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def test_the_page_shows_the_clip_what_was_asked_for_and_what_it_cost(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice, prompt="Fog over a lake", upstream_id="sbx_1")
    page = page_of(alice, take_of(job))
    for words in ("<video", "Fog over a lake", "Veo 3.1", "Text to video", "Alice", "Copy prompt", "Copy payload", "Created, credits held"):
        assert words in page
    assert row(page, "Aspect ratio") == "16:9, 1280 × 720"
    assert row(page, "Duration") == "5 s, audio"
    assert row(page, "Cost") == "60 credits"
    assert row(page, "Time") == "8 s queue, 60 s generate, 2 s save"
    assert row(page, "Task").startswith(job.pk.hex)
    assert row(page, "Stored").startswith("On this server, 1 byte")
    assert row(page, "SHA-256").startswith("0" * 64)
    assert row(page, "Provider record").startswith("sbx_1")


def test_remix_says_what_the_form_that_it_opens_would_say(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice)
    page = page_of(alice, take_of(job))
    assert f'href="{VEO_PAGE}?from={job.number}"' in page
    assert re.search(r'Remix <span class="num">60 cr</span>', page)


def test_the_provider_s_own_words_are_for_owners(client: Client, personas: Personas) -> None:
    job = finished(personas.alice, raw_reply='{"secret": "words of the provider"}')
    for membership, is_shown in ((personas.alice, True), (personas.bob, False)):
        client.force_login(membership.user)
        assert ("words of the provider" in page_of(client, take_of(job))) is is_shown


def test_those_who_only_look_get_no_buttons_that_change_something(client: Client, personas: Personas) -> None:
    viewer = MembershipFactory.create(team=personas.alice.team, role=Role.VIEWER)
    job = finished(personas.alice)
    client.force_login(viewer.user)
    page = page_of(client, take_of(job))
    assert "Download" in page
    for words in ("Remix", "Share link", "Delete take"):
        assert words not in page
    client.force_login(personas.bob.user)
    page = page_of(client, take_of(job))
    assert "Remix" in page
    assert "Share link" in page
    assert "Delete take" not in page


def test_a_take_that_is_deleted_or_another_team_s_is_not_there_and_the_page_leads_on(alice: Client, personas: Personas) -> None:
    foreign, deleted = take_of(finished(personas.charlie)), take_of(finished(personas.alice))
    takes.delete_takes(personas.alice.team_id, [deleted.pk])
    for take in (foreign, deleted):
        response = alice.get(f"/takes/{take.pk}")
        assert response.status_code == 404
        assert 'href="/gallery"' in response.text


def test_a_file_that_was_erased_leaves_its_settings(alice: Client, personas: Personas) -> None:
    take = take_of(finished(personas.alice, prompt="Fog over a lake"))
    take.video.deleted_at = clock.now()
    take.video.save()
    page = page_of(alice, take)
    assert "This file is gone" in page
    assert "<video" not in page
    assert "Fog over a lake" in page
    assert row(page, "Stored") == "No longer"


def test_the_arrows_lead_to_the_newer_and_the_older_take_and_end_at_the_ends(alice: Client, personas: Personas) -> None:
    old, middle, new = (take_of(finished(personas.alice, created_at=clock.now() - timedelta(hours=hours))) for hours in (3, 2, 1))
    page = page_of(alice, middle)
    assert link(page, "Previous take") == f"/takes/{new.pk}"
    assert link(page, "Next take") == f"/takes/{old.pk}"
    assert link(page_of(alice, new), "Previous take") == ""
    assert link(page_of(alice, old), "Next take") == ""


def test_the_arrows_and_the_close_keep_to_what_the_gallery_showed(alice: Client, personas: Personas) -> None:
    made = [
        finished(membership, model_id=model, created_at=clock.now() - timedelta(hours=hours))
        for hours, membership, model in (
            (4, personas.alice, KLING), (3, personas.bob, KLING), (2, personas.alice, "google/veo-3-1"), (1, personas.alice, KLING),
        )
    ]  # fmt: skip
    oldest, bobs, _, newest = (take_of(job) for job in made)
    mine = f"?scope=mine&model=modkie/{KLING}"
    page = page_of(alice, newest, mine)
    assert link(page, "Next take") == f"/takes/{oldest.pk}{mine}"
    assert link(page, "Close") == f"/gallery{mine}#t-{newest.job_id}"
    page = page_of(alice, newest, f"?scope=team&model=modkie/{KLING}&after=1")
    assert link(page, "Next take") == f"/takes/{bobs.pk}?scope=team&model=modkie/{KLING}"


def test_deleted_failed_and_foreign_takes_are_no_neighbours(alice: Client, personas: Personas) -> None:
    def made(hours: int, *, by: object = personas.alice) -> Take:
        return take_of(finished(by, created_at=clock.now() - timedelta(hours=hours)))  # type: ignore[arg-type]

    old, deleted, middle = made(4), made(3), made(2)
    made(1, by=personas.charlie)
    make_job(personas.alice)
    takes.delete_takes(personas.alice.team_id, [deleted.pk])
    page = page_of(alice, middle)
    assert link(page, "Next take") == f"/takes/{old.pk}"
    assert link(page, "Previous take") == ""


def test_the_takes_of_one_run_stand_beside_each_other_and_are_walked_in_their_order(alice: Client, personas: Personas) -> None:
    older = take_of(finished(personas.alice, created_at=clock.now() - timedelta(hours=2)))
    job = finished(personas.alice)
    first, second = take_of(job), add_take(job, index=1)
    page = page_of(alice, first)
    assert "Takes of this run" in page
    assert link(page, "Next take") == f"/takes/{second.pk}"
    page = page_of(alice, second)
    assert f"Take {job.number}b" in page
    assert link(page, "Previous take") == f"/takes/{first.pk}"
    assert link(page, "Next take") == f"/takes/{older.pk}"
    assert link(page, "Close") == f"/gallery#t-{second.pk}"
    assert link(page_of(alice, older), "Previous take") == f"/takes/{second.pk}"


def test_the_page_of_a_finished_job_leads_to_its_take(alice: Client, personas: Personas) -> None:
    job = finished(personas.alice)
    assert f'href="/takes/{take_of(job).pk}">Open take' in alice.get(f"/tasks/{job.pk}").text
    assert "Open take" not in alice.get(f"/tasks/{make_job(personas.alice).job.pk}").text


def test_the_page_costs_the_same_however_many_takes_there_are(
    alice: Client, personas: Personas, django_assert_max_num_queries: object
) -> None:
    for _ in range(6):
        job = finished(personas.alice)
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        page_of(alice, take_of(job))
