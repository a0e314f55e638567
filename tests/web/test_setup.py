from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from playground.accounts import members
from playground.accounts.models import AuditEvent, Membership, SignInLink, User
from playground.core import clock
from playground.jobs import provider_keys
from playground.web import firstrun
from tests.factories import MembershipFactory, make_key, make_owner
from tests.web.signing import PASSWORD, is_signed_in, make_person, ways_in_the_log

pytestmark = pytest.mark.django_db
OWNER = {"name": "Ada", "email": "ada@example.com", "password1": PASSWORD}


def printed_token() -> str:
    found = re.search(r"http://testserver/setup\?token=(\S+)", firstrun.announce())
    assert found
    return found[1]


class TestTheLink:
    def test_without_it_there_is_no_such_page(self, client: Client) -> None:
        printed_token()
        assert client.get("/setup").status_code == 404
        assert client.get("/setup?token=guess").status_code == 404
        assert client.post("/setup", OWNER).status_code == 404

    def test_looking_does_not_use_it_up_and_shows_a_form(self, client: Client) -> None:
        token = printed_token()
        for _ in range(2):
            page = client.get(f"/setup?token={token}")
            assert page.status_code == 200
            assert "no-store" in page["Cache-Control"]
        assert not is_signed_in(client)

    def test_it_works_once(self, client: Client) -> None:
        token = printed_token()
        assert client.post("/setup", {"token": token, **OWNER}).status_code == 302
        stranger = Client()
        assert stranger.post("/setup", {"token": token, **OWNER}).status_code == 404
        assert stranger.get(f"/setup?token={token}").status_code == 404

    def test_it_ends_after_half_an_hour(self, client: Client) -> None:
        token = printed_token()
        SignInLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        assert client.post("/setup", {"token": token, **OWNER}).status_code == 404

    def test_only_its_hash_is_stored(self) -> None:
        token = printed_token()
        assert not SignInLink.objects.filter(token_hash=token).exists()
        assert len(token) >= 43

    def test_an_older_one_ends_once_an_owner_can_get_in(self, client: Client) -> None:
        older, newer = printed_token(), printed_token()
        client.post("/setup", {"token": newer, **OWNER})
        assert Client().get(f"/setup?token={older}").status_code == 404

    def test_guessing_is_throttled(self, client: Client) -> None:
        answers = [client.get(f"/setup?token=guess{number}").status_code for number in range(22)]
        assert answers[0] == 404
        assert answers[-1] == 429

    def test_a_form_from_elsewhere_is_refused(self) -> None:
        token = printed_token()
        assert Client(enforce_csrf_checks=True).post("/setup", {"token": token, **OWNER}).status_code == 403
        assert not User.objects.filter(email="ada@example.com").exists()

    def test_a_sign_in_link_of_somebody_else_opens_no_set_up(self, client: Client) -> None:
        from playground.accounts import services

        printed_token()
        other = make_owner("other@example.com", "other")
        Membership.objects.filter(pk=other.pk).update(role="member")
        assert client.get(f"/setup?token={services.create_sign_in_link(other.user)}").status_code == 404


class TestTheOwner:
    def test_gets_name_address_and_password_and_is_signed_in(self, client: Client) -> None:
        response = client.post("/setup", {"token": printed_token(), **OWNER})
        assert response["Location"] == "/setup/provider"
        owner = User.objects.get()
        assert (owner.name, owner.email, owner.check_password(PASSWORD)) == ("Ada", "ada@example.com", True)
        assert is_signed_in(client)
        assert ways_in_the_log() == ["set-up link"]
        assert AuditEvent.objects.filter(action="password.set", actor_words__contains="Ada").exists()

    def test_a_mistake_loses_nothing_and_does_not_use_the_link_up(self, client: Client) -> None:
        token = printed_token()
        page = client.post("/setup", {"token": token, **OWNER, "password1": "short"})
        assert page.status_code == 422
        assert 'value="ada@example.com"' in page.text
        assert "short" not in re.sub(r"too short", "", page.text)
        assert client.post("/setup", {"token": token, **OWNER}).status_code == 302

    def test_may_skip_it_and_is_printed_a_link_again(self, client: Client) -> None:
        assert client.post("/setup", {"token": printed_token(), "action": "skip"})["Location"] == "/setup/provider"
        assert is_signed_in(client)
        assert not User.objects.get().has_usable_password()
        assert printed_token()

    def test_with_a_password_no_link_is_printed(self, client: Client) -> None:
        client.post("/setup", {"token": printed_token(), **OWNER})
        assert firstrun.announce() == "Rushes is at http://testserver"


class TestWhatIsLeft:
    def test_stands_on_the_models_page_until_it_is_done(self, client: Client) -> None:
        owner = make_person()
        client.force_login(owner.user)
        page = client.get("/models").text
        assert "Invite somebody" in page
        assert "Make an API key" in page
        members.invite(owner, email="bob@example.com")
        assert 'href="/team">Invite somebody' not in client.get("/models").text
        make_key(owner)
        assert "Make an API key" not in client.get("/models").text

    def test_can_be_hidden(self, client: Client) -> None:
        client.force_login(make_person().user)
        assert client.post("/setup/hide")["Location"] == "/models"
        assert "Invite somebody" not in client.get("/models").text

    def test_is_for_owners(self, client: Client) -> None:
        client.force_login(MembershipFactory.create(team=make_person().team).user)
        assert "Make an API key" not in client.get("/models").text


class TestTheOtherSteps:
    @pytest.fixture
    def owner(self, client: Client) -> User:
        client.post("/setup", {"token": printed_token(), **OWNER})
        return User.objects.get()

    def test_a_provider_key_is_kept_and_not_shown(self, client: Client, owner: User) -> None:
        key = "kie-key-that-is-long-enough-0123456789"
        assert client.post("/setup/provider", {"kie": key})["Location"] == "/setup/take"
        assert provider_keys.read("kie") == key
        assert key not in client.get("/setup/provider").text

    def test_no_key_at_all_is_said(self, client: Client, owner: User) -> None:
        page = client.post("/setup/provider", {"kie": ""})
        assert page.status_code == 422
        assert "use test mode" in page.text

    def test_a_key_that_cannot_be_one_is_said(self, client: Client, owner: User) -> None:
        assert client.post("/setup/provider", {"kie": "a b"}).status_code == 422
        assert provider_keys.read("kie") == ""

    def test_keys_are_for_who_runs_the_installation(self, client: Client) -> None:
        other = make_person("other@example.com", "other")
        client.force_login(other.user)
        assert client.get("/setup/provider").status_code == 403
        assert client.post("/setup/provider", {"kie": "kie-key-that-is-long-enough"}).status_code == 403
        assert provider_keys.read("kie") == ""

    def test_the_first_take_is_the_example_ready_to_run(self, client: Client, owner: User) -> None:
        found = re.search(r'href="(/models/[^"]+\?prompt=example)"', client.get("/setup/take").text)
        assert found
        page = client.get(found[1])
        assert page.status_code == 200
        assert "candy" in page.text
