"""The page of one key, and what the form that makes one can say: scope, caps, addresses, rate; rotation and search."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from playground.accounts.access import identity_for_key
from playground.accounts.models import ApiKey, AuditEvent, Scope
from playground.core import clock
from playground.credits.keycaps import caps_of
from playground.credits.models import Period
from tests.api.client import CREDIT, Program
from tests.api.keys import key_named, program_with
from tests.factories import Personas, make_key
from tests.web.people import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PAGE = "/settings/keys"
FORM = {"name": "nightly", "scope": "generate", "expires": "as-it-is"}


@pytest.fixture
def bob(personas: Personas) -> Client:
    return signed_in(personas.bob)


def path_of(key: ApiKey | None = None) -> str:
    return f"{PAGE}/{(key or key_named()).pk}"


def caps() -> dict[str, int]:
    return {period.value: state.limit_millicredits for period, state in caps_of(key_named()).items()}


def line(action: str) -> dict[str, Any]:
    return dict(AuditEvent.objects.get(action=action).detail)


class TestMaking:
    def test_a_key_is_made_with_all_that_binds_it(self, bob: Client) -> None:
        limits = {"cap_hour": "90", "cap_day": "1,500", "cap_total": "12.5", "rate": "30", "addresses": "203.0.113.7, 10.0.0.0/8"}
        answer = bob.post(PAGE, FORM | limits | {"kind": "test", "scope": "read", "expires": "30", "is_veo_legacy": "on"})
        key = key_named()

        assert answer.status_code == 200
        assert (key.scope, key.requests_per_minute, key.is_veo_legacy) == (Scope.READ, 30, True)
        assert key.allowed_addresses.split() == ["203.0.113.7", "10.0.0.0/8"]
        assert caps() == {"hour": 90_000, "day": 1_500_000, "total": 12_500}
        assert line("key.created")["scope"] == "read"

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("cap_hour", "0", "more than 0"),
            ("cap_day", "many", "Write a number"),
            ("cap_total", "-5", "more than 0"),
            ("rate", "0", "greater than or equal to 1"),
            ("rate", "fast", "whole number"),
            ("addresses", "my-office", "my-office is no address or network"),
            ("addresses", "10.0.0.7/8", "Write 10.0.0.0/8 for all of it"),
            ("addresses", "203.0.113.300", "203.0.113.300 is no address"),
            ("addresses", " ".join(f"10.0.0.{number}" for number in range(51)), "At most 50"),
            ("scope", "everything", "everything is not one of the available choices"),
        ],
        ids=str,
    )
    def test_what_is_wrong_stands_at_its_field_with_what_was_typed(self, bob: Client, field: str, value: str, words: str) -> None:
        answer = bob.post(PAGE, FORM | {"kind": "test", "expires": "30", field: value})

        assert (answer.status_code, ApiKey.objects.count()) == (422, 0)
        assert words in answer.text and f'id="id_{field}-about"' in answer.text
        assert field == "scope" or value in answer.text
        assert field == "scope" or re.search(r"<details[^>]* open", answer.text), "what is wrong must be seen"


class TestChanging:
    def test_the_form_begins_with_what_is_and_saving_it_changes_nothing(self, personas: Personas, bob: Client) -> None:
        program_with(personas.bob, allowed_addresses="2001:db8::/32", requests_per_minute=70, caps={Period.DAY: 1_500_000})
        page = bob.get(path_of()).text
        answer = bob.post(path_of(), FORM | {"addresses": "2001:db8::/32", "rate": "70", "cap_day": "1,500"}, follow=True)

        assert all(text in page for text in ("2001:db8::/32", 'value="70"', 'value="1,500"', "0 used today"))
        assert "Nothing was changed." in answer.text
        assert not AuditEvent.objects.filter(action="key.changed").exists()

    def test_a_change_counts_at_once_and_says_in_the_log_what_was_before(self, personas: Personas, bob: Client) -> None:
        program = program_with(personas.bob)
        assert program.create()["code"] == 200
        answer = bob.post(path_of(), FORM | {"name": "weekly", "scope": "read"}, follow=True)

        assert "Changes saved." in answer.text
        assert program.create()["code"] == 403
        assert line("key.changed") == {"prefix": program.secret[:14], "name": "weekly", "scope": "read",
                                       "before": {"name": "nightly", "scope": "generate"}}  # fmt: skip

    def test_an_expired_key_lives_again_with_a_new_end(self, personas: Personas, bob: Client) -> None:
        program = program_with(personas.bob)
        ApiKey.objects.update(expires_at=clock.now() - timedelta(days=1))
        kept = bob.post(path_of(), FORM)
        assert (kept.status_code, program.get(CREDIT)["code"]) == (302, 401)
        bob.post(path_of(), FORM | {"expires": "30"})

        assert program.get(CREDIT)["code"] == 200

    def test_a_member_lowers_a_cap_of_theirs_and_an_admin_alone_raises_or_removes_it(self, personas: Personas, bob: Client) -> None:
        program_with(personas.bob, caps={Period.TOTAL: 100_000})
        lowered = bob.post(path_of(), FORM | {"cap_total": "50"})
        refused = [bob.post(path_of(), FORM | {"cap_total": text}) for text in ("60", "")]
        assert (lowered.status_code, [answer.status_code for answer in refused], caps()) == (302, [422, 422], {"total": 50_000})
        assert "A cap of 50 credits may be lowered, not raised or removed." in refused[0].text

        signed_in(personas.alice).post(path_of(), FORM | {"cap_total": ""})
        assert caps() == {}

    def test_a_key_that_was_revoked_shows_no_form_and_takes_no_change(self, personas: Personas, bob: Client) -> None:
        program_with(personas.bob)
        ApiKey.objects.update(revoked_at=clock.now())

        assert "Save changes" not in bob.get(path_of()).text
        assert [bob.post(path_of(), FORM).status_code, bob.post(f"{path_of()}/rotate", {"overlap": "1"}).status_code] == [422, 422]


class TestRotating:
    def test_the_new_secret_is_shown_once_and_the_old_one_goes_on(self, personas: Personas, bob: Client) -> None:
        old = program_with(personas.bob)
        answer = bob.post(f"{path_of()}/rotate", {"overlap": "24"})
        found = re.search(r'value="(sk-[^"]+)"', answer.text)
        assert found
        page = bob.get(path_of()).text

        assert [program.get(CREDIT)["code"] for program in (old, Program(found[1]))] == [200, 200]
        assert "I stored it" in answer.text and found[1] not in page
        assert all(f"sk-test-…{secret[-4:]}" in page for secret in (old.secret, found[1]))
        assert line("key.rotated")["overlap_hours"] == 24

    def test_a_form_that_is_sent_again_rotates_once(self, personas: Personas, bob: Client) -> None:
        program_with(personas.bob)
        answers = [bob.post(f"{path_of()}/rotate", {"overlap": "0", "_nonce": "n"}) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 302]
        assert AuditEvent.objects.filter(action="key.rotated").count() == 1

    def test_another_time_than_those_offered_is_refused(self, personas: Personas, bob: Client) -> None:
        old = program_with(personas.bob)

        assert bob.post(f"{path_of()}/rotate", {"overlap": "9999"}).status_code == 422
        assert identity_for_key(old.secret)


@pytest.mark.parametrize("asked", ["nightly", "NIGHT", "{secret}", "{prefix}", "{shown}", "{suffix}"])
def test_a_key_is_found_by_its_name_its_beginning_and_its_end(personas: Personas, bob: Client, asked: str) -> None:
    program = program_with(personas.bob)
    make_key(personas.bob, name="another")
    end = program.secret[-4:]
    text = asked.format(secret=program.secret, prefix=program.secret[:12], shown=f"sk-test-…{end}", suffix=end)
    page = bob.get(PAGE, {"q": text}).text

    assert "nightly</a>" in page and "another</a>" not in page


@pytest.mark.parametrize("asked", ["sk-live-", "nobody", "sk-test-…", "\x00", "%", "' OR 1=1"])
def test_a_search_that_finds_little_says_so_and_never_shows_another_s_key(personas: Personas, bob: Client, asked: str) -> None:
    program_with(personas.charlie, name="of the others")
    answer = bob.get(PAGE, {"q": asked})

    assert answer.status_code == 200 and "of the others" not in answer.text
    assert "No key" in answer.text
