"""The providers' balance beside ours, for the operator: how long it lasts, and a warning before it runs out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.core import clock
from playground.credits import services as ledger
from playground.jobs import provider_balances
from playground.jobs.models import Attempt, Job, ProviderAccount, State
from tests.factories import make_job, make_owner
from tests.jobs.live_jobs import KLING, PRICE, make_live_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(settings: Settings) -> Membership:
    owner = make_live_owner(settings)
    owner.user.is_superuser = True
    owner.user.save()
    settings.MODKIE_API_KEY = ""
    return owner


def account(balance: int | None, *, week: int = 0, charged: int = 0) -> None:
    values: dict[str, object] = {"balance_millicredits": balance, "balance_at": clock.now()}
    values |= {"week_taken_millicredits": week, "week_charged_millicredits": charged}
    ProviderAccount.objects.update_or_create(provider="kie", defaults=values)


def text_of(membership: Membership, path: str, mode: str = "live") -> str:
    client = Client()
    client.force_login(membership.user)
    session = client.session
    session["mode"] = mode
    session.save()
    return client.get(path).content.decode()


def taken(owner: Membership, *, days_ago: float, consumed: int | None, charged: int = 0, state: str = State.SUCCESS) -> Job:
    """A live job that KIE accepted so long ago."""
    job = make_job(owner, mode="live", **KLING).job
    Attempt.objects.create(job=job, number=1, outcome="accepted", ended_at=clock.now() - timedelta(days=days_ago))
    Job.objects.filter(pk=job.pk).update(state=state, consumed_millicredits=consumed, charged_millicredits=charged)
    return job


@pytest.mark.parametrize("path", ["/credits", "/providers"])
def test_a_balance_that_lasts_less_than_three_days_is_warned_of_in_numbers(operator: Membership, path: str) -> None:
    account(412_000, week=7 * 150_000)
    assert "KIE has 412 credits left: about 2 days at the pace of this week." in text_of(operator, path)


@pytest.mark.parametrize(("balance", "is_warned"), [(449_999, True), (450_000, False)])
def test_the_warning_begins_below_exactly_three_days(operator: Membership, balance: int, is_warned: bool) -> None:
    account(balance, week=7 * 150_000)
    assert ("at the pace of this week" in text_of(operator, "/credits")) == is_warned


def test_how_many_days_is_a_setting(operator: Membership, settings: Settings) -> None:
    account(900_000, week=7 * 150_000)
    assert "at the pace of this week" not in text_of(operator, "/credits")
    settings.PROVIDER_BALANCE_WARN_DAYS = 7
    assert "KIE has 900 credits left: about 6 days at the pace of this week." in text_of(operator, "/credits")


def test_less_than_what_is_held_is_warned_of_whatever_the_pace(operator: Membership) -> None:
    make_job(operator, mode="live", **KLING)
    account(PRICE, week=0)
    assert "jobs under way" not in text_of(operator, "/credits")
    account(PRICE - 1000, week=0)
    assert "KIE has 54 credits left: jobs under way may take 55." in text_of(operator, "/credits")
    account(PRICE - 1000, week=7 * 54_000)
    assert "KIE has 54 credits left: about 1 day at the pace of this week, and jobs under way may take 55." in text_of(operator, "/credits")


def test_nothing_left_is_said_even_where_nothing_was_taken(operator: Membership) -> None:
    account(0)
    assert "KIE has no credits left: live jobs wait until there are some." in text_of(operator, "/credits")


def test_without_consumption_there_is_no_warning_and_no_number_of_days(operator: Membership) -> None:
    account(10_000)
    page = text_of(operator, "/credits")
    assert "Nothing was taken this week" in page and "KIE has" not in page


def test_a_balance_that_nobody_knows_is_no_warning(operator: Membership) -> None:
    account(None, week=7_000_000)
    page = text_of(operator, "/credits")
    assert "Not known" in page and "KIE has" not in page


def test_the_credits_of_all_teams_stand_beside_what_is_left_there(operator: Membership) -> None:
    other = make_owner("charlie@example.com", "elsewhere")
    ledger.grant(team=other.team, mode="live", millicredits=2_000_000)
    account(13_000_000)
    assert "All teams together have 12,000 credits for live jobs. What is left there covers it." in text_of(operator, "/credits")
    account(9_000_000)
    assert "12,000 credits for live jobs: 3,000 more than is left there." in text_of(operator, "/providers")
    account(9_000_000, week=500_000, charged=1_000_000)
    assert "which come to about 6,000 there at the cost of this week. What is left there covers it." in text_of(operator, "/credits")


def test_nobody_else_sees_any_of_it(operator: Membership) -> None:
    account(412_000, week=7 * 150_000)
    other = make_owner("charlie@example.com", "elsewhere")
    for path in ("/credits", "/providers"):
        page = text_of(other, path)
        assert "412 credits" not in page and "KIE has" not in page and "At the providers" not in page and "All teams" not in page


def test_in_test_mode_only_the_warning_is_shown(operator: Membership) -> None:
    account(412_000, week=7 * 150_000)
    page = text_of(operator, "/credits", "test")
    assert "KIE has 412 credits left" in page and "At the providers" not in page


def test_without_a_provider_there_is_nothing_to_show(operator: Membership, settings: Settings) -> None:
    account(0)
    settings.KIE_API_KEY = ""
    page = text_of(operator, "/credits", "test")
    assert "KIE has" not in page and "At the providers" not in page


# --- the week ---------------------------------------------------------------------------------------------------------
def test_a_week_is_what_the_provider_took_for_what_it_accepted_in_seven_days(operator: Membership) -> None:
    taken(operator, days_ago=0.1, consumed=60_000, charged=55_000)
    taken(operator, days_ago=6.9, consumed=None, charged=55_000)
    taken(operator, days_ago=7.1, consumed=999_000, charged=999_000)
    taken(operator, days_ago=1, consumed=None, state=State.FAIL)
    taken(operator, days_ago=1, consumed=7_000, state=State.FAIL)
    provider_balances.record("kie", 1_000_000)
    kept = ProviderAccount.objects.get(provider="kie")
    assert (kept.week_taken_millicredits, kept.week_charged_millicredits) == (60_000 + PRICE + 7_000, 110_000)
    assert kept.balance_millicredits == 1_000_000


def test_a_provider_that_says_nothing_leaves_the_balance_as_it_was(operator: Membership) -> None:
    account(5_000)
    provider_balances.record("kie", None)
    assert ProviderAccount.objects.get(provider="kie").balance_millicredits == 5_000


@pytest.mark.parametrize(
    ("minutes", "ran_minutes_ago", "is_due"),
    [(None, None, True), (4, 1, False), (6, 1, True), (6, 119, True), (6, 121, False), (359, None, False), (361, None, True)],
)
def test_a_balance_is_asked_for_while_jobs_run_and_seldom_else(
    operator: Membership, minutes: float | None, ran_minutes_ago: float | None, is_due: bool
) -> None:
    if minutes is not None:
        ProviderAccount.objects.create(provider="kie", balance_at=clock.now() - timedelta(minutes=minutes))
    if ran_minutes_ago is not None:
        taken(operator, days_ago=ran_minutes_ago / 24 / 60, consumed=1)
    assert provider_balances.due(["kie"]) == (["kie"] if is_due else [])
