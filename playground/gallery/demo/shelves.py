"""What the demo team did with its takes: hearts, collections, a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from playground.core import clock
from playground.gallery import collections, favourites
from playground.gallery.demo.lines import COLLECTIONS
from playground.gallery.demo.people import Cast
from playground.gallery.models import Comparison, ComparisonJob
from playground.jobs.models import Job, Take

MOST_IN_ONE = 9
# Every how many-th take somebody has a heart for, by their place in the cast.
HEARTS = {0: 5, 2: 9, 1: 14}


def fill(cast: Cast) -> None:
    """Hearts and collections, from the takes of the last month in test mode."""
    month = clock.now() - timedelta(days=40)
    takes = list(
        Take.objects.filter(job__team=cast.team, job__mode="test", job__created_at__gte=month)
        .select_related("job")
        .order_by("-job__created_at")
    )
    for place, every in HEARTS.items():
        favourites.mark(cast.members[place].user_id, takes[place::every])
    for place, (name, words) in enumerate(COLLECTIONS.items()):
        wanted = [take for take in takes if any(word in take.job.payload_json.lower() for word in words)]
        by = cast.members[place].user
        collections.add(collections.create(cast.team.pk, "test", name, by), wanted[:MOST_IN_ONE], by)


def compare(cast: Cast, jobs: Sequence[Job], *, picked: int) -> None:
    """These jobs side by side, and which of them somebody chose."""
    by = jobs[0].created_by
    comparison = Comparison.objects.create(
        team=cast.team,
        mode="test",
        created_by=by,
        created_at=jobs[0].created_at,
        picked=Take.objects.get(job=jobs[picked]),
        picked_by=by,
        picked_at=jobs[0].created_at + timedelta(minutes=9),
    )
    for index, job in enumerate(jobs):
        ComparisonJob.objects.create(comparison=comparison, job=job, index=index)
