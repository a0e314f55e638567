"""The page of API keys: a secret is shown once, who sees and ends which key, and what is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from playground.accounts.access import identity_for_key
from playground.accounts.models import ApiKey, AuditEvent, Role
from playground.core import clock
from playground.credits import services as ledger
from tests.api.client import CREDIT, Program
from tests.factories import MembershipFactory, Personas, make_key
from tests.web.people import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/settings/keys"


@pytest.fixture
def bob(personas: Personas) -> Client:
    return signed_in(personas.bob)


def make(client: Client, **fields: str) -> Any:
    return client.post(PAGE, {"name": "Nightly renders", "kind": "test", "expires": "90"} | fields)


def secret_in(answer: Any) -> str:
    found = re.search(r'value="(sk-[^"]+)"', answer.text)
    return found[1] if found else ""


def test_a_key_works_and_its_secret_is_shown_once(bob: Client) -> None:
    answer = make(bob)
    secret = secret_in(answer)
    page = bob.get(PAGE).text

    assert Program(secret).get(CREDIT)["code"] == 200
    assert answer["Cache-Control"] == "no-store"
    assert "<dialog" in answer.text and "I stored it" in answer.text
    assert secret not in page and f"sk-test-…{secret[-4:]}" in page


def test_a_form_that_is_sent_again_makes_no_second_key(bob: Client) -> None:
    nonce = re.search(r'name="_nonce" value="([^"]+)"', bob.get(PAGE).text)
    assert nonce
    answers = [make(bob, _nonce=nonce[1]) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 302]
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(("choice", "days"), [("30", 30), ("90", 90), ("365", 365), ("never", None)])
def test_a_key_ends_when_its_maker_says(bob: Client, choice: str, days: int | None) -> None:
    make(bob, expires=choice)
    expires_at = ApiKey.objects.get().expires_at

    assert (expires_at is None) if days is None else (expires_at is not None and (expires_at - clock.now()).days in (days - 1, days))


def test_a_day_ends_in_the_viewer_s_zone(bob: Client) -> None:
    bob.cookies["tz"] = "Asia/Tokyo"
    day = timezone.localdate() + timedelta(days=10)
    make(bob, expires="day", day=day.isoformat())

    assert ApiKey.objects.get().expires_at == datetime(day.year, day.month, day.day, 14, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"kind": "both"}, "kind"),
        ({"expires": "soon"}, "expires"),
        ({"expires": "day"}, "day"),
        ({"expires": "day", "day": "2020-01-01"}, "day"),
        ({"expires": "day", "day": "9999-12-31"}, "day"),
        ({"expires": "day", "day": "31.31.2031"}, "day"),
    ],
    ids=str,
)
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(bob: Client, fields: dict[str, str], field: str) -> None:
    answer = make(bob, **fields)

    assert answer.status_code == 422 and f'id="id_{field}-about"' in answer.text
    assert f'value="{fields.get("name", "Nightly renders").strip()}"' in answer.text
    assert not ApiKey.objects.exists()


class TestWhoseKeys:
    def test_members_see_their_own_and_admins_all(self, personas: Personas, bob: Client) -> None:
        make_key(personas.alice, name="Of Alice")
        make_key(personas.bob, name="Of Bob")
        admin = signed_in(MembershipFactory.create(team=personas.alice.team, role=Role.ADMIN))

        assert ["Of Alice" in page for page in (bob.get(PAGE).text, admin.get(PAGE).text)] == [False, True]
        assert "Of Bob" in bob.get(PAGE).text

    def test_a_member_ends_no_key_of_others(self, personas: Personas, bob: Client) -> None:
        make_key(personas.alice, name="Of Alice")

        assert bob.post(f"{PAGE}/{ApiKey.objects.get().pk}/revoke").status_code == 404
        assert ApiKey.objects.get().is_valid

    def test_another_team_s_keys_do_not_exist(self, personas: Personas) -> None:
        make_key(personas.charlie, name="Of Charlie")
        client = signed_in(personas.alice)

        assert client.get(f"{PAGE}/{ApiKey.objects.get().pk}/revoke").status_code == 404
        assert "Of Charlie" not in client.get(PAGE).text


class TestRevoking:
    def test_a_key_that_nobody_uses_ends_with_one_button(self, personas: Personas, bob: Client) -> None:
        secret = make_key(personas.bob, name="robot")
        path = f"{PAGE}/{ApiKey.objects.get().pk}/revoke"
        assert "Type" not in bob.get(path).text
        page = bob.post(path, follow=True).text

        assert "robot is revoked" in page and "Revoked keys" in page
        assert identity_for_key(secret) is None
        assert AuditEvent.objects.filter(action="key.revoked", subject="robot").count() == 1

    def test_a_key_that_was_just_used_is_revoked_by_its_name(self, personas: Personas, bob: Client) -> None:
        Program(make_key(personas.bob, name="Nightly renders")).get(CREDIT)
        path = f"{PAGE}/{ApiKey.objects.get().pk}/revoke"
        refused = bob.post(path, {"name": "nightly"})

        assert "used in the last 24 hours" in bob.get(path).text
        assert refused.status_code == 422 and 'value="nightly"' in refused.text
        assert ApiKey.objects.get().is_valid
        assert bob.post(path, {"name": " Nightly renders "}).status_code == 302
        assert not ApiKey.objects.get().is_valid

    def test_revoking_twice_says_so_and_is_written_down_once(self, personas: Personas, bob: Client) -> None:
        make_key(personas.bob, name="robot")
        path = f"{PAGE}/{ApiKey.objects.get().pk}/revoke"
        bob.post(path)

        assert "was revoked before" in bob.post(path, follow=True).text
        assert AuditEvent.objects.filter(action="key.revoked").count() == 1


def test_where_and_when_a_key_was_used_stands_on_the_page(personas: Personas, bob: Client) -> None:
    program = Program(make_key(personas.bob))
    program.http.defaults["REMOTE_ADDR"] = "192.0.2.14"
    program.get(CREDIT)
    page = bob.get(PAGE).text

    assert "192.0.2.14" in page and "Not yet" not in page


def test_what_a_key_spent_this_month_stands_beside_it(personas: Personas, bob: Client) -> None:
    job_id = Program(make_key(personas.bob)).create_id()
    ledger.capture(job_id=UUID(job_id), millicredits=45_000)

    assert re.search(r'<td class="r">45\s*</td>', bob.get(PAGE).text)


def test_an_expired_key_says_so_and_opens_nothing(personas: Personas, bob: Client) -> None:
    secret = make_key(personas.bob)
    ApiKey.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    assert "Expired" in bob.get(PAGE).text
    assert identity_for_key(secret) is None


def test_the_number_of_queries_does_not_grow_with_the_keys(
    personas: Personas, bob: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        make_key(personas.bob, name=f"key {number}", mode="live" if number % 2 else "test")

    with django_assert_max_num_queries(10):
        bob.get(PAGE)
