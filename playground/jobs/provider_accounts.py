"""What all processes know about our accounts at the providers: pauses, trouble, balance. The only writer of these rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Q

from playground.core import clock
from playground.jobs.models import ProviderAccount


def lock(providers: Iterable[str]) -> None:
    """Hold the rows of these accounts until the transaction ends: one pump at a time decides who is sent next.

    On SQLite every transaction has the only write lock already; the rows are then merely made sure of.
    """
    names = sorted(providers)
    rows = ProviderAccount.objects.select_for_update().filter(provider__in=names).order_by("provider").values_list("provider", flat=True)
    if missing := set(names).difference(rows):
        for name in sorted(missing):
            ProviderAccount.objects.get_or_create(provider=name)
        # What somebody else has made just now is there, but not ours yet.
        list(rows.all())


def closed() -> set[str]:
    """Providers to which nothing is sent just now."""
    return set(ProviderAccount.objects.filter(paused_until__gt=clock.now()).values_list("provider", flat=True))


def pause(provider: str, seconds: float, *, trouble: str = "") -> None:
    """Stop submitting to a provider for a while; with `trouble` people see why their jobs wait."""
    now = clock.now()
    until = now + timedelta(seconds=seconds)
    account, _ = ProviderAccount.objects.get_or_create(provider=provider)
    rows = ProviderAccount.objects.filter(pk=account.pk)
    # The longer pause wins: a rate limit of seconds must not end the minute that trouble asked for.
    rows.filter(Q(paused_until=None) | Q(paused_until__lt=until)).update(paused_until=until)
    if trouble:
        rows.update(trouble=trouble[:300], trouble_at=now)


def clear_trouble(provider: str) -> None:
    ProviderAccount.objects.filter(provider=provider).exclude(trouble="").update(trouble="", trouble_at=None, paused_until=None)


def begin_anew(provider: str) -> None:
    """The key has changed: what was seen with the one before is not known of this one."""
    ProviderAccount.objects.filter(provider=provider).update(
        paused_until=None, trouble="", trouble_at=None, balance_millicredits=None, balance_at=None
    )


def forget_bad_signature(provider: str) -> None:
    ProviderAccount.objects.filter(provider=provider).update(bad_signature_at=None)


def record_balance(provider: str, millicredits: int | None, *, taken_millicredits: int, charged_millicredits: int) -> None:
    """What the provider says that we have there, and the week's consumption.

    None where it did not answer: what it said before stays, and it is not asked at once again.
    """
    values: dict[str, Any] = {
        "balance_at": clock.now(),
        "week_taken_millicredits": taken_millicredits,
        "week_charged_millicredits": charged_millicredits,
    }
    if millicredits is not None:
        values["balance_millicredits"] = millicredits
    if not ProviderAccount.objects.filter(provider=provider).update(**values):
        ProviderAccount.objects.update_or_create(provider=provider, defaults=values)


def record_callback(provider: str, *, is_signed_wrongly: bool = False) -> None:
    """A callback came in; kept to the minute, so that a thousand of them are not a thousand writes."""
    field = "bad_signature_at" if is_signed_wrongly else "callback_at"
    now = clock.now()
    account, _ = ProviderAccount.objects.get_or_create(provider=provider)
    stale = Q(**{field: None}) | Q(**{f"{field}__lt": now - timedelta(seconds=30)})
    ProviderAccount.objects.filter(stale, pk=account.pk).update(**{field: now})
