from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from playground.credits import services
from playground.web import credits_views
from tests.factories import Personas, make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def rows(page: str) -> list[str]:
    return page.split("<tbody>")[-1].split("</tbody>")[0].split("<tr>")[1:]


def test_a_hold_lowers_what_is_available_and_says_for_which_take(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    page = alice.get("/credits").text
    hold, grant = rows(page)
    assert "Hold" in hold
    assert "−60" in hold
    assert f'href="/tasks/{job.pk}"' in hold
    assert "Take 1" in hold
    assert "Veo 3.1" in hold
    assert "Alice" in hold
    assert "9,940" in hold
    assert "Top-up" in grant
    assert "+10,000" in grant
    assert "1 running task. Returned if it fails" in page


def test_a_charge_is_told_as_taken_from_the_hold_and_counted_once(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    services.capture(job_id=job.pk, millicredits=40_000)
    page = alice.get("/credits").text
    charge = rows(page)[0]
    assert "40 from hold, 20 returned" in charge
    assert "9,960" in charge
    assert "1 finished job<" in page


def test_a_release_gives_everything_back_and_counts_as_not_charged(alice: Client, personas: Personas) -> None:
    job = make_job(personas.alice).job
    services.release(job_id=job.pk)
    page = alice.get("/credits").text
    assert "+60" in rows(page)[0]
    assert "1 failed job in" in page


def test_an_adjustment_shows_its_reason_and_who_made_it(alice: Client, personas: Personas) -> None:
    services.adjust(team=personas.alice.team, mode="test", millicredits=-500, note="Rounding <b>", actor=personas.bob.user)
    row = rows(alice.get("/credits").text)[0]
    assert "Adjustment" in row
    assert "−0.5" in row
    assert "Rounding &lt;b&gt;" in row
    assert "Bob" in row


def test_another_teams_entries_are_never_shown(alice: Client, personas: Personas) -> None:
    job = make_job(personas.charlie).job
    assert str(job.pk) not in alice.get("/credits").text


def test_older_entries_follow_by_link_with_and_without_script(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credits_views, "PAGE_SIZE", 2)
    for number in range(3):
        services.grant(team=personas.alice.team, mode="test", millicredits=1000 * (number + 1), note=f"gift {number}")
    page = alice.get("/credits").text
    assert "gift 2" in page
    assert "gift 0" not in page
    before = page.split('href="?before=')[1].split('"')[0]
    piece = alice.get(f"/credits?before={before}", headers={"HX-Request": "true"}).text
    assert piece.startswith("<tr>")
    assert "gift 0" in piece
    assert "gift 1" not in piece
    assert "Newest entries" in alice.get(f"/credits?before={before}").text


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_a_broken_position_is_the_first_page(alice: Client, before: str) -> None:
    assert "Top-up" in alice.get("/credits", {"before": before}).text


def test_the_number_of_queries_does_not_grow_with_the_entries(
    alice: Client, personas: Personas, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_job(personas.alice)
    with django_assert_max_num_queries(8):
        alice.get("/credits")
