"""What our accounts at the providers have left, how long it lasts, and what the teams could still spend of it.

The week's consumption is worked out when a balance is read, by the pump, and kept beside it: pages read one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from playground.core import clock
from playground.credits.models import Account
from playground.jobs import provider_accounts, upstreams
from playground.jobs.models import UNFINISHED_STATES, UPSTREAM_STATES, Attempt, FailReason, Job, ProviderAccount, State

WEEK_DAYS = 7
# While jobs run, and for some time after the last one: a refund may come late.
BUSY_AGE = timedelta(minutes=5)
LATELY = timedelta(hours=2)
# Else: somebody may have paid in there, or spent by another way.
IDLE_AGE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Outlook:
    """One account at a provider, in thousandths of its credits. The balance is None where the provider has not told it."""

    provider: str
    balance_millicredits: int | None
    balance_at: datetime | None
    week_millicredits: int
    held_millicredits: int

    @property
    def title(self) -> str:
        return upstreams.provider_title(self.provider)

    @property
    def days(self) -> float | None:
        """At the average of the last week; None where nothing was taken, or where the balance is not known."""
        if self.balance_millicredits is None or self.week_millicredits <= 0:
            return None
        return max(0, self.balance_millicredits) * WEEK_DAYS / self.week_millicredits

    @property
    def is_short_of_days(self) -> bool:
        """Left for less than PROVIDER_BALANCE_WARN_DAYS at the pace of the week. In whole numbers, so exact."""
        balance = self.balance_millicredits
        return balance is not None and balance * WEEK_DAYS < self.week_millicredits * settings.PROVIDER_BALANCE_WARN_DAYS

    @property
    def is_short_of_held(self) -> bool:
        return self.balance_millicredits is not None and self.balance_millicredits < self.held_millicredits

    @property
    def is_empty(self) -> bool:
        return self.balance_millicredits is not None and self.balance_millicredits <= 0

    @property
    def is_low(self) -> bool:
        return self.is_empty or self.is_short_of_days or self.is_short_of_held


@dataclass(frozen=True, slots=True)
class Owed:
    """What all teams together may still spend live, and what that comes to at the providers at the cost of the last week."""

    credits_millicredits: int
    cost_millicredits: int


def outlooks() -> list[Outlook]:
    """Every account that there is a key for. The installation's own business: for the operator only."""
    accounts = {account.provider: account for account in ProviderAccount.objects.all()}
    held = _held()
    found = []
    for name in upstreams.live_names():
        account = accounts.get(name) or ProviderAccount(provider=name)
        found.append(Outlook(name, account.balance_millicredits, account.balance_at, account.week_taken_millicredits, held.get(name, 0)))
    return found


def owed() -> Owed:
    live = Account.objects.filter(mode="live").aggregate(
        available=Coalesce(Sum("available_millicredits"), 0), held=Coalesce(Sum("held_millicredits"), 0)
    )
    credits = live["available"] + live["held"]
    week = ProviderAccount.objects.aggregate(
        taken=Coalesce(Sum("week_taken_millicredits"), 0), charged=Coalesce(Sum("week_charged_millicredits"), 0)
    )
    # Without a week to go by, a credit here is one there: that is what is published.
    cost = credits * week["taken"] // week["charged"] if week["charged"] else credits
    return Owed(credits, cost)


def due(names: Sequence[str]) -> list[str]:
    """Of these accounts, those whose balance is to be asked for."""
    now = clock.now()
    known = dict(ProviderAccount.objects.filter(provider__in=names).values_list("provider", "balance_at"))
    return [name for name in names if _is_due(name, known.get(name), now)]


def _is_due(name: str, asked_at: datetime | None, now: datetime) -> bool:
    if asked_at is None or now - asked_at >= IDLE_AGE:
        return True
    if now - asked_at < BUSY_AGE:
        return False
    return (
        Attempt.objects.filter(ended_at__gt=now - LATELY, job__provider=name).exists()
        or Job.objects.filter(state__in=UPSTREAM_STATES, provider=name).exists()
    )


def record(provider: str, balance_millicredits: int | None) -> None:
    """Keep what the provider says, or that it said nothing, and what was taken there in the last week."""
    taken, charged = _week(provider)
    provider_accounts.record_balance(provider, balance_millicredits, taken_millicredits=taken, charged_millicredits=charged)


def _held() -> dict[str, int]:
    """What the jobs that are under way may take, at the published price."""
    jobs = Job.objects.filter(state__in=UNFINISHED_STATES, mode="live").order_by()
    return dict(jobs.values_list("provider").annotate(held=Sum(_list_price())))


def _week(provider: str) -> tuple[int, int]:
    """What the provider took for the jobs that it accepted in the last seven days, and what we charged for them."""
    since = clock.now() - timedelta(days=WEEK_DAYS)
    accepted = Attempt.objects.filter(ended_at__gt=since, outcome="accepted", job__provider=provider)
    jobs: QuerySet[Job] = Job.objects.filter(pk__in=accepted.values("job_id"), mode="live")
    # By the provider's own word; where it is silent, the published price of what did not fail.
    taken = Case(
        When(consumed_millicredits__isnull=False, then=F("consumed_millicredits")),
        When(_is_free_there(), then=Value(0)),
        default=_list_price(),
    )
    sums = jobs.aggregate(taken=Coalesce(Sum(taken), 0), charged=Coalesce(Sum("charged_millicredits"), 0))
    return sums["taken"], sums["charged"]


def _is_free_there() -> Q:
    """Failed by the provider's word. What we lost, or gave up, it may well have taken for."""
    lost = (FailReason.RESULT_LOST, FailReason.TIMEOUT, FailReason.IN_DOUBT)
    return Q(state__in=(State.FAIL, State.RECOVERING)) & ~Q(fail_reason__in=lost)


def _list_price() -> Coalesce:
    return Coalesce("list_price_millicredits", "price_millicredits")
