"""Reading the ledger: filters and pages of entries, daily sums, exports."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from pytest_django.fixtures import Settings

from playground.accounts.models import ApiKey
from playground.core import ids
from playground.credits import entries, usage
from playground.credits import services as ledger
from playground.credits.entries import Filter
from playground.credits.models import Account, Entry, EntryKind
from playground.credits.services import Origin
from tests.factories import Personas, make_key
from tests.jobs.controlled_clock import ControlledClock

pytestmark = pytest.mark.django_db
ONE, TWO = ("kie", "one/model"), ("modkie", "two/model")


@pytest.fixture
def controlled(monkeypatch: pytest.MonkeyPatch) -> ControlledClock:
    controlled = ControlledClock(monkeypatch)
    controlled.now = datetime(2026, 10, 30, 12, 0, tzinfo=UTC)
    return controlled


@pytest.fixture
def account(controlled: ControlledClock, personas: Personas) -> Account:
    """Alice and Bob, a key of Bob's, two models: charges of 10, 20, 30, 40 on four days around the end of October; a failure."""
    make_key(personas.bob, name="CI")
    key_id = ApiKey.objects.get().pk
    account = ledger.account_for(personas.alice.team_id, "test")
    alice, bob = personas.alice.user_id, personas.bob.user_id
    origins = [Origin(alice, None, *ONE), Origin(bob, key_id, *ONE), Origin(bob, None, *TWO), Origin(alice, None, *TWO)]
    for origin, charged in zip(origins, (10, 20, 30, 40), strict=True):
        controlled.advance(24 * 3600)
        charge(account, origin, charged)
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=50, origin=Origin(bob, None, *ONE))
    ledger.release(job_id=job_id)
    return account


def charge(account: Account, origin: Origin, charged: int) -> None:
    job_id = ids.new_id()
    ledger.hold(account_id=account.pk, job_id=job_id, millicredits=charged + 5, origin=origin)
    ledger.capture(job_id=job_id, millicredits=charged)


def kinds(found: list[Entry]) -> list[str]:
    return [str(entry.kind) for entry in found]


# --- entries --------------------------------------------------------------------------------------------------------
def test_a_settlement_says_who_and_what_its_hold_was_for(account: Account, personas: Personas) -> None:
    captured = Entry.objects.filter(kind="capture", by_key__name="CI").get()

    assert (captured.by_user, captured.gateway, captured.model_id) == (personas.bob.user, *ONE)


def test_each_filter_finds_its_own_newest_first(account: Account, personas: Personas) -> None:
    key_id = ApiKey.objects.get().pk
    october = Filter(first=datetime(2026, 10, 1).date(), last=datetime(2026, 10, 31).date())

    def found(wanted: Filter) -> list[str]:
        return kinds(entries.page(account.pk, wanted, limit=99))

    assert found(Filter()) == ["release", "hold", *["capture", "hold"] * 4, "grant"]
    assert found(Filter(kinds=(EntryKind.GRANT, EntryKind.RELEASE))) == ["release", "grant"]
    assert found(Filter(user_id=personas.alice.user_id)) == ["capture", "hold"] * 2
    assert found(Filter(key_id=key_id)) == ["capture", "hold"]
    assert found(Filter(gateway=TWO[0], model_id=TWO[1], kinds=(EntryKind.CAPTURE,))) == ["capture", "capture"]
    assert found(october) == ["capture", "hold", "grant"]


@pytest.mark.parametrize("wanted", [Filter(), Filter(kinds=(EntryKind.HOLD, EntryKind.CAPTURE))], ids=["all", "two kinds"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_follow_each_other_without_a_gap_or_a_repetition(account: Account, wanted: Filter, size: int) -> None:
    whole = [entry.pk for entry in entries.page(account.pk, wanted, limit=99)]
    pages: list[int] = []
    while piece := entries.page(account.pk, wanted, before=pages[-1] if pages else None, limit=size):
        pages += [entry.pk for entry in piece]

    assert pages == whole
    assert [entry.pk for entry in entries.stream(account.pk, wanted)] == whole


def test_a_page_goes_on_from_an_entry_of_the_same_account_alone(account: Account, personas: Personas) -> None:
    foreign = Entry.objects.filter(account__team=personas.charlie.team).first()

    assert foreign is not None
    assert entries.page(account.pk, before=foreign.pk) == []


def test_entries_outlive_the_people_and_keys_they_name(account: Account, personas: Personas) -> None:
    key_id, user_id = ApiKey.objects.get().pk, personas.bob.user_id
    ApiKey.objects.all().delete()
    personas.bob.user.delete()

    assert kinds(entries.page(account.pk, Filter(key_id=key_id))) == ["capture", "hold"]
    assert len(entries.page(account.pk, Filter(user_id=user_id))) == 6
    newest = entries.page(account.pk, limit=1)[0]
    assert (newest.by_user, newest.by_key) == (None, None)
    assert ledger.verify() == []


@pytest.mark.parametrize("change", [{"note": "else"}, {"by_user": None}, {"available_delta_millicredits": 0}], ids=str)
def test_the_database_refuses_to_change_an_entry(account: Account, change: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.filter(kind="capture").update(**change)


# --- sums -----------------------------------------------------------------------------------------------------------
def test_the_days_by_model_member_and_key(account: Account, personas: Personas) -> None:
    alice, bob, key_id = personas.alice.user_id, personas.bob.user_id, ApiKey.objects.get().pk
    first, last = datetime(2026, 10, 1).date(), datetime(2026, 11, 30).date()

    def rows(group: usage.Group) -> list[tuple[Any, ...]]:
        found = usage.by_day(account.pk, group, first, last)
        return [(f"{row.day:%m-%d}", row.model_id or row.user_id or row.key_id, row.charged_millicredits, row.charges) for row in found]

    assert rows("model") == [("10-31", ONE[1], 10, 1), ("11-01", ONE[1], 20, 1), ("11-02", TWO[1], 30, 1), ("11-03", TWO[1], 40, 1)]
    assert rows("member") == [("10-31", alice, 10, 1), ("11-01", bob, 20, 1), ("11-02", bob, 30, 1), ("11-03", alice, 40, 1)]
    assert rows("key") == [("10-31", None, 10, 1), ("11-01", key_id, 20, 1), ("11-02", None, 30, 1), ("11-03", None, 40, 1)]
    assert usage.spent_by_member(account.pk, first, last) == {alice: 50, bob: 50}
    assert usage.spent_by_key(account.pk, first, last) == {0: 80, key_id: 20}


def test_this_month_is_what_was_charged_and_what_came_back_since_its_first(account: Account) -> None:
    month = usage.this_month(account.pk)

    assert (month.spent_millicredits, month.charges, month.returned_millicredits, month.returns) == (90, 3, 50, 1)


def test_a_day_is_one_of_the_installations_zone(controlled: ControlledClock, personas: Personas, settings: Settings) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    account = ledger.account_for(personas.alice.team_id, "test")
    charge(account, Origin(personas.alice.user_id, None, *ONE), 10)

    day = datetime(2026, 10, 31).date()
    assert [row.day for row in usage.by_day(account.pk, "model", day, day)] == [day]
    assert ledger.verify() == []


# --- exports --------------------------------------------------------------------------------------------------------
def export(*arguments: str) -> str:
    out = io.StringIO()
    call_command("ledger", "export", *arguments, stdout=out)
    return out.getvalue()


def test_an_export_has_every_entry_with_exact_amounts(account: Account, personas: Personas) -> None:
    rows = list(csv.DictReader(io.StringIO(export("--team", personas.alice.team.slug, "--mode", "test"))))

    assert len(rows) == Entry.objects.filter(account=account).count()
    assert [(row["kind"], row["available_credits"], row["person"], row["key"]) for row in rows if row["key"]] == [
        ("capture", "0.005", "bob@example.com", "CI"), ("hold", "-0.025", "bob@example.com", "CI"),
    ]  # fmt: skip


def test_an_export_of_all_has_one_heading_and_both_forms_say_the_same(account: Account) -> None:
    lines = [json.loads(line) for line in export("--format", "jsonl").splitlines()]
    rows = list(csv.DictReader(io.StringIO(export())))

    assert [str(line["id"]) for line in lines] == [row["id"] for row in rows]
    assert len({line["team"] for line in lines}) == 2


def test_a_note_is_no_formula_in_a_spreadsheet(account: Account, personas: Personas) -> None:
    ledger.grant(team=personas.alice.team, mode="test", millicredits=1, note='=HYPERLINK("x")')
    newest = next(csv.DictReader(io.StringIO(export("--team", personas.alice.team.slug))))

    assert newest["note"] == '\'=HYPERLINK("x")'
