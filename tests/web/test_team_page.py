"""The Team page: who is in the team, in which role, who is invited; and what the page refuses."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils.html import escape

from playground.accounts import members
from playground.accounts.access import identity_for_key
from playground.accounts.models import AuditEvent, Invitation, Membership, Role, Team
from playground.accounts.permissions import TABLE
from playground.core import clock
from playground.credits import services as ledger
from playground.credits.budgets import Subject, set_budget
from playground.jobs.models import Job
from tests.factories import MembershipFactory, Personas, UserFactory, make_job, make_key
from tests.web.people import HTMX, signed_in

pytestmark = pytest.mark.django_db
PLACE = {"_place": "northlight"}


@pytest.fixture
def alice(personas: Personas) -> Client:
    return signed_in(personas.alice)


@pytest.fixture
def admin(personas: Personas) -> Membership:
    made: Membership = MembershipFactory.create(team=personas.alice.team, role=Role.ADMIN, user__name="Ada")
    return made


def role_of(membership: Membership) -> str:
    membership.refresh_from_db()
    return membership.role


def change(client: Client, member: Membership, role: str, **more: Any) -> Any:
    return client.post(f"/team/members/{member.pk}/role", {"role": role} | PLACE, **more)


def invite(client: Client, emails: str, **fields: str) -> Any:
    return client.post("/team/invitations", {"emails": emails, "role": "member"} | PLACE | fields)


def links_in(answer: Any) -> list[str]:
    return re.findall(r'value="(http://testserver/join/[^"]+)"', answer.text)


class TestMembers:
    def test_everybody_in_the_team_sees_who_is_in_it_and_what_they_spent(self, personas: Personas) -> None:
        ledger.capture(job_id=make_job(personas.bob).job.pk, millicredits=60_000)
        page = signed_in(MembershipFactory.create(team=personas.alice.team, role=Role.VIEWER)).get("/team").text

        assert "alice@example.com" in page and "bob@example.com" in page
        assert "charlie@example.com" not in page
        assert re.search(r'<td class="r">60\s*</td>', page)
        assert "<select" not in page and "Invite people" not in page

    def test_a_budget_of_the_month_stands_beside_what_was_spent(self, alice: Client, personas: Personas) -> None:
        subject = Subject.member(personas.bob.user_id)
        set_budget(team=personas.alice.team, mode="test", subject=subject, period="month", limit_millicredits=70_000, by=personas.alice)
        ledger.capture(job_id=make_job(personas.bob).job.pk, millicredits=60_000)
        page = alice.get("/team").text

        assert '60 <span class="dim">of 70</span>' in page and "Nearly used up" in page

    def test_a_role_is_changed_by_htmx_and_the_table_comes_back(self, alice: Client, personas: Personas) -> None:
        answer = change(alice, personas.bob, "admin", headers=HTMX)

        assert answer.status_code == 200 and 'id="members"' in answer.text and "Bob is Admin now." in answer.text
        assert role_of(personas.bob) == Role.ADMIN

    def test_without_script_a_button_does_the_same(self, alice: Client, personas: Personas) -> None:
        assert "Save role" in alice.get("/team").text
        answer = change(alice, personas.bob, "viewer", follow=True)

        assert answer.redirect_chain == [("/team", 302)] and "Bob is Viewer now." in answer.text
        assert AuditEvent.objects.filter(action="member.role", subject="bob@example.com").count() == 1

    @pytest.mark.parametrize("role", ["", "king", "Owner", "owner'--"])
    def test_a_role_that_does_not_exist_changes_nothing(self, alice: Client, personas: Personas, role: str) -> None:
        answer = change(alice, personas.bob, role)

        assert answer.status_code == 422 and "There is no such role." in answer.text
        assert role_of(personas.bob) == Role.MEMBER

    @pytest.mark.parametrize("member_id", [0, 999_999, 10**30])
    def test_nobody_has_no_role(self, alice: Client, member_id: int) -> None:
        assert alice.post(f"/team/members/{member_id}/role", {"role": "admin"}).status_code == 404
        assert alice.get(f"/team/members/{member_id}/remove").status_code == 404

    def test_an_admin_neither_makes_nor_touches_an_owner(self, personas: Personas, admin: Membership) -> None:
        client = signed_in(admin)
        answers = [
            change(client, personas.alice, "member"),
            change(client, personas.bob, "owner"),
            client.get(f"/team/members/{personas.alice.pk}/remove"),
            client.post(f"/team/members/{personas.alice.pk}/remove", PLACE),
            invite(client, "dora@example.com", role="owner"),
        ]

        assert [answer.status_code for answer in answers] == [403] * 5
        assert all("needs the role Owner" in answer.text for answer in answers)
        assert (role_of(personas.alice), role_of(personas.bob)) == (Role.OWNER, Role.MEMBER)
        assert not Invitation.objects.exists()

    def test_the_last_owner_stays_and_the_page_says_why(self, alice: Client, personas: Personas) -> None:
        page = alice.get("/team").text
        refused = [change(alice, personas.alice, "member"), alice.post(f"/team/members/{personas.alice.pk}/remove", PLACE)]

        assert re.search(r'<button[^>]* disabled title="The last owner cannot leave[^>]*aria-describedby="stays"', page)
        assert [answer.status_code for answer in refused] == [422, 422]
        assert role_of(personas.alice) == Role.OWNER

    def test_of_two_owners_one_may_step_down_and_gets_a_whole_page(self, alice: Client, personas: Personas) -> None:
        change(alice, personas.bob, "owner")
        answer = change(alice, personas.alice, "member", headers=HTMX)

        assert (answer.status_code, answer["HX-Redirect"]) == (204, "/team")
        assert role_of(personas.alice) == Role.MEMBER


class TestLeaving:
    def test_removing_names_the_person_and_says_what_it_means(self, alice: Client, personas: Personas) -> None:
        make_job(personas.bob)
        make_key(personas.bob)
        page = alice.get(f"/team/members/{personas.bob.pk}/remove").text

        assert "Remove Bob from Northlight?" in page
        assert "Takes stay with the team." in page and "1 API key ends at once" in page
        assert Membership.objects.filter(pk=personas.bob.pk).exists()

    def test_who_is_removed_is_out_at_once_and_the_takes_stay(self, alice: Client, personas: Personas) -> None:
        make_job(personas.bob)
        secret, bobs = make_key(personas.bob), signed_in(personas.bob)
        assert bobs.get("/team").status_code == 200
        answer = alice.post(f"/team/members/{personas.bob.pk}/remove", PLACE, follow=True)

        assert "Bob is out of Northlight" in answer.text
        assert bobs.get("/team")["Location"].startswith("/login")
        assert identity_for_key(secret) is None
        assert Job.objects.get().team == personas.alice.team

    def test_who_leaves_stays_signed_in_here_and_nowhere_else(self, personas: Personas) -> None:
        here, elsewhere = signed_in(personas.bob), signed_in(personas.bob)
        answer = here.post(f"/team/members/{personas.bob.pk}/remove", PLACE, follow=True)

        assert answer.status_code == 403 and "You are in no team yet" in answer.text
        assert elsewhere.get("/gallery")["Location"].startswith("/login")

    def test_removing_somebody_twice_finds_nobody(self, alice: Client, personas: Personas) -> None:
        first, second = (alice.post(f"/team/members/{personas.bob.pk}/remove", PLACE) for _ in range(2))

        assert (first.status_code, second.status_code) == (302, 404)


class TestInvitations:
    def test_several_people_get_a_link_each_which_is_shown_once(self, alice: Client) -> None:
        answer = invite(alice, "Dora <dora@example.com>, EMIL@example.com\nfritz@example.com", budget="12.5")

        assert len(links_in(answer)) == 3
        assert {one.email for one in Invitation.objects.all()} == {"dora@example.com", "emil@example.com", "fritz@example.com"}
        assert {one.budget_millicredits for one in Invitation.objects.all()} == {12_500}
        page = alice.get("/team").text
        assert links_in(alice.get("/team")) == [] and "dora@example.com" in page and "12.5" in page

    def test_a_link_leads_to_joining(self, alice: Client) -> None:
        (link,) = links_in(invite(alice, "dora@example.com", role="viewer"))

        assert "Northlight" in Client().get(link.removeprefix("http://testserver")).text

    @pytest.mark.parametrize(
        ("emails", "words"),
        [
            ("dora@example.com, nonsense, emil@example.com", "'nonsense' is not an e-mail address."),
            ("dora@example.com, bob@example.com", "bob@example.com is in the team already."),
            ("alice@example.com", "alice@example.com is in the team already."),
            (", ".join(f"p{number}@example.com" for number in range(51)), "At most 50 people can be invited at once."),
            ("   ", "Name at least one e-mail address."),
            (" , ; ", "Name at least one e-mail address."),
        ],
    )
    def test_one_wrong_address_is_named_and_nothing_typed_is_lost(self, alice: Client, emails: str, words: str) -> None:
        answer = invite(alice, emails, role="viewer", budget="7")

        assert answer.status_code == 422
        assert escape(words) in answer.text
        assert escape(emails.strip()) in answer.text and 'value="7"' in answer.text and '<option value="viewer" selected>' in answer.text
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize("budget", ["0", "-1", "many", "NaN", "1e400", "0.0001", "10000000000"])
    def test_an_absurd_budget_is_refused_at_its_field(self, alice: Client, budget: str) -> None:
        answer = invite(alice, "dora@example.com", budget=budget)

        assert answer.status_code == 422 and 'id="id_budget-about"' in answer.text
        assert f'value="{budget}"' in answer.text and "dora@example.com" in answer.text
        assert not Invitation.objects.exists()

    def test_a_role_that_does_not_exist_is_given_to_nobody(self, alice: Client) -> None:
        assert invite(alice, "dora@example.com", role="king").status_code == 422
        assert not Invitation.objects.exists()

    def test_a_new_link_ends_the_old_one(self, alice: Client) -> None:
        (old,) = links_in(invite(alice, "dora@example.com"))
        Invitation.objects.update(expires_at=clock.now() - timedelta(days=1))
        assert "Expired" in alice.get("/team").text
        (new,) = links_in(alice.post(f"/team/invitations/{Invitation.objects.get().pk}/renew", PLACE))

        assert members.find_invitation(old.rsplit("/", 1)[1]) is None
        assert members.find_invitation(new.rsplit("/", 1)[1]) is not None

    def test_what_was_taken_back_or_used_can_be_neither_renewed_nor_revoked(self, alice: Client) -> None:
        (link,) = links_in(invite(alice, "dora@example.com"))
        invite(alice, "emil@example.com")
        members.accept(link.rsplit("/", 1)[1], UserFactory.create(email="dora@example.com"))
        revoked = Invitation.objects.get(email="emil@example.com")
        assert "taken back" in alice.post(f"/team/invitations/{revoked.pk}/revoke", PLACE, follow=True).text

        for one in Invitation.objects.all():
            for action in ("renew", "revoke"):
                assert alice.post(f"/team/invitations/{one.pk}/{action}", PLACE).status_code == 404

    def test_with_mail_the_link_goes_out_and_stands_on_no_page(self, alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        sent: list[str] = []

        def send(invitation: Invitation, url: str) -> bool:
            sent.append(url)
            return True

        monkeypatch.setattr("playground.web.invitation_mail.send", send)
        answer = invite(alice, "dora@example.com")

        assert len(sent) == 1 and links_in(answer) == []
        assert "on its way to dora@example.com" in answer.text


class TestTeams:
    def test_an_owner_renames_the_team_and_its_slug_stays(self, alice: Client, personas: Personas) -> None:
        answer = alice.post("/team/name", {"name": "  Bright   Harbour "} | PLACE, follow=True)

        assert "The team is called Bright Harbour now." in answer.text
        assert Team.objects.get(slug="northlight").name == "Bright Harbour"

    @pytest.mark.parametrize("name", ["", "   ", "x" * 81])
    def test_a_name_that_is_none_is_refused(self, alice: Client, name: str) -> None:
        assert alice.post("/team/name", {"name": name} | PLACE).status_code == 422
        assert alice.post("/teams/new", {"name": name}).status_code == 422
        assert set(Team.objects.values_list("name", flat=True)) == {"Northlight", "Elsewhere"}

    def test_anybody_makes_a_team_and_is_in_it(self, personas: Personas) -> None:
        page = signed_in(personas.bob).post("/teams/new", {"name": "Second unit"}, follow=True).text

        assert "You own Second unit now" in page and "Rename team" in page

    @pytest.mark.parametrize(
        ("signup", "words"), [("open", "Make a team"), ("invite", "for an invitation"), ("closed", "for an invitation")]
    )
    def test_somebody_without_a_team_is_told_a_way_on(self, settings: LazySettings, db: None, signup: str, words: str) -> None:
        settings.SIGNUP = signup
        page = signed_in(UserFactory.create()).get("/team")

        assert page.status_code == 403 and "for an invitation" in page.text
        assert ("Make a team" in page.text) == (signup == "open")

    def test_the_page_prints_the_table_that_is_asked(self, alice: Client) -> None:
        page = alice.get("/team").text

        for rule in TABLE.values():
            assert escape(f"{rule.words[0].upper()}{rule.words[1:]}") in page


class TestTwoTabsInTwoTeams:
    @pytest.fixture
    def tab(self, personas: Personas) -> Client:
        """Alice, who by another tab is in her second team."""
        second = MembershipFactory.create(user=personas.alice.user, role=Role.OWNER, team__slug="south", team__name="South")
        client = signed_in(personas.alice)
        client.post("/prefs", {"team": second.team.slug})
        return client

    @pytest.mark.parametrize(
        ("path", "fields"),
        [
            ("/team/name", {"name": "Bright Harbour"}),
            ("/team/invitations", {"emails": "dora@example.com", "role": "member"}),
            ("/settings/keys", {"name": "robot", "kind": "test", "expires": "30"}),
        ],
    )
    def test_a_form_of_one_team_changes_nothing_in_the_other(self, tab: Client, path: str, fields: dict[str, str]) -> None:
        answer = tab.post(path, fields | PLACE)

        assert answer.status_code == 409
        assert "made for Northlight" in answer.text and "You are in South by now" in answer.text
        assert all(value in answer.text for name, value in fields.items() if name in ("name", "emails"))
        assert not Invitation.objects.exists() and Team.objects.filter(name="Bright Harbour").count() == 0
        assert AuditEvent.objects.count() == 0

    def test_one_button_returns_to_the_team_of_the_form(self, tab: Client) -> None:
        page = tab.post("/team/name", {"name": "Bright Harbour"} | PLACE).text
        assert 'name="place" value="northlight"' in page and 'name="next" value="/team"' in page
        back = tab.post("/prefs", {"place": "northlight", "next": "/team"})

        assert (back.status_code, back["Location"]) == (303, "/team")
        assert "bob@example.com" in tab.get("/team").text

    def test_htmx_keeps_its_page_and_hears_the_same(self, tab: Client, personas: Personas) -> None:
        answer = change(tab, personas.bob, "admin", headers=HTMX | {"X-Rushes-Place": "northlight"})

        assert (answer.status_code, answer["HX-Reswap"]) == (409, "none")
        assert "made for Northlight; you are in South now" in json.loads(answer["HX-Trigger"])["page-moved"]["value"]
        assert role_of(personas.bob) == Role.MEMBER

    def test_a_place_without_a_mode_holds_in_both(self, personas: Personas, settings: LazySettings) -> None:
        settings.MODKIE_API_KEY = "k"
        client = signed_in(personas.alice)
        client.post("/prefs", {"mode": "live"})

        assert change(client, personas.bob, "admin").status_code == 302


def test_a_form_of_another_site_is_refused(personas: Personas) -> None:
    client = signed_in(personas.alice, csrf=True)
    answers = [
        client.post(path, {"name": "Bright Harbour", "emails": "dora@example.com", "role": "admin"} | PLACE)
        for path in ("/team/name", "/team/invitations", "/teams/new", "/settings/keys", f"/team/members/{personas.bob.pk}/remove")
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert not Invitation.objects.exists() and Membership.objects.count() == 3


def test_the_team_is_reached_from_every_page_also_on_a_phone(alice: Client) -> None:
    page = alice.get("/gallery").text

    assert page.count('href="/team"') == 2, "in the top bar, and in the account menu that a phone has"


def test_a_visit_is_noted_and_a_tab_left_open_is_none(personas: Personas) -> None:
    Membership.objects.update(last_active_at=None)
    client = signed_in(personas.alice)
    client.get("/live?on=strip", headers=HTMX | {"HX-Trigger": "pulse"})
    assert Membership.objects.exclude(last_active_at=None).count() == 0
    client.get("/gallery")

    assert Membership.objects.get(user=personas.alice.user).last_active_at is not None
