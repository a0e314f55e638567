"""The ledger's proof: what must be true, whether it is, and since when that is known."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from playground.accounts.models import Role
from playground.credits import proof
from playground.credits.models import Account
from playground.jobs import services
from playground.jobs.models import FailReason, State
from playground.web import proof_views
from tests.factories import Personas, make_job
from tests.web.credits import join, rows, spend, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def tamper(personas: Personas) -> None:
    """As somebody would with the database in hand: a balance without an entry."""
    Account.objects.filter(team=personas.alice.team, mode="test").update(available_millicredits=99_000_000)


def states(client: Client) -> list[str]:
    return [text_of(row) for row in rows(client.get("/credits/proof").text)]


def test_before_the_first_check_every_rule_says_so(alice: Client) -> None:
    found = states(alice)
    assert len(found) == len(proof.invariants())
    assert all(row.startswith("Not checked yet") and row.endswith("Never") for row in found)


def test_a_sound_ledger_holds_in_every_rule(alice: Client, personas: Personas) -> None:
    failed = make_job(personas.alice).job
    services.fail(failed.pk, origins=(State.QUEUED,), reason=FailReason.CANCELLED, code="", words="")
    make_job(personas.bob)
    page = alice.post("/credits/proof/check", follow=True).text
    assert "Checked: everything holds." in page
    assert "Everything holds. It is checked once a day by itself." in page
    assert all(row.startswith("Holds") and "Today" in row for row in (text_of(row) for row in rows(page)))


def test_a_tampered_balance_shows_and_says_what_to_do(alice: Client, personas: Personas) -> None:
    personas.alice.user.is_superuser = True
    personas.alice.user.save()
    tamper(personas)
    page = alice.post("/credits/proof/check", follow=True).text
    assert "1 of the rules does not hold." in page
    assert "manage.py ledger verify" in page
    broken = [row for row in (text_of(row) for row in rows(page)) if row.startswith("Does not hold")]
    assert len(broken) == 1
    assert "99,000" in broken[0]


def test_a_tampered_entry_shows(alice: Client, personas: Personas) -> None:
    job = spend(personas.alice)
    with connection.cursor() as cursor:
        _drop_the_guard(cursor)
        cursor.execute(
            "UPDATE credits_entry SET available_delta_millicredits = available_delta_millicredits + 1000"
            " WHERE job_id = %s AND kind = 'capture'", [job.pk.hex if connection.vendor == "sqlite" else str(job.pk)],
        )  # fmt: skip
        assert cursor.rowcount == 1
    page = alice.post("/credits/proof/check", follow=True).text
    assert any(text_of(row).startswith("Does not hold") for row in rows(page))


def _drop_the_guard(cursor: object) -> None:
    """The database refuses to change entries; whoever tampers would take that guard away first."""
    assert hasattr(cursor, "execute")
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'credits_entry'")
        for (name,) in cursor.fetchall():  # type: ignore[attr-defined]
            cursor.execute(f'DROP TRIGGER "{name}"')
    else:
        # Checks that wait for the commit would keep the table from being altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE credits_entry DISABLE TRIGGER ALL")


def test_what_differs_is_named_to_whoever_runs_the_installation_only(alice: Client, personas: Personas) -> None:
    Account.objects.filter(team=personas.charlie.team).update(available_millicredits=77_000_000)
    page = alice.post("/credits/proof/check", follow=True).text
    assert "Does not hold" in page
    assert "Tell whoever runs this installation" in page
    assert "77,000" not in page
    assert "Elsewhere" not in page


def test_the_check_is_throttled(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_views, "CHECKS_PER_MINUTE", 1)
    alice.post("/credits/proof/check")
    looked: list[int] = []

    def prove() -> list[proof.Finding]:
        looked.append(1)
        return []

    monkeypatch.setattr(proof, "prove", prove)
    assert "Checked a moment ago." in alice.post("/credits/proof/check", follow=True).text
    assert looked == []


def test_a_link_leads_owners_there(alice: Client) -> None:
    assert 'href="/credits/proof"' in alice.get("/credits").text


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_others_do_not_see_it(client: Client, personas: Personas, role: Role) -> None:
    client.force_login(join(personas, role, "Robin").user)
    assert client.get("/credits/proof").status_code == 403
    assert client.post("/credits/proof/check").status_code == 403


def test_looking_does_not_check(alice: Client) -> None:
    assert alice.get("/credits/proof/check").status_code == 405
    assert states(alice)[0].startswith("Not checked yet")
