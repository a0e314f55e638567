"""Flat statements write and read exactly what the ORM would."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError
from django.forms.models import model_to_dict

from playground import flatsql
from playground.core import clock
from playground.credits.models import Account, Entry
from playground.jobs.models import EngineLease, Event, Job
from tests.factories import Personas, make_job

pytestmark = pytest.mark.django_db


def columns(row: Any) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}


@pytest.mark.parametrize("model", [Job, Event, Entry])
def test_a_row_is_read_back_as_it_was_written(personas: Personas, model: type[Any]) -> None:
    job = make_job(personas.alice, callback_url="https://example.com/").job
    Event.objects.create(job=job, kind="submitted")
    template = model.objects.order_by("pk").last()
    changes: dict[type[Any], dict[str, object]] = {
        Job: {"number": 77, "result_links": ["a", {"b": "ü"}], "submitted_at": clock.now(), "lease_token": job.pk, "progress": 50},
        Event: {"detail": 'it\'s "quoted" 🎬 %s ?'},
        Entry: {"kind": "grant", "job_id": None, "note": "%(x)s"},
    }
    row = model(**columns(template) | changes[model])

    flatsql.insert(row)

    others = model.objects.exclude(pk=template.pk)
    assert columns(row) in [columns(found) for found in others]


@pytest.mark.parametrize("model", [Job, Event, Entry])
def test_a_row_is_made_as_its_model_makes_it(personas: Personas, model: type[Any]) -> None:
    Event.objects.create(job=make_job(personas.alice).job, kind="submitted")
    given = columns(model.objects.order_by("pk").last())

    made = flatsql.made(model, **given)

    assert columns(made) == columns(model(**given))
    assert (made._state.adding, made._state.db) == (True, None)


def test_what_is_not_given_is_the_model_s_own_and_nobody_else_s() -> None:
    with clock.standing_at(clock.from_ms(1_700_000_000_000)):
        one, other = flatsql.made(Job, number=1), flatsql.made(Job, number=2)
        expected = Job(id=one.pk, number=1)

    assert columns(one) == columns(expected)
    assert one.pk != other.pk
    assert one.notes is not other.notes


def test_a_name_that_is_no_column_is_refused() -> None:
    with pytest.raises(TypeError, match="Event has no columns kinds"):
        flatsql.made(Event, kinds="created")


def test_a_moment_without_a_zone_is_refused(personas: Personas) -> None:
    job = make_job(personas.alice).job
    with transaction.atomic(), pytest.raises((ValueError, RuntimeWarning)):
        flatsql.insert(flatsql.made(Event, job_id=job.pk, kind="created", at=datetime(2026, 1, 2, 3, 4)))


def test_a_written_row_counts_as_stored(personas: Personas) -> None:
    job = make_job(personas.alice).job

    assert not job._state.adding
    job.refresh_from_db()
    assert model_to_dict(job) == model_to_dict(Job.objects.get(pk=job.pk))


def test_the_database_s_rules_hold_here_too(personas: Personas) -> None:
    job = make_job(personas.alice).job
    twin = Job(**columns(job))
    with pytest.raises(IntegrityError), transaction.atomic():
        flatsql.insert(twin)

    assert Job.objects.count() == 1


def test_a_transaction_that_failed_takes_no_further_statement(personas: Personas) -> None:
    job = make_job(personas.alice).job
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic(savepoint=False):
            flatsql.insert(Job(**columns(job)))
        with pytest.raises(TransactionManagementError):
            flatsql.value("SELECT 1", [])


def test_changed_rows_are_counted_and_single_values_read(personas: Personas) -> None:
    account = Account.objects.get(team=personas.alice.team)
    update = "UPDATE credits_account SET available_millicredits = %s WHERE id = %s"

    assert flatsql.execute(update, [5, account.pk]) == 1
    assert flatsql.execute(update, [5, -1]) == 0
    assert flatsql.value("SELECT available_millicredits FROM credits_account WHERE id = %s", [account.pk]) == 5
    assert flatsql.value("SELECT id FROM credits_account WHERE id = %s", [-1]) is None


def test_moments_compare_as_the_orm_stores_them() -> None:
    now = clock.now()
    EngineLease.objects.create(name="pump", lease_until=now)
    later = "SELECT 1 FROM jobs_enginelease WHERE lease_until > %s"

    assert flatsql.value(later, [flatsql.moment(now - timedelta(milliseconds=1))]) == 1
    assert flatsql.value(later, [flatsql.moment(now)]) is None


def test_a_row_is_found_as_the_orm_would_find_it(personas: Personas) -> None:
    job = make_job(personas.alice, callback_url="https://example.com/").job
    Job.objects.filter(pk=job.pk).update(result_links=["ü"], submitted_at=clock.now(), lease_token=job.pk)
    expected = Job.objects.get(pk=job.pk)

    found = flatsql.get(Job, id=job.pk, team_id=job.team_id, mode="test")

    assert found == expected
    assert columns(found) == columns(expected)
    assert found is not None
    assert (type(found.pk), type(found.created_at), type(found.usd_per_credit)) == (UUID, datetime, Decimal)
    found.fail_message = "still an ordinary row"
    found.save(update_fields=["fail_message"])
    assert Job.objects.get().fail_message == "still an ordinary row"


def test_a_column_that_is_left_out_is_read_when_it_is_asked_for(personas: Personas, django_assert_num_queries: Any) -> None:
    job = make_job(personas.alice, callback_url="https://example.com/").job

    found = flatsql.get(Job, without=frozenset({"callback_url", "raw_reply"}), id=job.pk, team_id=job.team_id)

    assert found is not None and found.get_deferred_fields() == {"callback_url", "raw_reply"}
    with django_assert_num_queries(1):
        assert (found.callback_url, found.number) == ("https://example.com/", job.number)


def test_statements_are_counted_by_whoever_watches_the_connection(personas: Personas, django_assert_num_queries: Any) -> None:
    one = "SELECT id FROM accounts_team WHERE id = %s"
    flatsql.value(one, [personas.alice.team.pk])
    with django_assert_num_queries(1):
        flatsql.value(one, [personas.alice.team.pk])


@pytest.mark.parametrize("other", [{"mode": "live"}, {"team_id": -1}, {"id": UUID(int=0)}], ids=str)
def test_a_row_is_found_only_where_everything_is_equal(personas: Personas, other: dict[str, Any]) -> None:
    job = make_job(personas.alice).job

    wanted: dict[str, Any] = {"id": job.pk, "team_id": job.team_id, "mode": "test"}
    assert flatsql.get(Job, **(wanted | other)) is None
