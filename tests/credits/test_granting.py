"""Credits by hand: who may add them, what is refused, what is written down; rates and packs; joining with a budget."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from playground.accounts import members
from playground.accounts.models import AuditEvent, Role
from playground.credits import services as ledger
from playground.credits.budgets import budgets_of
from playground.credits.errors import LedgerError, NotAllowed
from playground.credits.granting import adjust_from_page, grant_from_page, packs_of, why_not
from playground.credits.joining import join
from playground.credits.models import Entry
from playground.credits.rates import rate_for, rate_of, set_rate
from tests.api.client import Program, request_body
from tests.factories import Personas, UserFactory, make_job, make_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(personas: Personas) -> Personas:
    personas.alice.user.is_superuser = True
    personas.alice.user.save()
    return personas


def test_an_owner_refills_test_credits_and_it_is_written_down(personas: Personas) -> None:
    account = grant_from_page(personas.alice, "test", 5_000, "more to try")

    assert account.available_millicredits == 10_005_000
    line = AuditEvent.objects.get(action="credits.granted")
    assert (line.actor, line.subject, line.detail) == (personas.alice.user, "more to try", {"mode": "test", "millicredits": 5_000})
    assert Entry.objects.get(note="more to try").by_user == personas.alice.user


def test_live_credits_are_given_out_by_the_operator_alone(operator: Personas) -> None:
    assert grant_from_page(operator.alice, "live", 5_000).available_millicredits == 5_000
    assert adjust_from_page(operator.alice, "live", -1_000, "a slip").available_millicredits == 4_000
    with pytest.raises(NotAllowed, match="whoever runs this installation"):
        grant_from_page(operator.charlie, "live", 5_000)
    with pytest.raises(NotAllowed, match="needs the role Owner"):
        grant_from_page(operator.bob, "test", 5_000)
    assert (why_not(operator.alice, "live"), bool(why_not(operator.charlie, "live"))) == ("", True)


@pytest.mark.parametrize(
    ("millicredits", "words"), [(0, "more than nothing"), (-1, "more than nothing"), (10**15 + 1, "at most 1,000,000,000,000 credits")]
)
def test_an_absurd_top_up_is_refused_with_the_rule(personas: Personas, millicredits: int, words: str) -> None:
    with pytest.raises(LedgerError, match=words):
        grant_from_page(personas.alice, "test", millicredits)
    assert not AuditEvent.objects.filter(action="credits.granted").exists()


@pytest.mark.parametrize(
    ("millicredits", "note", "words"),
    [
        (5, " ", "needs a reason"),
        (0, "why", "more or less than nothing"),
        (-(10**16), "why", "at most"),
        (5, "x" * 201, "at most 200 characters"),
    ],
)
def test_an_absurd_adjustment_is_refused_with_the_rule(personas: Personas, millicredits: int, note: str, words: str) -> None:
    with pytest.raises(LedgerError, match=words):
        adjust_from_page(personas.alice, "test", millicredits, note)
    assert not AuditEvent.objects.filter(action="credits.adjusted").exists()


def test_an_account_has_an_end(personas: Personas) -> None:
    for _ in range(9):
        ledger.grant(team=personas.alice.team, mode="test", millicredits=10**15)
    with pytest.raises(LedgerError, match="An account may have at most"):
        ledger.grant(team=personas.alice.team, mode="test", millicredits=10**15)
    assert ledger.verify() == []


def test_the_command_is_written_down_as_the_command_line(personas: Personas) -> None:
    call_command("grant_credits", "--credits", "5", "--mode", "live", "--team", personas.alice.team.slug, stdout=io.StringIO())

    assert AuditEvent.objects.get(action="credits.granted").via == "command line"


# --- rates ----------------------------------------------------------------------------------------------------------
def test_a_teams_own_rate_is_on_its_packs_its_jobs_and_its_prices_alone(operator: Personas, settings: Settings) -> None:
    settings.CREDIT_PACKS = [1000]
    before = make_job(operator.alice).job
    set_rate(operator.alice.team, Decimal("0.01"), by=operator.alice)
    after = make_job(operator.alice, user_id=operator.bob.user_id).job
    quote = Program(make_key(operator.alice)).post(request_body(), path="/api/v1/jobs/validateTask").json()["data"]["quote"]

    assert [pack.usd for pack in packs_of(operator.alice.team)] == [Decimal("10.00")]
    assert [pack.usd for pack in packs_of(operator.charlie.team)] == [Decimal("5.00")]
    assert (before.usd_per_credit, after.usd_per_credit) == (Decimal("0.005"), Decimal("0.01"))
    assert quote["usd"] == 0.6
    assert rate_of(operator.charlie.team) == rate_for(operator.charlie.team_id) == Decimal("0.005")
    line = AuditEvent.objects.get(action="rate.set")
    assert line.detail == {"before": None, "usd_per_credit": "0.01"}


def test_a_rate_is_set_by_the_operator_alone_and_is_sensible(operator: Personas) -> None:
    with pytest.raises(NotAllowed):
        set_rate(operator.charlie.team, Decimal("0.01"), by=operator.charlie)
    for absurd in (Decimal(0), Decimal(-1), Decimal("NaN"), Decimal(1001), Decimal("0.0000001")):
        with pytest.raises(LedgerError, match="credit"):
            set_rate(operator.alice.team, absurd, by=operator.alice)
    assert not AuditEvent.objects.filter(action="rate.set").exists()


# --- joining --------------------------------------------------------------------------------------------------------
def test_an_invitations_budget_becomes_the_new_members(personas: Personas) -> None:
    token = members.invite(personas.alice, email="dan@example.com", budget_millicredits=7_000).token
    dan = UserFactory.create(email="dan@example.com", name="Dan")
    membership = join(token, dan)

    assert membership is not None and membership.role == Role.MEMBER
    [budget] = budgets_of(ledger.account_for(personas.alice.team_id, "live").pk)
    assert (budget.subject_words, budget.period, budget.limit_millicredits) == ("Dan", "month", 7_000)
    assert budgets_of(ledger.account_for(personas.alice.team_id, "test").pk) == []
    assert join(token, UserFactory.create()) is None


def test_who_is_in_the_team_already_gets_no_budget(personas: Personas) -> None:
    token = members.invite(personas.alice, email="dan@example.com", budget_millicredits=7_000).token

    assert join(token, personas.bob.user) == personas.bob
    assert budgets_of(ledger.account_for(personas.alice.team_id, "live").pk) == []
