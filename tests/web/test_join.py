from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.test import Client

from playground.accounts import members
from playground.accounts.models import AuditEvent, Invitation, Membership, Role, User
from playground.core import clock
from playground.credits.models import Budget
from playground.web import invitation_mail
from tests.mailbox import code_in, delivered, link_in
from tests.web.signing import PASSWORD, is_signed_in, mail, make_person, sign_in, ways_in_the_log  # noqa: F401

pytestmark = pytest.mark.django_db
NEW = {"name": "Bob", "password1": PASSWORD}


@pytest.fixture
def alice() -> Membership:
    return make_person()


def invite(alice: Membership, email: str = "bob@example.com", role: str = Role.MEMBER) -> members.Invited:
    return members.invite(alice, email=email, role=role)


def members_of(alice: Membership) -> set[str]:
    return {membership.user.email for membership in members.members_of(alice.team_id)}


class TestLooking:
    def test_it_says_who_invites_whom_into_what_and_changes_nothing(self, client: Client, alice: Membership) -> None:
        token = invite(alice, role=Role.VIEWER).token
        for _ in range(2):
            page = client.get(f"/join/{token}")
            assert page.status_code == 200
            assert all(word in page.text for word in ("Northlight", "Alice", "bob@example.com", "Viewer"))
            assert "no-store" in page["Cache-Control"]
        assert members_of(alice) == {"alice@example.com"}

    def test_it_looks_the_same_whether_the_address_has_an_account(self, client: Client, alice: Membership) -> None:
        make_person("bob@example.com", "elsewhere")
        has, has_not = (client.get(f"/join/{invite(alice, email).token}").text for email in ("bob@example.com", "bot@example.com"))
        assert len(has) == len(has_not)

    @pytest.mark.parametrize("what", ["unknown", "expired", "revoked", "used"])
    def test_links_that_do_not_work_are_all_the_same_page(self, client: Client, alice: Membership, what: str) -> None:
        invited = invite(alice)
        if what == "expired":
            Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        elif what == "revoked":
            members.revoke_invitation(alice, invited.invitation)
        elif what == "used":
            members.accept(invited.token, make_person("carol@example.com", "elsewhere").user)
        token = "guess" if what == "unknown" else invited.token
        for answer in (client.get(f"/join/{token}"), client.post(f"/join/{token}", NEW)):
            assert answer.status_code == 410
            assert "no longer works" in answer.text
            assert "bob@example.com" not in answer.text
        assert not User.objects.filter(email="bob@example.com").exists()

    def test_guessing_is_throttled(self, client: Client, settings: LazySettings) -> None:
        settings.SIGN_INS_PER_MINUTE = 2
        assert [client.get(f"/join/guess{number}").status_code for number in range(3)] == [410, 410, 429]


class TestJoining:
    def test_a_new_person_makes_an_account_and_is_in(self, client: Client, alice: Membership) -> None:
        token = invite(alice).token
        assert client.post(f"/join/{token}", NEW)["Location"] == "/"
        bob = Membership.objects.get(user__email="bob@example.com")
        assert (bob.team, bob.role, bob.user.name, bob.user.check_password(PASSWORD)) == (alice.team, "member", "Bob", True)
        assert is_signed_in(client)
        assert ways_in_the_log() == ["invitation"]
        assert "Northlight" in client.get("/credits").text

    def test_the_invitation_s_budget_is_the_new_member_s(self, client: Client, alice: Membership) -> None:
        token = members.invite(alice, email="bob@example.com", budget_millicredits=50_000).token
        client.post(f"/join/{token}", NEW)
        budget = Budget.objects.get(account__team=alice.team, account__mode="live")
        assert (budget.limit_millicredits, budget.period) == (50_000, "month")

    def test_it_works_once(self, client: Client, alice: Membership) -> None:
        token = invite(alice).token
        client.post(f"/join/{token}", NEW)
        assert Client().post(f"/join/{token}", NEW).status_code == 410

    def test_a_mistake_loses_nothing(self, client: Client, alice: Membership) -> None:
        token = invite(alice).token
        page = client.post(f"/join/{token}", {"name": "Bob", "password1": "short"})
        assert page.status_code == 422
        assert 'value="Bob"' in page.text
        assert not User.objects.filter(email="bob@example.com").exists()
        assert client.post(f"/join/{token}", NEW).status_code == 302

    def test_who_has_an_account_signs_in_and_comes_back(self, client: Client, alice: Membership) -> None:
        make_person("bob@example.com", "elsewhere")
        path = f"/join/{invite(alice).token}"
        assert client.post(path, NEW).status_code == 422
        answer = client.post("/login", {"login": "bob@example.com", "password": PASSWORD, "next": path})
        assert answer["Location"] == path
        assert "Join as bob@example.com" in client.get(path).text
        assert client.post(path)["Location"] == "/"
        assert members_of(alice) == {"alice@example.com", "bob@example.com"}

    def test_another_account_may_join_but_is_told_as_whom_and_the_log_tells(self, client: Client, alice: Membership) -> None:
        carol = make_person("carol@example.com", "elsewhere")
        path = f"/join/{invite(alice).token}"
        client.force_login(carol.user)
        page = client.get(path).text
        assert "You are signed in as <b>carol@example.com</b>" in page
        client.post(path)
        line = AuditEvent.objects.get(action="member.joined", team=alice.team, subject="carol@example.com")
        assert line.detail["invited"] == "bob@example.com"

    def test_a_form_from_elsewhere_is_refused(self, alice: Membership) -> None:
        path = f"/join/{invite(alice).token}"
        assert Client(enforce_csrf_checks=True).post(path, NEW).status_code == 403
        assert members_of(alice) == {"alice@example.com"}

    def test_the_session_s_key_is_a_new_one(self, client: Client, alice: Membership) -> None:
        session = client.session
        session["planted"] = "by somebody else"
        session.save()
        before = session.session_key
        client.post(f"/join/{invite(alice).token}", NEW)
        assert client.session.session_key != before


class TestSignUpSetting:
    def test_closed_refuses_invitations_with_a_page_of_its_own(self, client: Client, alice: Membership, settings: LazySettings) -> None:
        settings.SIGNUP = "closed"
        path = f"/join/{invite(alice).token}"
        for answer in (client.get(path), client.post(path, NEW)):
            assert answer.status_code == 403
            assert "Nobody can join" in answer.text
        assert members_of(alice) == {"alice@example.com"}

    def test_open_gives_anybody_an_account_and_a_team_of_their_own(self, client: Client, settings: LazySettings) -> None:
        settings.SIGNUP = "open"
        assert 'name="password1"' in client.get("/signup").text
        answer = client.post("/signup", {"name": "Dora", "email": "Dora@example.com", "password1": PASSWORD})
        assert (answer.status_code, answer["Location"]) == (302, "/")
        dora = Membership.objects.get(user__email="dora@example.com")
        assert (dora.role == "owner", dora.user.name, dora.team.name) == (True, "Dora", "Dora’s team")
        assert not dora.user.is_operator
        assert "10,000" in client.get("/credits").text


@pytest.mark.usefixtures("mail")
class TestByMail:
    def send(self, invited: members.Invited) -> str:
        assert invitation_mail.send(invited.invitation, f"http://testserver/join/{invited.token}")
        return link_in(delivered()[-1])

    def test_the_mail_says_what_it_is_and_its_link_proves_the_address(self, client: Client, alice: Membership) -> None:
        path = self.send(invite(alice))
        message = delivered()[-1]
        assert (message.to, message.subject) == (["bob@example.com"], "Join Northlight on Rushes")
        proof = path.partition("?by=")[2]
        assert client.get(path).status_code == 200
        assert client.post(path.partition("?")[0], {**NEW, "by": proof})["Location"] == "/"
        assert EmailAddress.objects.get(email="bob@example.com").verified
        assert is_signed_in(client)

    def test_a_copied_link_proves_nothing_so_a_code_is_asked_for(self, client: Client, alice: Membership) -> None:
        path = f"/join/{invite(alice).token}"
        assert client.post(path, NEW)["Location"] == "/login/verify"
        assert members_of(alice) == {"alice@example.com"}
        code = code_in(delivered()[-1])
        assert client.post("/login/verify", {"code": code})["Location"] == path
        assert client.post(path)["Location"] == "/"
        assert members_of(alice) == {"alice@example.com", "bob@example.com"}

    def test_a_copied_link_does_not_tell_whether_the_address_has_an_account(self, alice: Membership) -> None:
        make_person("bob@example.com", "elsewhere")
        answers = []
        for email in ("bob@example.com", "bot@example.com"):
            client = Client()
            answer = client.post(f"/join/{invite(alice, email).token}", NEW)
            answers.append((answer.status_code, answer["Location"], len(client.get("/login/verify").text)))
        assert answers[0] == answers[1]
        assert [message.to for message in delivered()] == [["bob@example.com"], ["bot@example.com"]]

    def test_a_proof_of_an_older_link_does_not_count(self, client: Client, alice: Membership) -> None:
        invited = invite(alice)
        proof = self.send(invited).partition("?by=")[2]
        renewed = members.renew_invitation(alice, invited.invitation)
        assert client.post(f"/join/{renewed.token}", {**NEW, "by": proof})["Location"] == "/login/verify"


def test_without_a_mail_server_nothing_is_sent(alice: Membership) -> None:
    invited = invite(alice)
    assert invitation_mail.send(invited.invitation, "http://testserver/join/x") is False
    assert delivered() == []


def test_who_signs_in_elsewhere_first_is_not_sent_to_another_site(client: Client, alice: Membership) -> None:
    for place in ("https://evil.example/join/x", "//evil.example", "http://localhost/x"):
        answer = client.post("/login", {"login": "alice@example.com", "password": PASSWORD, "next": place})
        assert answer["Location"] == "/"
        client.post("/logout")
    assert sign_in(client) == "/"
