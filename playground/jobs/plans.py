"""Conditions that a database shall not choose an index by: it would walk a whole team for ten jobs that are named by their ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from playground.jobs.models import Job, Take


def unplanned(rows: QuerySet[Any], conditions: Iterable[Q]) -> QuerySet[Any]:
    """With conditions in a form that no index is chosen by."""
    for number, condition in enumerate(conditions):
        name = f"fits_{number}"
        fits = Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
        rows = rows.alias(**{name: fits}).filter(**{name: True})
    return rows


def named_jobs(team_id: int, job_ids: Iterable[UUID], **more: Any) -> QuerySet[Job]:
    """Those of the jobs that are the team's, found by their ids alone."""
    return unplanned(Job.objects.filter(pk__in=list(job_ids)), [Q(team_id=team_id, **more)])


def named_takes(team_id: int, take_ids: Iterable[UUID], **more: Any) -> QuerySet[Take]:
    """Those of the takes that the team has or had."""
    return unplanned(Take.objects.filter(pk__in=list(take_ids)), [Q(job__team_id=team_id, **more)])
