from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory

from playground.accounts.addresses import client_address
from playground.accounts.models import AuditEvent
from tests.web.signing import make_person, sign_in


def address(peer: str, forwarded: str) -> str:
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded}))


def test_what_a_stranger_says_counts_for_nothing() -> None:
    assert address("192.0.2.1", "198.51.100.7") == "192.0.2.1"


@pytest.mark.parametrize(
    ("count", "forwarded", "found"),
    [
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "198.51.100.7", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "<script>", "192.0.2.1"),
        (1, "198.51.100.7:4711", "198.51.100.7"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "2001:DB8::7", "2001:db8::7"),
    ],
)
def test_trusted_proxies_are_counted_from_the_right(settings: LazySettings, count: int, forwarded: str, found: str) -> None:
    settings.TRUSTED_PROXY_COUNT = count
    assert address("192.0.2.1", forwarded) == found


@pytest.mark.django_db
def test_the_audit_log_and_the_throttle_ask_for_the_same_address(settings: LazySettings) -> None:
    make_person()
    settings.TRUSTED_PROXY_COUNT, settings.SIGN_INS_PER_MINUTE = 1, 1
    client = Client(headers={"x-forwarded-for": "198.51.100.7"})
    sign_in(client)
    assert AuditEvent.objects.get(action="sign_in").ip == "198.51.100.7"
    wrong = {"login": "alice@example.com", "password": "wrong"}
    assert Client(headers={"x-forwarded-for": "198.51.100.7"}).post("/login", wrong).status_code == 429
    assert Client(headers={"x-forwarded-for": "198.51.100.8"}).post("/login", wrong).status_code == 422
