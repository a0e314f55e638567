"""Three members in the page and two keys in the API, all at once, against budgets and a balance that fit 120 of 200 runs."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from django.core.management import call_command
from django.test import Client

from playground.accounts.models import ApiKey, AuditEvent, Membership
from playground.catalog import registry
from playground.credits import services as ledger
from playground.credits.budgets import Subject, budgets_of, set_budget
from playground.credits.models import Account, Entry
from playground.jobs.models import Job
from playground.web.formtokens import FormToken
from tests.api.client import Program, request_body
from tests.factories import VEO, MembershipFactory, make_key, make_owner
from tests.jobs.controlled_clock import ControlledClock
from tests.threads import at_once
from tests.web.playground import run

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 60_000
FIT = 120
THREADS, RUNS_EACH = 50, 4
Caller = Callable[[], int]


def in_the_page(member: Membership) -> Caller:
    """One press of Run by somebody who is signed in, with a form of its own; answers the status."""
    card = registry.get(VEO)
    client = Client()
    client.force_login(member.user)

    def press() -> int:
        form = FormToken(member.user_id, member.team_id, "test", card.gateway, card.id, card.version, PRICE)
        return 200 if (status := run(client, nonce=form.sign()).status_code) == 303 else status

    return press


def in_the_api(secret: str) -> Caller:
    """One createTask with a key; answers the envelope's code."""
    program = Program(secret)
    return lambda: int(program.create(request_body())["code"])


def test_of_two_hundred_runs_at_once_exactly_those_that_fit_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every limit binds: Alice's 30, Bob's 25, Cara's 65 of which one key makes at most 20; the team's and the balance's 120."""
    # It stands still: the budgets' month must not end meanwhile.
    ControlledClock(monkeypatch)
    alice = make_owner()
    bob, cara = (MembershipFactory.create(team=alice.team, user__email=f"{name}@example.com") for name in ("bob", "cara"))
    secrets = [make_key(cara, name=name) for name in ("small key", "free key")]
    small_key = ApiKey.objects.get(name="small key")
    account = ledger.adjust(team=alice.team, mode="test", millicredits=FIT * PRICE - 10_000_000, note="exactly what fits")
    limits = {
        Subject.team(): FIT, Subject.member(alice.user_id): 30, Subject.member(bob.user_id): 25, Subject.member(cara.user_id): 65,
        Subject.key(small_key.pk): 20,
    }  # fmt: skip
    for subject, runs in limits.items():
        set_budget(team=alice.team, mode="test", subject=subject, period="month", limit_millicredits=runs * PRICE)
    ways: list[Callable[[], Caller]] = [partial(in_the_page, member) for member in (alice, bob, cara)]
    ways += [partial(in_the_api, secret) for secret in secrets]
    callers = [ways[number % len(ways)]() for number in range(THREADS)]

    results = at_once(THREADS, lambda number: [callers[number]() for _ in range(RUNS_EACH)])

    assert not [result for result in results if isinstance(result, Exception)]
    answers = Counter(answer for result in results if isinstance(result, list) for answer in result)
    # Whose limit binds first is the order's choice: a key that stands before its own hears 433, all else 402.
    own_cap = answers.pop(433, 0)
    assert answers == {200: FIT, 402: THREADS * RUNS_EACH - FIT - own_cap}
    assert own_cap <= THREADS // len(ways) * RUNS_EACH - Job.objects.filter(api_key=small_key).count()
    by_member = Counter(Job.objects.values_list("created_by_id", flat=True))
    assert by_member == {alice.user_id: 30, bob.user_id: 25, cara.user_id: 65}
    assert Job.objects.filter(api_key=small_key).count() <= 20
    assert sorted(Job.objects.values_list("number", flat=True)) == list(range(1, FIT + 1))
    account.refresh_from_db()
    assert (account.available_millicredits, account.held_millicredits) == (0, FIT * PRICE)
    assert Entry.objects.filter(kind="hold").count() == FIT
    assert_budgets_counted_and_told_once(account)
    out = io.StringIO()
    call_command("ledger", "verify", stdout=out)
    assert out.getvalue().startswith("The ledger is in order")


def assert_budgets_counted_and_told_once(account: Account) -> None:
    for budget in budgets_of(account.pk):
        jobs = Job.objects.all()
        if budget.subject.kind == "member":
            jobs = jobs.filter(created_by_id=budget.subject.id)
        elif budget.subject.kind == "key":
            jobs = jobs.filter(api_key_id=budget.subject.id)
        assert budget.used_millicredits == jobs.count() * PRICE <= budget.limit_millicredits
    told = Counter(AuditEvent.objects.filter(action__startswith="budget.").values_list("action", "subject"))
    for whose in ("The team's budget", "Alice's budget"):
        assert told["budget.warned", whose] == told["budget.reached", whose] == 1
