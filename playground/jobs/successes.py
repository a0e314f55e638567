"""How often a model has succeeded lately, in steps of ten minutes: from the team's own jobs, for nobody sees another's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from playground.core import clock
from playground.jobs.models import FINAL_STATES, FailReason, Job, State

STEP = timedelta(minutes=10)
STEPS = 144
# What a person decided, and what was wrong with the request, says nothing of the model.
_NOT_THE_MODEL = (FailReason.CANCELLED, FailReason.VALIDATION, FailReason.INPUT_TEXT, FailReason.INPUT_MEDIA)


@dataclass(frozen=True, slots=True)
class Point:
    start: datetime
    end: datetime
    succeeded: int
    failed: int


def last_day(team_id: int, mode: str, gateway: str, model_id: str) -> list[Point]:
    """The last 24 hours, oldest first; the last step is the one that now is in."""
    now = clock.now()
    begun = datetime.fromtimestamp(now.timestamp() // STEP.total_seconds() * STEP.total_seconds(), now.tzinfo)
    first = begun - (STEPS - 1) * STEP
    ended = Job.objects.filter(team_id=team_id, mode=mode, gateway=gateway, model_id=model_id, finished_at__gte=first, finished_at__lte=now)
    counted: Counter[tuple[int, bool]] = Counter()
    rows = ended.filter(state__in=FINAL_STATES).exclude(fail_reason__in=_NOT_THE_MODEL).values_list("finished_at", "state")
    for finished_at, state in rows.iterator():
        assert finished_at is not None
        counted[int((finished_at - first) / STEP), state == State.SUCCESS] += 1
    starts = [first + number * STEP for number in range(STEPS)]
    return [Point(start, start + STEP, counted[number, True], counted[number, False]) for number, start in enumerate(starts)]
