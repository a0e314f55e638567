"""Whatever the gallery is narrowed by, walking its pages gives exactly the takes that fit, once, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.core import clock
from playground.gallery import queries
from playground.gallery.filters import Filters
from playground.gallery.totals import Total, totals
from playground.jobs.models import Job
from tests.factories import KLING, VEO, Personas
from tests.gallery.world import ASPECTS, SCENES, World, has_words, listed
from tests.web.playground import finished

pytestmark = pytest.mark.django_db

Fits = Callable[[Job], bool]


@dataclass(frozen=True)
class Case:
    """Filters, and the same in plain Python."""

    filters: Filters
    fits: Fits


def everything(job: Job) -> bool:
    return True


def both(first: Case, second: Case) -> Case:
    changed = {name: value for name in Filters.__slots__ if (value := getattr(second.filters, name)) != getattr(Filters(), name)}
    return Case(replace(first.filters, **changed), lambda job: first.fits(job) and second.fits(job))


def row_cases(world: World) -> Iterable[Case]:
    """By what stands in a job's row."""
    alice, bob = world.personas.alice.user_id, world.personas.bob.user_id
    since, until = world.start + timedelta(days=5), world.start + timedelta(days=12)
    yield Case(Filters(), everything)
    yield Case(Filters(creators=(alice,)), lambda job: job.created_by_id == alice)
    yield Case(Filters(creators=(alice, bob)), everything)
    yield Case(Filters(models=(("modkie", VEO),)), lambda job: job.model_id == VEO)
    yield Case(Filters(models=(("modkie", VEO), ("modkie", KLING), ("kie", VEO))), everything)
    yield Case(Filters(models=(("kie", VEO),)), lambda job: False)
    yield Case(Filters(scenes=SCENES[:2], creators=(bob,)), lambda job: job.scene in SCENES[:2] and job.created_by_id == bob)
    yield Case(Filters(scenes=SCENES[:2], aspects=ASPECTS[1:]), lambda job: job.scene in SCENES[:2] and job.aspect in ASPECTS[1:])
    yield Case(Filters(since=since, until=until), lambda job: since <= job.created_at < until)


def mark_cases(world: World) -> Iterable[Case]:
    """By what hangs on a job: marks and words."""
    liked = Filters(favourites_of=world.alice.pk)
    yield Case(Filters(), everything)
    yield Case(liked, lambda job: job.pk in world.favourites)
    yield Case(Filters(collection_id=world.collection.pk), lambda job: job.pk in world.collected)
    yield Case(replace(liked, collection_id=world.collection.pk), lambda job: job.pk in world.favourites & world.collected)
    yield Case(Filters(text="sea"), lambda job: has_words(job, "sea"))
    yield Case(replace(liked, text="du si"), lambda job: has_words(job, "dune") and has_words(job, "si") and job.pk in world.favourites)


def walked(world: World, filters: Filters, limit: int) -> list[Job]:
    jobs: list[Job] = []
    after: queries.Position = None
    while True:
        page = queries.gallery_page(world.team_id, "test", filters, viewer_id=world.alice.pk, after=after, limit=limit)
        jobs += page.jobs
        after = page.next
        if after is None:
            return jobs


def test_all_pages_of_any_filter_are_what_fits_once_and_newest_first(personas: Personas) -> None:
    world = World(personas)
    for first, second in product(row_cases(world), mark_cases(world)):
        case = both(first, second)
        if case.filters.text.count(" "):
            # Only the last word may be begun; the first is whole.
            case = replace(case, filters=replace(case.filters, text="dune si"))
        expected = [job for job in world.jobs if listed(job) and case.fits(job)]
        by_number = bool(case.filters.text)
        ordered = sorted(expected, key=lambda job: job.number if by_number else (job.created_at, job.pk), reverse=True)
        found = walked(world, case.filters, limit=7)
        assert [job.number for job in found] == [job.number for job in ordered], case.filters


def test_some_filter_of_each_kind_finds_something(personas: Personas) -> None:
    """Else the walk above would compare nothing with nothing."""
    world = World(personas)
    found = [len(walked(world, case.filters, 60)) for case in (*row_cases(world), *list(mark_cases(world))[:-1])]
    assert found.count(0) == 1, "only the model of another gateway has none"
    assert max(found) < len(world.jobs)


def test_only_the_takes_that_are_marked_are_shown_of_a_job(personas: Personas) -> None:
    world = World(personas)
    page = queries.gallery_page(world.team_id, "test", Filters(favourites_of=world.alice.pk), viewer_id=world.alice.pk)
    takes = [take for job in page.jobs for take in job.takes.all()]
    assert {take.job_id for take in takes} == world.favourites
    assert all(take.is_favourite for take in takes)  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", ["live", "test"])
def test_other_teams_and_the_other_mode_see_nothing_of_it(personas: Personas, mode: str) -> None:
    world = World(personas)
    elsewhere = personas.charlie.team_id if mode == "test" else world.team_id
    cases = [*row_cases(world), *mark_cases(world)]
    assert [queries.page_ids(elsewhere, mode, case.filters, limit=5) for case in cases] == [[] for _ in cases]


def test_the_totals_are_the_same_from_the_roll_up_as_counted(personas: Personas) -> None:
    world = World(personas)
    for case in row_cases(world):
        done = [job for job in world.jobs if case.fits(job) and any(take.deleted_at is None for take in job.takes.all())]
        whole = Total(len(done), sum(job.charged_millicredits or 0 for job in done))
        days = {job.created_at.date() for job in done}
        counted = totals(world.team_id, "test", case.filters, days)
        assert counted.whole == whole, case.filters
        assert sum(counted.days.values(), Total()) == whole, case.filters


def test_what_is_counted_stops_at_a_thousand(personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.gallery.totals.MOST_COUNTED", 3)
    for number in range(4):
        finished(personas.alice, prompt=f"sea {number}", created_at=clock.now() - timedelta(days=number))
    counted = totals(personas.alice.team_id, "test", Filters(text="sea"))
    assert counted.whole == Total(3, 0, is_more=True)
    assert [counted.days[day].is_more for day in sorted(counted.days)] == [True, False, False]


def plan_of(team_id: int, filters: Filters) -> str:
    with CaptureQueriesContext(connection) as captured:
        queries.page_ids(team_id, "test", filters, limit=41)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + captured.captured_queries[-1]["sql"])
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def walks_of(world: World) -> Iterable[tuple[Filters, str]]:
    alice, bob = world.personas.alice.user_id, world.personas.bob.user_id
    yield Filters(), "gallery_all"
    yield Filters(creators=(alice,), scenes=SCENES[:2]), "gallery_created_by"
    yield Filters(creators=(alice, bob)), "gallery_created_by"
    yield Filters(models=(("modkie", VEO),)), "gallery_model_id"
    yield Filters(scenes=SCENES), "gallery_scene"
    yield Filters(aspects=ASPECTS), "gallery_aspect"
    yield Filters(favourites_of=alice, models=(("modkie", VEO),)), "favourites_newest_first"
    yield Filters(collection_id=world.collection.pk, creators=(bob,)), "items_newest_first"


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="reads SQLite's words for a plan")
def test_every_walk_follows_the_index_that_has_its_order(personas: Personas) -> None:
    """However many takes there are: a sort would read them all. Ties of the last column may be sorted."""
    world = World(personas)
    for filters, index in walks_of(world):
        plan = plan_of(world.team_id, filters)
        assert index in plan, (filters, plan)
        assert "SCAN jobs_job" not in plan, (filters, plan)
        if not filters.is_of_takes and len(filters.creators or filters.models or ("",)) == 1 and not filters.scenes + filters.aspects:
            assert "TEMP B-TREE" not in plan, (filters, plan)
