"""Signing in by single sign-on, against a small OpenID provider on the loopback interface."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import LazySettings
from django.test import Client

from playground.accounts import members
from playground.accounts.models import AuditEvent, Membership, User
from tests.web.signing import add_app, is_signed_in, make_person, ways_in_the_log

pytestmark = pytest.mark.django_db


class Provider:
    """Knows one person, whatever code it is asked about."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "42", "email": "alice@example.com", "email_verified": True, "name": "Alice Liddell"}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(provider.discovery() if "well-known" in self.path else provider.person)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self._answer({"access_token": "token", "token_type": "Bearer", "id_token": provider.id_token()})

            def _answer(self, value: dict[str, Any]) -> None:
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def discovery(self) -> dict[str, Any]:
        names = ("authorization", "token", "userinfo")
        return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | {f"{name}_endpoint": f"{self.url}/{name}" for name in names}

    def id_token(self) -> str:
        claims = self.person | {"iss": self.url, "aud": "rushes", "exp": int(time.time()) + 300, "iat": int(time.time())}
        return jwt.encode(claims, "a key that is long enough for this test", algorithm="HS256")

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def provider(settings: LazySettings) -> Iterator[Provider]:
    running = Provider()
    app = {"provider_id": "sso", "name": "Example SSO", "client_id": "rushes", "secret": "x", "settings": {"server_url": running.url}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield running
    running.stop()


def come_by_sso(client: Client, *, to: str = "", process: str = "login") -> Any:
    """The whole way: the button, the provider's page, and back."""
    away = client.post(f"/login/oidc/sso?process={process}&next={to}")
    assert away.status_code == 302, away.text
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert asked["redirect_uri"] == ["http://testserver/login/oidc/sso/back"]
    return client.get("/login/oidc/sso/back", {"code": "anything", "state": asked["state"][0]})


class TestTheButton:
    def test_is_there_only_when_the_settings_name_a_service(self, client: Client) -> None:
        assert "Continue with" not in client.get("/login").text
        for path in ("/login/oidc/sso", "/login/google", "/login/github"):
            assert client.post(path).status_code == 404

    def test_is_called_as_the_settings_say(self, client: Client, provider: Provider) -> None:
        assert "Continue with Example SSO" in client.get("/login").text


class TestWhoHasAnAccount:
    def test_is_signed_in_when_both_sides_have_verified_the_address(self, client: Client, provider: Provider) -> None:
        alice = make_person()
        assert come_by_sso(client, to="/credits")["Location"] == "/credits"
        assert is_signed_in(client)
        assert SocialAccount.objects.get().user == alice.user
        assert alice.user.has_usable_password()
        assert ways_in_the_log() == ["sso"] or ways_in_the_log() == ["openid_connect"]

    @pytest.mark.parametrize("side", ["here", "there"])
    def test_is_not_joined_when_one_side_has_not(self, client: Client, provider: Provider, side: str) -> None:
        alice = make_person(is_proven=side != "here")
        provider.person["email_verified"] = side != "there"
        answer = come_by_sso(client)
        assert answer.status_code == 403
        assert not is_signed_in(client)
        assert not SocialAccount.objects.exists()
        alice.user.refresh_from_db()
        assert alice.user.has_usable_password()

    def test_connects_it_on_the_account_page_after_the_password(self, client: Client, provider: Provider) -> None:
        from tests.web.signing import confirm, sign_in

        make_person(is_proven=False)
        sign_in(client)
        assert "Example SSO" in client.get("/account").text
        confirm(client)
        assert come_by_sso(client, process="connect").status_code == 302
        assert SocialAccount.objects.get().user.email == "alice@example.com"
        assert AuditEvent.objects.filter(action="service.connected").exists()
        other = Client()
        assert come_by_sso(other)["Location"] == "/"
        assert is_signed_in(other)

    def test_is_asked_for_the_second_factor(self, client: Client, provider: Provider) -> None:
        add_app(make_person().user)
        assert come_by_sso(client)["Location"] == "/login/factor"
        assert not is_signed_in(client)

    def test_is_never_sent_to_another_site(self, client: Client, provider: Provider) -> None:
        make_person()
        assert come_by_sso(client, to="https://evil.example/")["Location"] == "/"


class TestWhoIsNew:
    def test_makes_no_account_without_an_invitation(self, client: Client, provider: Provider) -> None:
        assert "By invitation only" in come_by_sso(client).text
        assert not User.objects.exists()

    def test_gets_an_account_and_a_team_where_sign_up_is_open(self, client: Client, provider: Provider, settings: LazySettings) -> None:
        settings.SIGNUP = "open"
        assert come_by_sso(client)["Location"] == "/"
        alice = Membership.objects.get()
        assert (alice.user.name, alice.role) == ("Alice Liddell", "owner")
        assert EmailAddress.objects.get().verified

    def test_comes_in_by_an_invitation(self, client: Client, provider: Provider) -> None:
        owner = make_person("owner@example.com")
        path = f"/join/{members.invite(owner, email='alice@example.com').token}"
        assert "Continue with Example SSO" in client.get(path).text
        assert come_by_sso(client, to=path)["Location"] == path
        client.post(path)
        assert Membership.objects.filter(user__email="alice@example.com", team=owner.team).exists()

    def test_stays_outside_where_it_is_closed(self, client: Client, provider: Provider, settings: LazySettings) -> None:
        owner = make_person("owner@example.com")
        path = f"/join/{members.invite(owner, email='alice@example.com').token}"
        settings.SIGNUP = "closed"
        come_by_sso(client, to=path)
        assert not User.objects.filter(email="alice@example.com").exists()


def test_an_answer_that_nobody_asked_for_signs_nobody_in(client: Client, provider: Provider) -> None:
    make_person()
    client.get("/login/oidc/sso/back", {"code": "anything", "state": "made-up"})
    assert not is_signed_in(client)
