"""The Credits page: four numbers, what was spent on what, how far the budgets are, and every movement."""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from playground.accounts.models import Role
from playground.credits import services
from playground.credits.budgets import Subject, set_budget
from playground.web import credits_views
from tests.factories import KLING, Personas, make_job
from tests.web.credits import HTMX, days_ago, fail, join, key_of, rows, spend, text_of

pytestmark = pytest.mark.django_db
KLING_PAYLOAD = {"prompt": "Dunes", "aspect_ratio": "16:9", "resolution": "720p", "duration": 5}


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def stat(page: str, name: str) -> str:
    """What stands under one of the four numbers."""
    found = next(part for part in page.split('<div class="stat">')[1:] if text_of(part.split("</div>")[0]).startswith(name))
    return text_of(found.split("</section>")[0])


def legend(page: str) -> list[str]:
    return [text_of(item) for item in page.split('class="legend')[1].split("</ul>")[0].split("<li>")[1:]]


# --- four numbers ---------------------------------------------------------------------------------------------------
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
    assert stat(page, "Held") == "Held 60 1 running task. Returned if it fails"


def test_what_is_available_is_said_in_jobs(alice: Client, personas: Personas) -> None:
    assert stat(alice.get("/credits").text, "Available") == "Available 10,000 test credits Enough for about 166 Veo 3.1 jobs"


def test_a_charge_is_told_as_taken_from_the_hold_and_counted_once(alice: Client, personas: Personas) -> None:
    spend(personas.alice, 40)
    page = alice.get("/credits").text
    charge = rows(page)[0]
    assert "40 from hold, 20 returned" in charge
    assert "9,960" in charge
    assert stat(page, "Spent in").endswith("40 test credits 1 finished job")


def test_a_release_gives_everything_back_and_counts_as_not_charged(alice: Client, personas: Personas) -> None:
    fail(personas.alice)
    page = alice.get("/credits").text
    assert "+60" in rows(page)[0]
    assert re.fullmatch(r"Not charged 60 1 failed job in \w+", stat(page, "Not charged"))


def test_what_was_spent_stands_beside_the_teams_budget_of_the_month(alice: Client, personas: Personas) -> None:
    set_budget(team=personas.alice.team, mode="test", subject=Subject.team(), period="month", limit_millicredits=200_000)
    spend(personas.alice)
    page = alice.get("/credits").text
    assert "60 of 200 budget" in stat(page, "Spent in")
    assert 'style="--p:30%"' in page


def test_test_and_live_are_two_accounts(alice: Client, personas: Personas, settings: LazySettings) -> None:
    settings.KIE_API_KEY = "a-provider-key"
    services.grant(team=personas.alice.team, mode="live", millicredits=500_000, actor=personas.alice.user)
    test = alice.get("/credits").text
    alice.post("/prefs", {"mode": "live"})
    live = alice.get("/credits").text
    assert 'class="tag line">Test credits<' in test
    assert 'class="tag line">Live credits<' in live
    assert stat(live, "Available").startswith("Available 500 ≈ $2.50")
    assert "+500" not in test
    assert "+10,000" not in live


def test_an_adjustment_shows_its_reason_and_who_made_it(alice: Client, personas: Personas) -> None:
    services.adjust(team=personas.alice.team, mode="test", millicredits=-500, note="Rounding <b>", actor=personas.bob.user)
    row = rows(alice.get("/credits").text)[0]
    assert "Adjustment" in row
    assert "−0.5" in row
    assert "Rounding &lt;b&gt;" in row
    assert "Bob" in row


# --- use --------------------------------------------------------------------------------------------------------------
def test_use_is_drawn_by_model_member_and_key_with_the_same_sum(alice: Client, personas: Personas) -> None:
    key = key_of(personas.bob, "render farm")
    spend(personas.alice)
    spend(personas.bob, 35, model_id=KLING, payload=KLING_PAYLOAD)
    spend(personas.bob, key_id=key.pk, user_id=personas.bob.user_id, source="api")
    assert legend(alice.get("/credits").text) == ["Veo 3.1 120", "Kling 3.0 35"]
    assert legend(alice.get("/credits?by=member").text) == ["Bob 95", "Alice 60"]
    assert legend(alice.get("/credits?by=key").text) == ["In the page 95", "render farm 60"]
    for by in ("model", "member", "key"):
        assert "last 30 days · 155 test credits" in text_of(alice.get(f"/credits?by={by}").text)


def test_the_table_says_what_the_bars_show(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    spend(personas.alice)
    with monkeypatch.context() as then:
        days_ago(3, then)
        spend(personas.alice, 40)
    page = alice.get("/credits").text
    table = page.split('aria-label="Usage by day"')[1].split("</table>")[0]
    assert [text_of(row).split()[-1] for row in rows(table)] == ["60", "40", "100"]
    assert page.count('<rect class="c1"') == 2


def test_what_is_older_than_thirty_days_is_not_in_the_chart(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as then:
        days_ago(31, then)
        spend(personas.alice)
    page = alice.get("/credits").text
    assert "No test credits were charged in the last 30 days." in page
    assert '<rect class="c' not in page


# --- budgets -----------------------------------------------------------------------------------------------------------
def test_budgets_stand_with_what_is_used_and_warn_in_words(alice: Client, personas: Personas) -> None:
    team = personas.alice.team
    for subject, limit in (
        (Subject.member(personas.alice.user_id), 75),
        (Subject.member(personas.bob.user_id), 60),
        (Subject.team(), 1000),
    ):
        set_budget(team=team, mode="test", subject=subject, period="month", limit_millicredits=limit * 1000)
    spend(personas.alice)
    spend(personas.bob)
    items = [text_of(item) for item in alice.get("/credits").text.split('class="blist')[1].split("</ul>")[0].split("<li>")[1:]]
    assert items[0].endswith("The team 120 / 1,000")
    assert items[1].endswith("Alice 80% used, near the limit 60 / 75")
    assert items[2].endswith("Bob Reached 60 / 60")


@pytest.mark.parametrize(("role", "may"), [(Role.OWNER, True), (Role.ADMIN, True), (Role.MEMBER, False), (Role.VIEWER, False)])
def test_only_who_may_set_budgets_is_led_there(client: Client, personas: Personas, role: Role, may: bool) -> None:
    client.force_login(join(personas, role, "Robin").user)
    assert ('href="/credits/budgets"' in client.get("/credits").text) is may


@pytest.mark.parametrize(("role", "may"), [(Role.OWNER, True), (Role.ADMIN, False), (Role.MEMBER, False), (Role.VIEWER, False)])
def test_everybody_sees_the_page_and_only_owners_are_led_to_adding(client: Client, personas: Personas, role: Role, may: bool) -> None:
    client.force_login(join(personas, role, "Robin").user)
    page = client.get("/credits").text
    assert "+10,000" in page
    assert ('href="/credits/add"' in page) is may
    assert ('href="/credits/proof"' in page) is may


# --- the ledger -------------------------------------------------------------------------------------------------------
def test_another_teams_entries_are_never_shown(alice: Client, personas: Personas) -> None:
    job = spend(personas.charlie)
    page = alice.get(f"/credits?member={personas.charlie.user_id}").text
    assert str(job.pk) not in page
    assert "Charlie" not in page
    assert "No entry fits these filters." in page


def test_a_charge_leads_owners_to_what_the_provider_said(client: Client, personas: Personas) -> None:
    job = spend(personas.alice)
    job.raw_reply = '{"code": 200, "costs": 60}'
    job.save(update_fields=["raw_reply"])
    client.force_login(personas.alice.user)
    assert f'href="/tasks/{job.pk}#provider-said"' in rows(client.get("/credits").text)[0]
    assert "&quot;costs&quot;: 60" in client.get(f"/tasks/{job.pk}").text.split('id="provider-said"')[1]
    client.force_login(personas.bob.user)
    assert f'href="/tasks/{job.pk}"' in rows(client.get("/credits").text)[0]
    assert "provider-said" not in client.get(f"/tasks/{job.pk}").text


def test_an_entry_whose_job_was_erased_stays(alice: Client, personas: Personas) -> None:
    job = spend(personas.alice)
    job.delete()
    assert "Erased" in rows(alice.get("/credits").text)[0]


def test_older_entries_follow_by_link_with_and_without_script(alice: Client, personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credits_views, "PAGE_SIZE", 2)
    for number in range(3):
        services.grant(team=personas.alice.team, mode="test", millicredits=1000 * (number + 1), note=f"gift {number}")
    page = alice.get("/credits?kind=grant").text
    assert "gift 2" in page
    assert "gift 0" not in page
    older = page.split('id="more"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert older.startswith("?kind=grant&before=")
    piece = alice.get(f"/credits{older}", headers=HTMX).text
    assert piece.startswith("<tr>")
    assert "gift 0" in piece
    assert "gift 1" not in piece
    assert "Newest entries" in alice.get(f"/credits{older}").text


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_a_broken_position_is_the_first_page(alice: Client, before: str) -> None:
    assert "Top-up" in alice.get("/credits", {"before": before}).text


def test_the_number_of_queries_does_not_grow_with_the_entries(
    alice: Client, personas: Personas, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_job(personas.alice)
    # Session, person, memberships, the visit, account; entries and their jobs; members, keys and models to filter by; budgets, month,
    # chart, running.
    with django_assert_max_num_queries(14):
        alice.get("/credits")
