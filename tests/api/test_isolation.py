"""Two teams, and the two modes of one team, see nothing of each other."""

from __future__ import annotations

from uuid import UUID

import pytest

from playground.api.envelopes import NO_RECORD
from playground.jobs.models import Job
from tests.api.client import CREDIT, Program
from tests.factories import Personas, make_job, make_key

pytestmark = pytest.mark.django_db
NOTHING = {"code": 422, "msg": NO_RECORD, "data": None}


def test_a_team_reads_its_own_tasks_with_or_without_hyphens(program: Program) -> None:
    task_id = program.create_id()

    for spelling in (task_id, task_id.upper(), str(UUID(task_id))):
        assert program.record(spelling)["data"]["taskId"] == task_id


def test_every_key_of_a_team_reads_the_team_s_tasks_of_its_mode(program: Program, personas: Personas) -> None:
    by_page = make_job(personas.bob).job

    assert program.record(by_page.pk.hex)["code"] == 200
    assert Program(make_key(personas.alice, name="another")).record(by_page.pk.hex)["code"] == 200


def test_another_team_s_task_is_answered_like_one_that_does_not_exist(program: Program, stranger: Program) -> None:
    task_id = program.create_id()

    assert stranger.record(task_id) == program.record("f" * 32) == NOTHING


def test_a_live_key_does_not_see_test_tasks(program: Program, personas: Personas) -> None:
    task_id = program.create_id()

    assert Program(make_key(personas.alice, mode="live")).record(task_id) == NOTHING


def test_a_task_costs_only_its_own_team(program: Program, stranger: Program) -> None:
    program.create_id()

    assert (program.get(CREDIT)["data"], stranger.get(CREDIT)["data"]) == (9_940, 10_000)


def test_one_idempotency_key_of_two_teams_means_two_jobs(program: Program, stranger: Program) -> None:
    ours, theirs = (who.create(Idempotency_Key="order-1")["data"]["taskId"] for who in (program, stranger))

    assert ours != theirs
    assert Job.objects.count() == 2
