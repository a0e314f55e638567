"""Budgets are set, changed and removed by owners and admins, with and without script."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from playground.accounts.models import AuditEvent, Role
from playground.credits.budgets import BudgetState, Subject, budgets_of, set_budget
from playground.credits.models import Account, Budget
from tests.factories import MembershipFactory, Personas, make_job
from tests.web.credits import HTMX, form_of, join, key_of, rows, spend, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def budgets(personas: Personas, mode: str = "test") -> list[BudgetState]:
    return budgets_of(Account.objects.get(team=personas.alice.team, mode=mode).pk)


def limits(personas: Personas) -> list[tuple[str, str, int]]:
    return [(one.subject_words, one.period.value, one.limit_millicredits // 1000) for one in budgets(personas)]


def bobs_budget(personas: Personas, credits: int = 4000) -> BudgetState:
    subject = Subject.member(personas.bob.user_id)
    return set_budget(team=personas.alice.team, mode="test", subject=subject, period="month", limit_millicredits=credits * 1000)


def test_budgets_are_set_for_team_member_and_key_per_day_month_and_in_total(alice: Client, personas: Personas) -> None:
    key = key_of(personas.bob, "render farm")
    bob = personas.bob.user_id
    for subject, period, limit in (("team", "month", "20,000"), (f"member:{bob}", "day", "500"), (f"key:{key.pk}", "total", "5000")):
        page = alice.post("/credits/budgets", {"subject": subject, "period": period, "limit": limit}, follow=True)
        assert page.redirect_chain == [("/credits/budgets", 302)]
    assert limits(personas) == [("The team", "month", 20_000), ("Bob", "day", 500), ("render farm", "total", 5000)]
    table = [text_of(row) for row in rows(page.text.split("Set a budget")[0])]
    assert "The team" in table[0]
    assert "0 used today" in table[1]
    assert "Key: render farm" in table[2]
    assert AuditEvent.objects.filter(action="budget.set", actor=personas.alice.user).count() == 3


def test_the_page_offers_the_team_its_people_and_its_keys_and_nobody_elses(alice: Client, personas: Personas) -> None:
    key_of(personas.charlie, "their key")
    key_of(personas.bob, "live key", "live")
    key_of(personas.bob, "render farm")
    offered = text_of(alice.get("/credits/budgets").text.split('name="subject"')[1].split("</select>")[0])
    assert offered.endswith("The whole team Alice Bob Key: render farm")


def test_a_row_saves_by_itself(alice: Client, personas: Personas) -> None:
    budget = bobs_budget(personas)
    row = alice.post(f"/credits/budgets/{budget.id}", {"limit": "6,000"}, headers=HTMX)
    assert row.status_code == 200
    assert row.text.startswith(f'<tr id="budget-{budget.id}">')
    assert 'value="6,000"' in row.text
    assert "Saved" in text_of(row.text)
    assert limits(personas) == [("Bob", "month", 6000)]


def test_a_row_saves_without_script_too(alice: Client, personas: Personas) -> None:
    budget = bobs_budget(personas)
    page = alice.post(f"/credits/budgets/{budget.id}", {"limit": "6000"}, follow=True)
    assert page.redirect_chain == [("/credits/budgets", 302)]
    assert "Budget saved." in page.text
    assert limits(personas) == [("Bob", "month", 6000)]


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_budget_below_what_is_spent_is_asked_about_first(alice: Client, personas: Personas, headers: dict[str, str]) -> None:
    spend(personas.bob)
    budget = bobs_budget(personas)
    asked = alice.post(f"/credits/budgets/{budget.id}", {"limit": "50"}, headers=headers)
    assert asked.status_code == 422
    assert "60 credits are spent this month already, more than 50." in text_of(asked.text)
    assert 'name="confirmed" value="50">Set it all the same' in asked.text
    assert limits(personas) == [("Bob", "month", 4000)]
    alice.post(f"/credits/budgets/{budget.id}", {"limit": "50", "confirmed": "50"}, headers=headers)
    assert limits(personas) == [("Bob", "month", 50)]


def test_another_limit_than_the_one_asked_about_is_asked_about_anew(alice: Client, personas: Personas) -> None:
    spend(personas.bob)
    budget = bobs_budget(personas)
    assert alice.post(f"/credits/budgets/{budget.id}", {"limit": "5", "confirmed": "50"}).status_code == 422
    assert limits(personas) == [("Bob", "month", 4000)]


def test_a_new_budget_below_what_is_spent_is_asked_about_first(alice: Client, personas: Personas) -> None:
    spend(personas.bob)
    fields = {"subject": "team", "period": "month", "limit": "50"}
    asked = alice.post("/credits/budgets", fields)
    assert (asked.status_code, "Set 50 all the same" in asked.text) == (422, True)
    assert form_of(asked.text, "new-title")["limit"] == "50"
    assert not Budget.objects.exists()
    alice.post("/credits/budgets", fields | {"confirmed": "50"})
    assert limits(personas) == [("The team", "month", 50)]


@pytest.mark.parametrize("limit", ["", "lots", "0", "-5", "1e9", "9" * 30])
def test_an_absurd_limit_is_refused_at_its_field_and_kept(alice: Client, personas: Personas, limit: str) -> None:
    budget = bobs_budget(personas)
    for response in (
        alice.post(f"/credits/budgets/{budget.id}", {"limit": limit}, headers=HTMX),
        alice.post(f"/credits/budgets/{budget.id}", {"limit": limit}),
    ):
        assert response.status_code == 422
        row = response.text.split(f'id="budget-{budget.id}"')[1].split("</tr>")[0]
        assert f'value="{limit}" aria-invalid="true"' in row
        assert f'id="id_limit_{budget.id}-about"' in row
    new = alice.post("/credits/budgets", {"subject": "team", "period": "day", "limit": limit})
    assert new.status_code == 422
    assert form_of(new.text, "new-title")["limit"] == limit
    assert limits(personas) == [("Bob", "month", 4000)]


@pytest.mark.parametrize("subject", ["", "moon", "member:0", "member:x", "key:1"])
def test_a_budget_for_nobody_of_the_team_is_refused(alice: Client, personas: Personas, subject: str) -> None:
    for wrong in (subject, f"member:{personas.charlie.user_id}"):
        refused = alice.post("/credits/budgets", {"subject": wrong, "period": "month", "limit": "500"})
        assert refused.status_code == 422
        assert "Choose" in text_of(refused.text.split('id="id_subject-about"')[1])
    assert not Budget.objects.exists()


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_budget_is_removed(alice: Client, personas: Personas, headers: dict[str, str]) -> None:
    budget = bobs_budget(personas)
    response = alice.post(f"/credits/budgets/{budget.id}/remove", headers=headers)
    assert (response.status_code, response.content) == ((200, b"") if headers else (302, b""))
    assert limits(personas) == []
    assert alice.post(f"/credits/budgets/{budget.id}/remove").status_code == 404


def test_budgets_of_others_are_as_good_as_none(alice: Client, personas: Personas) -> None:
    team = personas.charlie.team
    theirs = set_budget(team=team, mode="test", subject=Subject.team(), period="month", limit_millicredits=9000)
    live = set_budget(team=personas.alice.team, mode="live", subject=Subject.team(), period="month", limit_millicredits=9000)
    for budget in (theirs, live):
        assert alice.post(f"/credits/budgets/{budget.id}", {"limit": "1"}).status_code == 404
        assert alice.post(f"/credits/budgets/{budget.id}/remove").status_code == 404
    assert set(Budget.objects.values_list("limit_millicredits", flat=True)) == {9000}


def test_who_has_left_keeps_a_row_that_can_be_removed(alice: Client, personas: Personas) -> None:
    budget = bobs_budget(personas)
    personas.bob.delete()
    page = alice.get("/credits/budgets").text
    assert "4,000, no longer in use" in text_of(page)
    assert 'name="limit" inputmode="decimal" autocomplete="off" value="4,000"' not in page
    assert "Bob" not in text_of(alice.get("/credits").text.split('id="budgets-title"')[1].split("</section>")[0])
    alice.post(f"/credits/budgets/{budget.id}/remove")
    assert limits(personas) == []


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 200), (Role.ADMIN, 200), (Role.MEMBER, 403), (Role.VIEWER, 403)])
def test_only_who_manages_sets_budgets(client: Client, personas: Personas, role: Role, status: int) -> None:
    budget = bobs_budget(personas)
    client.force_login(join(personas, role, "Robin").user)
    assert client.get("/credits/budgets").status_code == status
    assert client.post(f"/credits/budgets/{budget.id}", {"limit": "1"}, headers=HTMX).status_code == status
    assert limits(personas) == [("Bob", "month", 1 if status == 200 else 4000)]
    removed = client.post(f"/credits/budgets/{budget.id}/remove", headers=HTMX)
    assert removed.status_code == status


def test_two_tabs_in_two_teams_never_change_the_wrong_budget(alice: Client, personas: Personas) -> None:
    other = MembershipFactory.create(user=personas.alice.user, team=personas.charlie.team, role=Role.OWNER)
    form = form_of(alice.get("/credits/budgets").text, "new-title")
    alice.post("/prefs", {"team": other.team.slug})
    refused = alice.post("/credits/budgets", form | {"subject": "team", "period": "month", "limit": "5"})
    assert refused.status_code == 409
    assert not Budget.objects.exists()


def test_live_has_budgets_of_its_own(alice: Client, personas: Personas, settings: LazySettings) -> None:
    bobs_budget(personas)
    settings.KIE_API_KEY = "a-provider-key"
    alice.post("/prefs", {"mode": "live"})
    assert "No budgets yet." in alice.get("/credits/budgets").text


def test_a_used_up_budget_stops_runs_and_says_so(alice: Client, personas: Personas) -> None:
    bobs_budget(personas, 60)
    make_job(personas.bob)
    assert "Reached" in text_of(rows(alice.get("/credits/budgets").text)[0])
