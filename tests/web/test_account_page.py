from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from playground.accounts.models import AuditEvent, Membership, User
from tests.mailbox import code_in, delivered
from tests.web.signing import PASSWORD, add_app, confirm, has_factor, is_signed_in, mail, make_person, sign_in, totp_code  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client) -> Membership:
    membership = make_person()
    client.force_login(membership.user)
    return membership


def actions() -> list[str]:
    return list(AuditEvent.objects.exclude(action="sign_in").order_by("pk").values_list("action", flat=True))


class TestThePage:
    def test_is_for_oneself_only(self) -> None:
        assert Client().get("/account")["Location"] == "/login?next=%2Faccount"

    def test_leads_to_every_way_of_signing_in(self, client: Client, alice: Membership) -> None:
        page = client.get("/account")
        assert "no-store" in page["Cache-Control"]
        links = ("/account/password", "/account/email", "/account/passkeys/add", "/account/app")
        assert all(f'href="{link}"' in page.text for link in links)
        assert 'href="/account"' in client.get("/models").text

    def test_shows_no_service_without_settings(self, client: Client, alice: Membership) -> None:
        assert "Connected accounts" not in client.get("/account").text

    def test_the_name_is_changed_and_a_mistake_is_said(self, client: Client, alice: Membership) -> None:
        assert client.post("/account/name", {"name": "  Alice   Liddell "}).status_code == 302
        assert User.objects.get().name == "Alice Liddell"
        page = client.post("/account/name", {"name": "x" * 121})
        assert page.status_code == 422
        assert "x" * 121 in page.text


class TestEverywhere:
    def test_signing_out_ends_every_session(self, client: Client, alice: Membership) -> None:
        other = Client()
        sign_in(other)
        assert is_signed_in(other)
        assert client.post("/account/sign-out-everywhere")["Location"] == "/login"
        assert not is_signed_in(client)
        assert not is_signed_in(other)
        assert actions() == ["sessions.ended"]

    def test_a_new_password_ends_the_other_sessions_and_is_written_down(self, client: Client, alice: Membership) -> None:
        other = Client()
        sign_in(other)
        new = {"new_password1": "another long phrase", "new_password2": "another long phrase"}
        assert client.post("/account/password", {"old_password": PASSWORD, **new}).status_code == 302
        assert is_signed_in(client)
        assert not is_signed_in(other)
        assert actions() == ["password.set"]

    def test_password_managers_find_the_page(self, client: Client) -> None:
        assert client.get("/.well-known/change-password")["Location"] == "/account/password"


class TestEmail:
    def test_without_mail_it_changes_after_the_password(self, client: Client, alice: Membership) -> None:
        assert client.get("/account/email")["Location"].startswith("/account/confirm")
        confirm(client)
        assert client.post("/account/email", {"email": "New@example.com"}).status_code == 302
        assert User.objects.get().email == "new@example.com"
        assert actions() == ["person.email"]

    def test_somebody_else_s_address_is_refused(self, client: Client, alice: Membership) -> None:
        make_person("bob@example.com", "elsewhere")
        confirm(client)
        page = client.post("/account/email", {"email": "bob@example.com"})
        assert page.status_code == 422
        assert 'value="bob@example.com"' in page.text

    @pytest.mark.usefixtures("mail")
    def test_an_address_that_is_not_proven_yet_is_proven_by_a_code(self, client: Client, alice: Membership) -> None:
        EmailAddress.objects.update(verified=False)
        assert "not proven yet" in client.get("/account").text
        confirm(client)
        answer = client.post("/account/email", {"email": "alice@example.com", "action_send": "1"})
        assert answer["Location"] == "/login/verify"
        client.post("/login/verify", {"code": code_in(delivered()[-1])})
        assert "not proven yet" not in client.get("/account").text

    @pytest.mark.usefixtures("mail")
    def test_with_mail_it_changes_once_the_new_one_is_proven(self, client: Client, alice: Membership) -> None:
        confirm(client)
        assert client.post("/account/email", {"email": "new@example.com", "action_add": "1"}).status_code == 302
        assert User.objects.get().email == "alice@example.com"
        assert client.post("/login/verify", {"code": "AAAAAA"}).status_code == 422
        assert client.post("/login/verify", {"code": code_in(delivered()[-1])}).status_code == 302
        assert User.objects.get().email == "new@example.com"
        assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@example.com", True)]


class TestAuthenticatorApp:
    def test_it_is_added_after_the_password_with_recovery_codes(
        self, client: Client, alice: Membership, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]
    ) -> None:
        assert client.get("/account/app")["Location"].startswith("/account/confirm")
        confirm(client)
        page = client.get("/account/app").text
        secret = re.search(r'class="mono wrap">([A-Z2-7]+)<', page)
        assert secret
        assert client.post("/account/app", {"code": "000000"}).status_code == 422
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post("/account/app", {"code": totp_code(secret[1])})
        assert answer["Location"] == "/account/recovery-codes"
        codes = re.findall(r"^(?:<pre[^>]*>)?(\d{8})$", client.get("/account/recovery-codes").text, re.MULTILINE)
        assert len(codes) == 10
        assert actions() == ["factor.added", "factor.added"]

    def test_its_secret_is_not_readable_in_the_database(self, alice: Membership) -> None:
        secret = add_app(alice.user)
        assert secret not in str(alice.user.authenticator_set.get().data)

    def test_it_is_removed_after_the_password(self, client: Client, alice: Membership) -> None:
        add_app(alice.user)
        assert client.post("/account/app/remove").status_code == 302
        assert has_factor(alice.user, "totp")
        confirm(client)
        assert client.post("/account/app/remove")["Location"] == "/account"
        assert not has_factor(alice.user, "totp")
        assert actions() == ["factor.removed"]


class TestPasskeys:
    def test_the_page_holds_no_script_of_its_own_and_a_challenge(self, client: Client, alice: Membership) -> None:
        confirm(client)
        page = client.get("/account/passkeys/add")
        inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", page.text)
        assert inline == []
        assert '"rp": {"name": "Rushes", "id": "testserver"}' in page.text

    def test_what_is_no_passkey_is_refused(self, client: Client, alice: Membership) -> None:
        confirm(client)
        client.get("/account/passkeys/add")
        assert client.post("/account/passkeys/add", {"name": "x", "credential": '{"id": "x"}'}).status_code == 422

    def test_somebody_else_s_cannot_be_renamed_or_removed(self, client: Client, alice: Membership) -> None:
        from allauth.mfa.models import Authenticator

        bob = make_person("bob@example.com", "elsewhere")
        key = Authenticator.objects.create(user=bob.user, type="webauthn", data={"name": "Bob's"})
        confirm(client)
        for action in ("rename", "remove"):
            assert client.get(f"/account/passkeys/{key.pk}/{action}").status_code == 404
            assert client.post(f"/account/passkeys/{key.pk}/{action}", {"name": "mine"}).status_code == 404
        assert Authenticator.objects.filter(pk=key.pk).exists()
