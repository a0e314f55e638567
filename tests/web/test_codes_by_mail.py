from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client
from django_q.models import OrmQ

from playground.accounts.models import AuditEvent, Membership
from tests.mailbox import code_in, delivered, link_in
from tests.web.signing import PASSWORD, add_app, is_signed_in, mail, make_person, sign_in, ways_in_the_log  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail")]


@pytest.fixture
def alice() -> Membership:
    return make_person()


def ask(client: Client, email: str = "alice@example.com", **more: str) -> str:
    client.post("/login/code", {"email": email, **more})
    return code_in(delivered()[-1])


class TestCode:
    def test_it_signs_in_where_the_person_wanted(self, client: Client, alice: Membership) -> None:
        assert "Send me a code" in client.get("/login").text
        code = ask(client)
        assert client.post("/login/code/enter", {"code": code, "next": "/credits"})["Location"] == "/credits"
        assert is_signed_in(client)
        assert ways_in_the_log() == ["code by mail"]

    def test_wrong_ones_end_it(self, client: Client, alice: Membership) -> None:
        code = ask(client)
        assert client.post("/login/code/enter", {"code": "AAAAAA"}).status_code == 422
        for _ in range(2):
            client.post("/login/code/enter", {"code": "AAAAAA"})
        client.post("/login/code/enter", {"code": code})
        assert not is_signed_in(client)

    def test_it_is_of_use_only_in_the_browser_that_asked(self, client: Client, alice: Membership) -> None:
        code = ask(client)
        other = Client()
        assert other.post("/login/code/enter", {"code": code}).status_code == 302
        assert not is_signed_in(other)

    def test_a_second_factor_is_asked_for_after_it(self, client: Client, alice: Membership) -> None:
        add_app(alice.user)
        assert client.post("/login/code/enter", {"code": ask(client)})["Location"] == "/login/factor"
        assert not is_signed_in(client)

    def test_nobody_is_flooded_with_mail(self, client: Client, alice: Membership) -> None:
        for _ in range(5):
            Client().post("/login/code", {"email": "alice@example.com"})
        assert len(delivered()) == 3

    def test_it_lies_encrypted_in_the_queue(self, client: Client, alice: Membership) -> None:
        client.post("/login/code", {"email": "alice@example.com"})
        waiting = [str(row.task["args"]) for row in OrmQ.objects.all()]
        code = code_in(delivered()[-1])
        assert not any(code in task or "alice@example.com" in task for task in waiting)


class TestReset:
    def test_the_link_sets_a_password_once(self, client: Client, alice: Membership) -> None:
        assert client.post("/login/reset", {"email": "alice@example.com"})["Location"] == "/login/reset/sent"
        path = link_in(delivered()[-1])
        form = client.get(path)["Location"]
        assert client.get(form).status_code == 200
        assert client.post(form, {"password1": "short", "password2": "short"}).status_code == 422
        new = {"password1": "another long phrase", "password2": "another long phrase"}
        assert client.post(form, new)["Location"] == "/login/reset/done"
        assert sign_in(Client(), password="another long phrase") == "/"
        assert "no longer works" in Client().get(path).text
        assert AuditEvent.objects.filter(action="password.set").count() == 1

    def test_it_ends_the_sessions_that_there_are(self, client: Client, alice: Membership) -> None:
        other = Client()
        sign_in(other)
        client.post("/login/reset", {"email": "alice@example.com"})
        form = client.get(link_in(delivered()[-1]))["Location"]
        client.post(form, {"password1": "another long phrase", "password2": "another long phrase"})
        assert not is_signed_in(other)

    def test_its_address_comes_from_the_settings_whatever_host_was_asked(self, alice: Membership, settings: LazySettings) -> None:
        Client(headers={"host": "localhost"}).post("/login/reset", {"email": "alice@example.com"})
        assert "http://testserver/login/reset/" in str(delivered()[-1].body)

    def test_a_made_up_link_changes_nothing(self, client: Client, alice: Membership) -> None:
        assert "no longer works" in client.get("/login/reset/1-made-up").text
        assert "no longer works" in client.post("/login/reset/1-set-password", {"password1": "x" * 12, "password2": "x" * 12}).text


class TestProof:
    def test_an_address_is_proven_before_a_password_signs_in(self, client: Client) -> None:
        make_person(is_proven=False)
        assert sign_in(client) == "/login/verify"
        assert not is_signed_in(client)
        assert client.post("/login/verify", {"code": code_in(delivered()[-1])}).status_code == 302
        assert is_signed_in(client)
        client.post("/logout")
        assert sign_in(client) == "/"

    def test_a_wrong_code_proves_nothing(self, client: Client) -> None:
        make_person(is_proven=False)
        sign_in(client)
        assert client.post("/login/verify", {"code": "AAAAAA"}).status_code == 422
        assert not is_signed_in(client)

    def test_who_makes_an_account_proves_the_address_first(self, client: Client, settings: LazySettings) -> None:
        settings.SIGNUP = "open"
        answer = client.post("/signup", {"name": "Dora", "email": "dora@example.com", "password1": PASSWORD})
        assert answer["Location"] == "/login/verify"
        assert not is_signed_in(client)
        client.post("/login/verify", {"code": code_in(delivered()[-1])})
        assert is_signed_in(client)
