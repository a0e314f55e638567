"""Which queued jobs go next: among the teams with room, the one with the fewest running."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from playground.core import clock
from playground.jobs.models import UPSTREAM_STATES, Job, State

Team = tuple[int, str]


def next_queued(room: Mapping[str, int]) -> list[UUID]:
    """Ids in the order in which they should be sent; `room` says how many each provider takes just now."""
    open_providers = [provider for provider, places in room.items() if places > 0]
    due = Job.objects.filter(state=State.QUEUED, due_at__lte=clock.now(), provider__in=open_providers)
    waiting_teams: list[Team] = list(due.order_by().values_list("team_id", "mode").distinct())
    if not waiting_teams:
        return []
    running: dict[Team, int] = defaultdict(int)
    for team_id, mode, count in (
        Job.objects.filter(state__in=UPSTREAM_STATES).order_by().values_list("team_id", "mode").annotate(count=Count("pk"))
    ):
        running[team_id, mode] = count
    lines: dict[Team, deque[tuple[UUID, str]]] = {}
    for team_id, mode in waiting_teams:
        places = min(settings.TEAM_RUNNING_CAP - running[team_id, mode], max(room.values()))
        if places > 0:
            first = due.filter(team_id=team_id, mode=mode).order_by("created_at", "id").values_list("pk", "provider")[:places]
            lines[team_id, mode] = deque(first)
    return _interleave(lines, running, dict(room))


def _interleave(lines: dict[Team, deque[tuple[UUID, str]]], running: Mapping[Team, int], room: dict[str, int]) -> list[UUID]:
    order = [(running[team], team) for team in lines]
    heapq.heapify(order)
    chosen: list[UUID] = []
    while order:
        count, team = heapq.heappop(order)
        line = lines[team]
        # A job whose provider is full is passed over: it must not block the line for the other providers.
        while line and room.get(line[0][1], 0) <= 0:
            line.popleft()
        if not line:
            continue
        job_id, provider = line.popleft()
        room[provider] -= 1
        chosen.append(job_id)
        heapq.heappush(order, (count + 1, team))
    return chosen


def running_by_provider() -> dict[str, int]:
    rows = Job.objects.filter(state__in=UPSTREAM_STATES).order_by().values_list("provider").annotate(count=Count("pk"))
    return dict(rows)
