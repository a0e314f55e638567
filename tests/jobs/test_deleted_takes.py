"""Deleting takes, having them back, and what becomes of them after 30 days."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from playground.core import clock
from playground.jobs import takes
from playground.jobs.models import Job, Take, TakeDay
from playground.media import files
from playground.media import services as media
from tests.factories import Personas
from tests.media.clips import make_clip
from tests.web.playground import finished

pytestmark = pytest.mark.django_db


def totals(team_id: int) -> tuple[int, int]:
    rows = TakeDay.objects.filter(team_id=team_id)
    return sum(row.takes for row in rows), sum(row.charged_millicredits for row in rows)


def test_a_deleted_take_leaves_lists_and_totals_and_comes_back(personas: Personas) -> None:
    job = finished(personas.alice)
    take = job.takes.get()
    before = totals(job.team_id)
    assert takes.delete_takes(job.team_id, [take.pk]) == [take.pk]
    assert not Job.objects.get(pk=job.pk).is_listed
    assert totals(job.team_id) == (0, 0)
    assert takes.delete_takes(job.team_id, [take.pk]) == []

    assert takes.restore_takes(job.team_id, [take.pk]) == [take.pk]
    assert Job.objects.get(pk=job.pk).is_listed
    assert totals(job.team_id) == before == (1, job.charged_millicredits)
    assert takes.restore_takes(job.team_id, [take.pk]) == []


def test_takes_of_another_team_are_neither_deleted_nor_brought_back(personas: Personas) -> None:
    take = finished(personas.alice).takes.get()
    assert takes.delete_takes(personas.charlie.team_id, [take.pk]) == []
    takes.delete_takes(personas.alice.team_id, [take.pk])
    assert takes.restore_takes(personas.charlie.team_id, [take.pk]) == []


def test_after_thirty_days_the_files_are_gone_but_for_those_that_another_take_shares(
    personas: Personas, tmp_path: Path, settings: Any
) -> None:
    first, second = finished(personas.alice), finished(personas.alice)
    result = media.store_result(team_id=first.team_id, source=make_clip(tmp_path / "clip.mp4", seconds=1))
    files_of = {"video": result.video, "poster": result.poster, "thumb": result.thumb, "preview": result.preview}
    for job in (first, second):
        Take.objects.filter(job=job).update(**files_of)
    takes.delete_takes(first.team_id, Take.objects.values_list("pk", flat=True))
    assert takes.erase_deleted() == 0
    takes.restore_takes(first.team_id, [second.takes.get().pk])
    Take.objects.exclude(deleted_at=None).update(deleted_at=clock.now() - timedelta(days=31))
    assert takes.erase_deleted() == 1
    assert files.default_storage().exists(result.video.storage_name)

    takes.delete_takes(first.team_id, Take.objects.values_list("pk", flat=True))
    Take.objects.exclude(deleted_at=None).update(deleted_at=clock.now() - timedelta(days=31))
    assert takes.erase_deleted() == 1
    assert not files.default_storage().exists(result.video.storage_name)
