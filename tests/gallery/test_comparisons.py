"""Comparisons: all jobs or none, once however often they are sent, and one pick at a time."""

from __future__ import annotations

from uuid import uuid4

import pytest

from playground.credits import budgets
from playground.credits import services as ledger
from playground.credits.errors import BudgetExceeded, InsufficientCredits
from playground.credits.models import Entry
from playground.gallery import comparisons
from playground.gallery.models import Comparison, Favourite
from playground.jobs.creation import NewJob
from playground.jobs.errors import InvalidInput
from playground.jobs.models import Job, State
from tests.factories import KLING, VEO, Personas, new_job
from tests.web.playground import add_take, put_in_state

pytestmark = pytest.mark.django_db
PROMPT = {"prompt": "A calm sea at dusk", "aspect_ratio": "16:9", "duration": 5}
BOTH_MILLICREDITS = 95_000


def two(personas: Personas, nonce: str = "one", **changes: object) -> list[NewJob]:
    """Veo for 60 credits and Kling for 35, as a form would send them."""
    payloads = {VEO: PROMPT, KLING: PROMPT | {"resolution": "720p", "generate_audio": True}}
    return [
        new_job(
            personas.alice, model_id=model, payload=payload, source="compare", idempotency_scope="user:1",
            idempotency_key=f"{nonce}-{index}", **changes,
        )
        for index, (model, payload) in enumerate(payloads.items())
    ]  # fmt: skip


def available(personas: Personas) -> int:
    return ledger.balance_of(personas.alice.team_id, "test") or 0


def leave(personas: Personas, millicredits: int) -> None:
    ledger.adjust(team=personas.alice.team, mode="test", millicredits=millicredits - available(personas), note="spent elsewhere")


def finished_comparison(personas: Personas) -> Comparison:
    comparison = comparisons.start(two(personas))
    for column in comparisons.columns_of(comparison):
        add_take(put_in_state(column.job, State.SUCCESS))
    return comparison


def test_each_model_gets_a_job_and_a_hold_of_its_own_in_the_order_of_the_columns(personas: Personas) -> None:
    before = available(personas)
    comparison = comparisons.start(two(personas))
    columns = comparisons.columns_of(comparison)
    assert [column.job.model_id for column in columns] == [VEO, KLING]
    assert [column.job.price_millicredits for column in columns] == [60_000, 35_000]
    assert available(personas) == before - BOTH_MILLICREDITS


def test_credits_for_one_but_not_for_both_start_nothing_and_hold_nothing(personas: Personas) -> None:
    leave(personas, BOTH_MILLICREDITS - 1)
    entries = Entry.objects.count()
    with pytest.raises(InsufficientCredits):
        comparisons.start(two(personas))
    assert (Job.objects.count(), Comparison.objects.count(), Entry.objects.count()) == (0, 0, entries)
    assert available(personas) == BOTH_MILLICREDITS - 1


def test_a_budget_for_one_but_not_for_both_starts_nothing(personas: Personas) -> None:
    budgets.set_budget(team=personas.alice.team, mode="test", subject=budgets.Subject.team(), period="total", limit_millicredits=60_000)
    before = available(personas)
    with pytest.raises(BudgetExceeded):
        comparisons.start(two(personas))
    assert (Job.objects.count(), available(personas)) == (0, before)


def test_a_mistake_in_the_last_column_starts_nothing(personas: Personas) -> None:
    first, second = two(personas)
    wrong = new_job(personas.alice, model_id=KLING, payload=dict(second.payload) | {"duration": 99}, source="compare")
    before = available(personas)
    with pytest.raises(InvalidInput):
        comparisons.start([first, wrong])
    assert (Job.objects.count(), Comparison.objects.count(), available(personas)) == (0, 0, before)


def test_the_same_form_sent_twice_is_one_comparison(personas: Personas) -> None:
    first = comparisons.start(two(personas))
    again = comparisons.start(two(personas))
    other = comparisons.start(two(personas, "two"))
    assert again == first
    assert other != first
    assert Job.objects.count() == 4


def test_a_pick_is_a_favourite_and_gives_way_to_the_next(personas: Personas) -> None:
    comparison = finished_comparison(personas)
    veo, kling = comparisons.columns_of(comparison)
    comparisons.pick(comparison, personas.alice, veo.job_id)
    comparisons.pick(comparison, personas.bob, kling.job_id)
    comparisons.pick(comparison, personas.bob, kling.job_id)
    found = comparisons.comparison_for_team(personas.alice.team_id, comparison.pk)
    assert found is not None
    assert found.picked is not None
    assert found.picked.job_id == kling.job_id
    assert comparisons.picks_of(personas.alice.team_id, "test") == {("modkie", KLING): 1}
    assert set(Favourite.objects.values_list("user_id", "take__job_id")) == {
        (personas.alice.user_id, veo.job_id),
        (personas.bob.user_id, kling.job_id),
    }


def test_only_a_take_of_the_comparison_that_is_there_can_be_picked(personas: Personas) -> None:
    comparison = comparisons.start(two(personas))
    unfinished = comparisons.columns_of(comparison)[0].job_id
    elsewhere = comparisons.columns_of(comparisons.start(two(personas, "two")))[0].job
    add_take(put_in_state(elsewhere, State.SUCCESS))
    for job_id in (unfinished, elsewhere.pk, uuid4()):
        with pytest.raises(comparisons.NothingToPick):
            comparisons.pick(comparison, personas.alice, job_id)


def test_another_team_sees_neither_the_comparison_nor_its_picks(personas: Personas) -> None:
    comparison = finished_comparison(personas)
    comparisons.pick(comparison, personas.alice, comparisons.columns_of(comparison)[0].job_id)
    assert comparisons.comparison_for_team(personas.charlie.team_id, comparison.pk) is None
    assert comparisons.picks_of(personas.charlie.team_id, "test") == {}
