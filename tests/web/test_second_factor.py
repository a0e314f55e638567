from __future__ import annotations

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client

from playground.accounts import services
from playground.accounts.models import AuditEvent, Membership
from tests.web.signing import add_app, has_factor, is_signed_in, make_person, sign_in, totp_code, ways_in_the_log

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Membership:
    return make_person()


@pytest.fixture
def secret(alice: Membership) -> str:
    return add_app(alice.user)


class TestAfterThePassword:
    def test_the_app_s_code_is_asked_for(self, client: Client, secret: str) -> None:
        assert sign_in(client) == "/login/factor"
        assert not is_signed_in(client)
        assert client.post("/login/factor", {"code": totp_code(secret)})["Location"] == "/"
        assert is_signed_in(client)
        assert ways_in_the_log() == ["password, then authenticator app"]

    def test_the_page_that_was_wanted_comes_after_it(self, client: Client, secret: str) -> None:
        from tests.web.signing import PASSWORD

        client.post("/login", {"login": "alice@example.com", "password": PASSWORD, "next": "/credits"})
        assert client.post("/login/factor", {"code": totp_code(secret)})["Location"] == "/credits"

    def test_a_wrong_code_does_not_sign_in(self, client: Client, secret: str) -> None:
        sign_in(client)
        page = client.post("/login/factor", {"code": "000000"})
        assert page.status_code == 422
        assert "This code is not right." in page.text
        assert not is_signed_in(client)

    def test_guessing_codes_ends(self, client: Client, secret: str) -> None:
        sign_in(client)
        for _ in range(5):
            client.post("/login/factor", {"code": "000000"})
        page = client.post("/login/factor", {"code": totp_code(secret)})
        assert page.status_code == 422
        assert "Too many tries" in page.text
        assert not is_signed_in(client)

    def test_a_code_works_once(self, client: Client, secret: str) -> None:
        code = totp_code(secret)
        sign_in(client)
        client.post("/login/factor", {"code": code})
        other = Client()
        sign_in(other)
        assert other.post("/login/factor", {"code": code}).status_code == 422

    def test_a_recovery_code_works_once(self, client: Client, alice: Membership, secret: str) -> None:
        code = RecoveryCodes.activate(alice.user).get_unused_codes()[0]
        sign_in(client)
        assert client.post("/login/factor", {"code": code}).status_code == 302
        assert is_signed_in(client)
        assert ways_in_the_log() == ["password, then recovery code"]
        other = Client()
        sign_in(other)
        assert other.post("/login/factor", {"code": code}).status_code == 422

    def test_the_page_is_nowhere_without_a_password_before_it(self, client: Client) -> None:
        assert client.get("/login/factor")["Location"] == "/login"

    def test_another_secret_key_opens_no_app_with_an_empty_secret(self, client: Client, secret: str, settings: LazySettings) -> None:
        settings.SECRET_KEY = "another one, as if it had been lost"
        sign_in(client)
        assert client.post("/login/factor", {"code": totp_code("")}).status_code == 422


def test_a_sign_in_link_asks_for_it_too(client: Client, alice: Membership, secret: str) -> None:
    assert client.post(f"/sign-in/{services.create_sign_in_link(alice.user)}")["Location"] == "/login/factor"
    assert not is_signed_in(client)
    assert client.post("/login/factor", {"code": totp_code(secret)}).status_code == 302
    assert ways_in_the_log() == ["sign-in link, then authenticator app"]


def test_a_lost_phone_is_forgotten_on_the_command_line(client: Client, alice: Membership, secret: str) -> None:
    call_command("sign_in_link", "--email", "alice@example.com", "--forget-factors")
    assert not has_factor(alice.user, "totp")
    assert sign_in(client) == "/"
    lines = AuditEvent.objects.filter(actor_words="The command line").order_by("pk").values_list("action", flat=True)
    assert list(lines) == ["sign_in.link_made", "factor.removed"]
