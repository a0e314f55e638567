"""From where and how often a key may be used."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client, override_settings

from playground.accounts.models import Scope
from tests.api.client import CREDIT, Program, envelope, request_body, world
from tests.api.keys import key_named, program_with
from tests.factories import Personas

pytestmark = pytest.mark.django_db


def code_from(program: Program, address: str, **more: Any) -> Any:
    return envelope(Client(REMOTE_ADDR=address, **more).get(CREDIT, headers={"Authorization": f"Bearer {program.secret}"}))["code"]


class TestAddresses:
    @pytest.mark.parametrize(
        ("allowed", "address", "code"),
        [
            ("", "198.51.100.7", 200),
            ("203.0.113.7", "203.0.113.7", 200),
            ("203.0.113.7", "203.0.113.8", 403),
            ("10.0.0.0/8 203.0.113.7", "10.200.3.4", 200),
            ("10.0.0.0/8", "11.0.0.1", 403),
            ("2001:db8::/32", "2001:db8:1::5", 200),
            ("2001:DB8:0:0::1", "2001:db8::1", 200),
            ("2001:db8::/32", "2001:db9::1", 403),
            ("203.0.113.7", "::ffff:203.0.113.7", 200),
            ("0.0.0.0/0", "2001:db8::1", 403),
            ("203.0.113.7", "", 403),
        ],
    )
    def test_a_key_is_used_from_its_addresses_alone(self, personas: Personas, allowed: str, address: str, code: int) -> None:
        program = program_with(personas.alice, allowed_addresses=allowed)

        assert code_from(program, address) == code

    def test_the_refusal_names_the_address_as_it_is_seen_here_and_nothing_is_made(self, personas: Personas) -> None:
        program = program_with(personas.alice, allowed_addresses="203.0.113.7")
        before = world()

        assert program.create() == {"code": 403, "msg": "This API key may not be used from 127.0.0.1.", "data": None}
        assert world() == before
        assert key_named().last_used_at is None

    def test_behind_a_trusted_proxy_the_client_s_address_counts(self, personas: Personas) -> None:
        program = program_with(personas.alice, allowed_addresses="203.0.113.7")
        forwarded = {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}

        with override_settings(TRUSTED_PROXY_COUNT=1):
            assert code_from(program, "10.0.0.1", **forwarded) == 200
        assert code_from(program, "10.0.0.1", **forwarded) == 403, "a header that anybody can send opens nothing"


class TestRate:
    def test_beyond_its_own_rate_a_key_waits_whatever_it_asks_for(self, personas: Personas) -> None:
        program = program_with(personas.alice, requests_per_minute=3)
        answers: list[Any] = [program.http.get(CREDIT, headers={"Authorization": f"Bearer {program.secret}"}) for _ in range(2)]
        answers += [program.post(request_body()), program.post(request_body())]

        assert [json.loads(answer.content)["code"] for answer in answers] == [200, 200, 200, 429]
        assert json.loads(answers[-1].content)["msg"] == "Too many requests with this API key: it may have 3 a minute."
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61

    @override_settings(KEY_REQUESTS_PER_MINUTE=2)
    def test_a_key_without_a_rate_has_the_installation_s(self, personas: Personas, program: Program) -> None:
        more = program_with(personas.alice, requests_per_minute=5)

        assert [program.get(CREDIT)["code"] for _ in range(3)] == [200, 200, 429]
        assert [more.get(CREDIT)["code"] for _ in range(5)] == [200] * 5

    def test_a_request_that_its_scope_refuses_counts_too(self, personas: Personas) -> None:
        reader = program_with(personas.alice, scope=Scope.READ, requests_per_minute=2)

        assert [reader.create()["code"] for _ in range(3)] == [403, 403, 429]
