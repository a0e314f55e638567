"""/healthz: well or not, and nothing more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from playground.core import clock
from playground.jobs import health
from playground.jobs.models import EngineLease

pytestmark = pytest.mark.django_db


def test_all_is_well_while_the_queue_beats() -> None:
    health.beat("queue")
    response = Client().get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_queue_that_never_lived_or_is_long_dead_is_503() -> None:
    assert Client().get("/healthz").status_code == 503
    health.beat("queue")
    EngineLease.objects.update(beat_at=clock.now() - timedelta(hours=1))
    response = Client().get("/healthz")

    assert (response.status_code, response.json()) == (503, {"status": "unavailable"})


def test_nobody_is_told_which_part_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "problems", lambda: ["database"])
    response = Client().get("/healthz")

    assert response.status_code == 503
    assert b"database" not in response.content


def test_only_reading_is_allowed() -> None:
    assert Client().post("/healthz").status_code == 405
