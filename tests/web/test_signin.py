from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from playground.accounts import services
from playground.accounts.models import Membership, Role, SignInLink, User
from playground.core import clock
from playground.web import firstrun
from tests.factories import make_owner

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def owner() -> Membership:
    membership = make_owner()
    membership.user.set_password(PASSWORD)
    membership.user.save()
    return membership


def is_signed_in(client: Client) -> bool:
    return client.get("/models").status_code == 200


class TestPassword:
    def test_it_signs_in_and_goes_where_the_person_wanted(self, client: Client, owner: Membership) -> None:
        response = client.post("/login", {"login": "Alice@example.com", "password": PASSWORD, "next": "/credits"})
        assert (response.status_code, response["Location"]) == (302, "/credits")
        assert is_signed_in(client)

    def test_a_wrong_one_says_so_and_keeps_the_address(self, client: Client, owner: Membership) -> None:
        response = client.post("/login", {"login": "alice@example.com", "password": "wrong"})
        assert response.status_code == 422
        assert 'value="alice@example.com"' in response.text
        assert "wrong" not in response.text
        assert not is_signed_in(client)

    def test_next_never_leads_to_another_site(self, client: Client, owner: Membership) -> None:
        response = client.post("/login", {"login": "alice@example.com", "password": PASSWORD, "next": "https://evil.example/"})
        assert response["Location"] == "/"

    def test_too_many_tries_are_refused_for_a_minute(self, client: Client, owner: Membership, settings: LazySettings) -> None:
        settings.SIGN_INS_PER_MINUTE = 2
        for _ in range(2):
            client.post("/login", {"login": "x@example.com", "password": "y"})
        response = client.post("/login", {"login": "alice@example.com", "password": PASSWORD})
        assert response.status_code == 429
        assert response["Retry-After"] == "60"
        cache.clear()
        assert client.post("/login", {"login": "alice@example.com", "password": PASSWORD}).status_code == 302

    def test_it_is_changed_only_by_who_knows_it_and_the_session_goes_on(self, client: Client, owner: Membership) -> None:
        client.force_login(owner.user)
        new = {"new_password1": "another long phrase", "new_password2": "another long phrase"}
        assert client.post("/account/password", {"old_password": "wrong", **new}).status_code == 422
        assert client.post("/account/password", {"old_password": PASSWORD, **new}).status_code == 302
        owner.user.refresh_from_db()
        assert owner.user.check_password("another long phrase")
        assert is_signed_in(client)

    def test_the_first_one_needs_no_old_one(self, client: Client) -> None:
        client.force_login(services.create_owner(email="alice@example.com").user)
        new = {"new_password1": "another long phrase", "new_password2": "another long phrase"}
        assert client.post("/account/password", new).status_code == 302

    def test_nobody_can_sign_up(self, client: Client) -> None:
        for answer in (client.get("/signup"), client.post("/signup", {"name": "X", "email": "x@example.com", "password1": PASSWORD})):
            assert answer.status_code == 403
            assert "By invitation only" in answer.text
        assert User.objects.count() == 0


def test_signing_out_takes_a_post(client: Client, owner: Membership) -> None:
    client.force_login(owner.user)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").status_code == 302
    assert not is_signed_in(client)


class TestLink:
    def test_looking_does_not_use_it_up(self, client: Client, owner: Membership) -> None:
        token = services.create_sign_in_link(owner.user)
        for _ in range(3):
            assert "alice@example.com" in client.get(f"/sign-in/{token}").text
        assert not is_signed_in(client)
        assert client.post(f"/sign-in/{token}")["Location"] == "/"
        assert is_signed_in(client)

    def test_it_works_once(self, client: Client, owner: Membership) -> None:
        token = services.create_sign_in_link(owner.user)
        client.post(f"/sign-in/{token}")
        other = Client()
        assert other.post(f"/sign-in/{token}").status_code == 410
        assert not is_signed_in(other)

    def test_it_ends_after_half_an_hour(self, client: Client, owner: Membership) -> None:
        token = services.create_sign_in_link(owner.user)
        SignInLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        assert client.get(f"/sign-in/{token}").status_code == 410
        assert client.post(f"/sign-in/{token}").status_code == 410

    def test_a_deactivated_person_stays_outside(self, client: Client, owner: Membership) -> None:
        token = services.create_sign_in_link(owner.user)
        User.objects.update(is_active=False)
        assert client.post(f"/sign-in/{token}").status_code == 410

    def test_guessing_is_throttled(self, client: Client, settings: LazySettings) -> None:
        settings.SIGN_INS_PER_MINUTE = 2
        assert [client.get(f"/sign-in/guess{number}").status_code for number in range(3)] == [410, 410, 429]

    def test_it_is_stored_nowhere(self, client: Client, owner: Membership) -> None:
        response = client.get(f"/sign-in/{services.create_sign_in_link(owner.user)}")
        assert "no-store" in response["Cache-Control"]


class TestFirstStart:
    def test_it_makes_an_owner_with_a_team_and_prints_the_way_in(self, client: Client) -> None:
        text = firstrun.announce()
        link = re.search(r"http://testserver/setup\?token=(\S+)", text)
        assert link
        client.post("/setup", {"token": link[1], "action": "skip"})
        assert Membership.objects.get(user__email=firstrun.FIRST_EMAIL).role == Role.OWNER
        assert "10,000" in client.get("/credits").text

    def test_each_start_prints_a_fresh_link_and_makes_nobody_twice(self) -> None:
        assert firstrun.announce() != firstrun.announce()
        assert User.objects.count() == 1

    def test_no_link_is_printed_once_an_owner_has_a_password(self, owner: Membership) -> None:
        assert firstrun.announce() == "Rushes is at http://testserver"
