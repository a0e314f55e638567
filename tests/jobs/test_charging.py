"""What a job costs in the end: the quote where it was certain, the clip's own length where it was not, never over the hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.accounts.models import Membership
from playground.catalog import pricing, registry
from playground.core import ids
from playground.credits import services as ledger
from playground.credits.models import Entry
from playground.credits.prices import set_price
from playground.jobs import services
from playground.jobs.models import Job
from playground.media.models import StoredFile
from playground.media.services import StoredResult
from tests.api.client import Program
from tests.factories import VEO, Personas, make_key
from tests.jobs.engine_jobs import saving

pytestmark = pytest.mark.django_db
WAN = {"model_id": "wan/3-0-video", "payload": {"prompt": "A cat trots over moonlit roofs", "resolution": "480P", "duration": -1}}


def stored(owner: Membership, duration_ms: int | None) -> StoredResult:
    files = [
        StoredFile.objects.create(
            team=owner.team, storage_name=str(ids.new_id()), content_type="video/mp4", size_bytes=1, sha256="0" * 64,
            width=2, height=2, duration_ms=duration_ms,
        )
        for _ in range(4)
    ]  # fmt: skip
    return StoredResult(*files)


def finished(owner: Membership, duration_ms: int | None, **changes: Any) -> Job:
    job = saving(owner, **changes)
    claimed = services.claim_for_saving()
    assert claimed is not None and claimed.pk == job.pk
    assert services.succeed(claimed, [stored(owner, duration_ms)])
    return Job.objects.get(pk=job.pk)


def test_a_length_that_the_model_chooses_holds_the_most_and_charges_the_actual(personas: Personas) -> None:
    before = ledger.account_for(personas.alice.team_id, "test").available_millicredits
    job = finished(personas.alice, 7000, **WAN)

    assert (job.price_min_millicredits, job.price_millicredits, job.charged_millicredits) == (16_000, 240_000, 56_000)
    entries = (
        Entry.objects.filter(job_id=job.pk).order_by("pk").values_list("kind", "available_delta_millicredits", "held_delta_millicredits")
    )
    assert list(entries) == [("hold", -240_000, 240_000), ("capture", 184_000, -240_000)]
    assert before - ledger.account_for(personas.alice.team_id, "test").available_millicredits == 56_000
    assert job.notes == []
    assert ledger.verify() == []


def test_a_clip_longer_than_the_model_makes_costs_the_longest(personas: Personas) -> None:
    assert finished(personas.alice, 45_000, **WAN).charged_millicredits == 240_000


def test_more_than_was_held_is_never_charged_and_said(personas: Personas, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card became dearer while the job ran."""
    monkeypatch.setattr(pricing, "actual", lambda *_args, **_named: 360_000)
    job = finished(personas.alice, 45_000, **WAN)

    assert job.charged_millicredits == job.price_millicredits == 240_000
    assert job.notes == ["This came to 360 credits; no more than the 240 held are charged."]


def test_a_clip_that_nobody_could_measure_costs_the_least(personas: Personas) -> None:
    assert finished(personas.alice, None, **WAN).charged_millicredits == 16_000


def test_a_model_that_is_gone_costs_what_was_held_and_says_so(personas: Personas) -> None:
    job = saving(personas.alice, **WAN)
    Job.objects.filter(pk=job.pk).update(model_id="gone/for-good")
    claimed = services.claim_for_saving()
    assert claimed is not None
    services.succeed(claimed, [stored(personas.alice, 5000)])

    job.refresh_from_db()
    assert job.charged_millicredits == 240_000
    assert "could not be worked out" in job.notes[0]


def test_a_certain_price_is_charged_whatever_the_clip_s_length(personas: Personas) -> None:
    assert finished(personas.alice, 1000).charged_millicredits == 60_000


def test_a_price_set_later_changes_no_job_that_exists(personas: Personas) -> None:
    job = saving(personas.alice, **WAN)
    set_price(team=personas.alice.team, card=registry.get("wan/3-0-video"), actor=None, credits=Decimal(100))
    claimed = services.claim_for_saving()
    assert claimed is not None
    services.succeed(claimed, [stored(personas.alice, 5000)])

    assert Job.objects.get(pk=job.pk).charged_millicredits == 40_000


@pytest.mark.parametrize(
    ("own", "held", "charged"), [({"credits": Decimal("2.5")}, 75_000, 12_500), ({"markup_percent": Decimal(50)}, 360_000, 60_000)]
)
def test_an_own_price_counts_for_hold_and_charge(personas: Personas, own: dict[str, Any], held: int, charged: int) -> None:
    set_price(team=personas.alice.team, card=registry.get("wan/3-0-video"), actor=None, **own)
    job = finished(personas.alice, 5000, **WAN)

    assert (job.price_millicredits, job.charged_millicredits) == (held, charged)
    assert job.own_price is not None


def test_the_record_shows_the_most_until_the_end_and_then_the_charge(personas: Personas) -> None:
    program = Program(make_key(personas.alice))
    job = saving(personas.alice, **WAN)
    before = program.record(job.pk.hex)["data"]["creditsConsumed"]
    claimed = services.claim_for_saving()
    assert claimed is not None
    services.succeed(claimed, [stored(personas.alice, 7000)])

    assert (before, program.record(job.pk.hex)["data"]["creditsConsumed"]) == (240, 56)


def test_an_unpublished_price_costs_nothing_in_test_mode(personas: Personas) -> None:
    card = registry.get("wan/2-7-image-to-video", "modkie")
    job = finished(personas.alice, 5000, model_id=card.id, gateway="modkie", payload=dict(card.example))

    assert (job.price_millicredits, job.charged_millicredits) == (0, 0)
    assert job.price_formula == "No price published; test runs cost nothing"
    assert [entry.kind for entry in Entry.objects.filter(job_id=job.pk).order_by("pk")] == ["hold", "capture"]
    assert ledger.verify() == []


def test_a_free_model_is_free(personas: Personas) -> None:
    set_price(team=personas.alice.team, card=registry.get(VEO), actor=None, credits=Decimal(0))

    assert finished(personas.alice, 5000).charged_millicredits == 0
    assert ledger.verify() == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(milliseconds=st.integers(1, 60_000), percent=st.none() | st.integers(-100, 300))
def test_a_charge_is_never_more_than_the_hold(personas: Personas, milliseconds: int, percent: int | None) -> None:
    if percent is not None:
        set_price(team=personas.alice.team, card=registry.get("wan/3-0-video"), actor=None, markup_percent=Decimal(percent))
    ledger.grant(team=personas.alice.team, mode="test", millicredits=1_000_000)
    job = finished(personas.alice, milliseconds, **WAN)

    assert job.charged_millicredits is not None
    assert 0 <= job.charged_millicredits <= job.price_millicredits
    assert job.charged_millicredits >= job.price_min_millicredits
    assert ledger.verify() == []
