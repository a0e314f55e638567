"""Jobs that are named by their ids are found by their ids, however many others the team has."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.gallery.deleting import deleted_takes
from playground.gallery.favourites import living_takes
from playground.gallery.filters import Filters
from playground.gallery.queries import chosen_takes
from playground.jobs import queries, takes
from tests.factories import Personas

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
