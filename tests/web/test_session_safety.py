"""Session fixation, forms from elsewhere, and guessing at one account."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from playground.accounts import services
from playground.accounts.models import Membership
from tests.mailbox import code_in, delivered
from tests.web.signing import PASSWORD, add_app, is_signed_in, mail, make_person, totp_code  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Membership:
    return make_person()


def planted(client: Client) -> str:
    """The key of a session that somebody else has put into this browser."""
    session = client.session
    session["planted"] = True
    session.save()
    return str(session.session_key)


def stolen(key: str) -> Client:
    thief = Client()
    thief.cookies["rushes_session"] = key
    return thief


class TestFixation:
    def test_by_password(self, client: Client, alice: Membership) -> None:
        key = planted(client)
        client.post("/login", {"login": "alice@example.com", "password": PASSWORD})
        assert is_signed_in(client)
        assert not is_signed_in(stolen(key))

    def test_by_password_and_second_factor(self, client: Client, alice: Membership) -> None:
        secret, key = add_app(alice.user), planted(client)
        client.post("/login", {"login": "alice@example.com", "password": PASSWORD})
        client.post("/login/factor", {"code": totp_code(secret)})
        assert is_signed_in(client)
        assert not is_signed_in(stolen(key))

    def test_by_link(self, client: Client, alice: Membership) -> None:
        key = planted(client)
        client.post(f"/sign-in/{services.create_sign_in_link(alice.user)}")
        assert is_signed_in(client)
        assert not is_signed_in(stolen(key))

    @pytest.mark.usefixtures("mail")
    def test_by_code(self, client: Client, alice: Membership) -> None:
        key = planted(client)
        client.post("/login/code", {"email": "alice@example.com"})
        client.post("/login/code/enter", {"code": code_in(delivered()[-1])})
        assert is_signed_in(client)
        assert not is_signed_in(stolen(key))

    def test_by_set_up(self, client: Client) -> None:
        owner = services.create_owner(email="owner@localhost").user
        key = planted(client)
        client.post("/setup", {"token": services.create_sign_in_link(owner), "action": "skip"})
        assert is_signed_in(client)
        assert not is_signed_in(stolen(key))


@pytest.mark.parametrize(
    "path", ["/login", "/login/factor", "/login/passkey", "/signup", "/account/name", "/account/sign-out-everywhere", "/logout"]
)
def test_a_form_from_elsewhere_is_refused(path: str, alice: Membership) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice.user)
    assert client.post(path, {"login": "alice@example.com", "password": PASSWORD}).status_code == 403


class TestGuessing:
    def guess(self, address: str, email: str = "alice@example.com", password: str = "wrong") -> int:
        return Client(REMOTE_ADDR=address).post("/login", {"login": email, "password": password}).status_code

    def test_at_one_account_ends_after_five(self, alice: Membership) -> None:
        for _ in range(5):
            self.guess("192.0.2.1")
        assert self.guess("192.0.2.1", password=PASSWORD) == 422

    def test_locks_the_person_out_nowhere_else(self, alice: Membership) -> None:
        for _ in range(6):
            self.guess("192.0.2.1")
        assert self.guess("192.0.2.2", password=PASSWORD) == 302

    def test_starts_anew_after_a_while(self, alice: Membership) -> None:
        for _ in range(6):
            self.guess("192.0.2.1")
        cache.clear()
        assert self.guess("192.0.2.1", password=PASSWORD) == 302


def test_somebody_who_is_switched_off_is_told_so_only_with_the_password(client: Client, alice: Membership) -> None:
    alice.user.is_active = False
    alice.user.save()
    assert client.post("/login", {"login": "alice@example.com", "password": "wrong"}).status_code == 422
    assert client.post("/login", {"login": "alice@example.com", "password": PASSWORD})["Location"] == "/login/inactive"
    assert "switched off" in client.get("/login/inactive").text
    assert not is_signed_in(client)
