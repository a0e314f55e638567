"""402: exactly where the credits end."""

from __future__ import annotations

import pytest

from playground.accounts.models import AuditEvent
from playground.credits import budgets
from playground.credits import services as ledger
from playground.credits.models import Account
from tests.api.client import CREDIT, Program, world
from tests.factories import Personas

pytestmark = pytest.mark.django_db
PRICE = 60_000


def leave(personas: Personas, millicredits: int) -> None:
    available = Account.objects.get(team=personas.alice.team, mode="test").available_millicredits
    ledger.adjust(team=personas.alice.team, mode="test", millicredits=millicredits - available, note="the boundary")


def test_the_last_credits_buy_a_task(program: Program, personas: Personas) -> None:
    leave(personas, PRICE)

    assert program.create()["code"] == 200
    assert program.get(CREDIT)["data"] == 0


def test_a_thousandth_too_little_is_402_and_leaves_no_trace(program: Program, personas: Personas) -> None:
    leave(personas, PRICE - 1)
    before = world()

    answer = program.create()

    assert (answer["code"], answer["data"]) == (402, None)
    assert answer["msg"].startswith("Credits insufficient.")
    assert "59.999" in answer["msg"]
    assert world() == before


def test_what_is_held_cannot_be_spent_twice(program: Program, personas: Personas) -> None:
    leave(personas, PRICE + 1)

    assert [program.create()["code"] for _ in range(3)] == [200, 402, 402]


def test_a_number_is_not_used_up_by_a_refused_request(program: Program, personas: Personas) -> None:
    leave(personas, 0)
    before = world()
    program.create()
    ledger.grant(team=personas.alice.team, mode="test", millicredits=PRICE)

    assert world()["numbers"] == before["numbers"]
    assert program.create()["code"] == 200


def test_the_audit_log_names_the_key_that_came_to_the_end_of_a_budget(program: Program, personas: Personas) -> None:
    budgets.set_budget(team=personas.alice.team, mode="test", subject=budgets.Subject.team(), period="total", limit_millicredits=PRICE)

    assert program.create()["code"] == 200

    line = AuditEvent.objects.get(action="budget.reached")
    assert (line.actor_words, line.via) == ("Key: test key", "API")
