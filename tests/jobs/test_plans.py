"""Jobs that are named by their ids are found by their ids, however many others the team has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.accounts.models import Membership
from playground.gallery.deleting import deleted_takes
from playground.gallery.favourites import living_takes
from playground.gallery.filters import Filters
from playground.gallery.queries import chosen_takes
from playground.jobs import queries, takes
from playground.jobs.history import timing_for
from playground.jobs.models import Job
from tests.factories import Personas, make_job

pytestmark = pytest.mark.django_db
ASKED: dict[str, Callable[[int, list[UUID]], object]] = {
    "the heartbeat": lambda team, ids: queries.jobs_by_ids(team, "test", ids),
    "numbers": lambda team, ids: queries.numbers_of(team, ids),
    "selected takes": lambda team, ids: living_takes(team, "test", ids),
    "deleted takes": lambda team, ids: deleted_takes(team, "test", ids),
    "takes to delete": lambda team, ids: takes.delete_takes(team, ids),
    "takes of jobs": lambda team, ids: list(chosen_takes(team, "test", Filters(), ids)),
}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="reads SQLite's words for a plan")
@pytest.mark.parametrize("name", ASKED)
def test_what_is_named_by_its_id_is_found_by_its_id(name: str, personas: Personas) -> None:
    with CaptureQueriesContext(connection) as made:
        ASKED[name](personas.alice.team_id, [uuid4() for _ in range(60)])

    for query in made:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plan = [row[3] for row in cursor.fetchall()]
        assert not [step for step in plan if "team_id=" in step or step.startswith("SCAN")], (query["sql"], plan)


def again(job: Job) -> object:
    return make_job(Membership.objects.filter(team=job.team, user=job.created_by).get(), idempotency_key="again")


FOR_FEW: dict[str, tuple[Callable[[Job], object], str]] = {
    "a request that is repeated": (again, "one_job_per_idempotency_key"),
    "continuations": (queries.continued_by, "jobs_by_parent"),
    "remixes": (queries.remixes_of, "jobs_by_remix_of"),
    "jobs alike": (lambda job: timing_for(job.provider, job.model_id, job.timing_key, fallback=1.0), "jobs_alike"),
}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="reads SQLite's words for a plan")
@pytest.mark.parametrize("name", FOR_FEW)
def test_an_index_of_few_jobs_is_used_although_values_are_bound_later(name: str, personas: Personas) -> None:
    job = make_job(personas.alice, idempotency_key="again").job
    ask, index = FOR_FEW[name]
    asked: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ask(job)

    plans = []
    for sql, params in asked:
        if sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                plans += [row[3] for row in cursor.fetchall()]
    assert [step for step in plans if f"INDEX {index} " in step], plans
