"""Nobody finds out which addresses have an account: the same answer, and the same work behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.mailbox import delivered
from tests.web.signing import mail, make_person  # noqa: F401

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "alice@example.com", "nobod@example.com"
# A line more in a session is no difference that anybody can measure through a network.
QUERIES_APART = 3


@dataclass(frozen=True)
class Seen:
    """What a stranger gets, and what it cost."""

    status: int
    location: str
    text: str
    cookies: frozenset[str]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed."""
    passwords: list[str] = []
    original = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        passwords.append(password)
        return original(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    return passwords


def seen_by_a_stranger(path: str, data: dict[str, str], email: str) -> tuple[Seen, int]:
    cache.clear()
    client = Client()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.post(path, data)
    page = client.get(response["Location"]).text if response.status_code == 302 else response.text
    page = re.sub(r'value="[A-Za-z0-9]{64}"|"X-CSRFToken": "\w+"|data-now="\d+"', "", page.replace(email, "ADDRESS"))
    return Seen(response.status_code, response.get("Location", ""), page, frozenset(response.cookies)), len(queries)


Compare = Callable[[str, dict[str, str], str], None]


@pytest.fixture
def same(hashed: list[str]) -> Compare:
    make_person(KNOWN)
    hashed.clear()

    def compare(path: str, data: dict[str, str], field: str) -> None:
        known, queries_known = seen_by_a_stranger(path, data | {field: KNOWN}, KNOWN)
        count_known = len(hashed)
        unknown, queries_unknown = seen_by_a_stranger(path, data | {field: UNKNOWN}, UNKNOWN)
        assert known == unknown
        assert len(hashed) == 2 * count_known
        assert abs(queries_known - queries_unknown) <= QUERIES_APART

    return compare


def test_signing_in_with_a_wrong_password(same: Compare, hashed: list[str]) -> None:
    same("/login", {"password": "wrong"}, "login")
    assert hashed.count("wrong") == 2


def test_signing_in_as_somebody_without_a_password(hashed: list[str]) -> None:
    person = make_person(KNOWN)
    person.user.set_unusable_password()
    person.user.save()
    hashed.clear()
    seen = [seen_by_a_stranger("/login", {"login": email, "password": "wrong"}, email)[0] for email in (KNOWN, UNKNOWN)]
    assert seen[0] == seen[1]
    assert len(hashed) == 2


@pytest.mark.usefixtures("mail")
def test_asking_for_a_code(same: Compare) -> None:
    same("/login/code", {}, "email")
    assert [message.to for message in delivered()] == [[KNOWN], [UNKNOWN]]
    assert "no account" in str(delivered()[1].body)


@pytest.mark.usefixtures("mail")
def test_asking_for_a_new_password(same: Compare) -> None:
    same("/login/reset", {}, "email")
    assert [message.to for message in delivered()] == [[KNOWN], [UNKNOWN]]


@pytest.mark.usefixtures("mail")
def test_making_an_account(same: Compare, settings: object) -> None:
    settings.SIGNUP = "open"  # type: ignore[attr-defined]
    known, _ = seen_by_a_stranger("/signup", {"name": "X", "password1": "a long password", "email": KNOWN}, KNOWN)
    unknown, _ = seen_by_a_stranger("/signup", {"name": "X", "password1": "a long password", "email": UNKNOWN}, UNKNOWN)
    assert known == unknown
    assert [message.to for message in delivered()] == [[KNOWN], [UNKNOWN]]


def test_without_mail_codes_and_resets_are_explained_to_everybody_alike(same: Compare) -> None:
    for path in ("/login/code", "/login/reset"):
        same(path, {}, "email")
        page = Client().get(path)
        assert page.status_code == 404
        assert "manage.py sign_in_link" in page.text
    assert delivered() == []
