"""Which queued jobs go next: among the teams with room, the one with the fewest running."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet

from playground.core import clock
from playground.jobs.models import UPSTREAM_STATES, Attempt, Job, ProviderAccount, State
from playground.providers.base import Limits

CREATES_WINDOW_SECONDS = 10.0

Team = tuple[int, str]
Waiting = tuple[datetime, UUID, str]


def room_at(limits: Mapping[str, Limits], *, most: int) -> dict[str, int]:
    """How many submissions each provider takes right now: rate, running cap, pause. Exact while the accounts are locked."""
    now = clock.now()
    accounts = {account.provider: account for account in ProviderAccount.objects.filter(provider__in=limits)}
    room: dict[str, int] = {}
    for name, limit in limits.items():
        account = accounts.get(name)
        if account and account.paused_until and account.paused_until > now:
            continue
        places = most
        if limit.creates_per_10_seconds:
            places = min(places, limit.creates_per_10_seconds - _creating_at(name, CREATES_WINDOW_SECONDS))
        if limit.running:
            places = min(places, limit.running - _running_at(name))
        if account and account.trouble:
            # After trouble one job goes ahead, alone; the others follow when it was accepted.
            places = min(places, 1 - _submitting_at(name))
        room[name] = places
    return room


def next_queued(room: Mapping[str, int]) -> list[UUID]:
    """Ids in the order in which they should be sent; `room` says how many each provider takes just now."""
    places = {provider: count for provider, count in room.items() if count > 0}
    if not places:
        return []
    due = due_to_send().filter(provider__in=places)
    waiting = due.order_by().values_list("team_id", "mode").annotate(oldest=Min("created_at"))
    running = _running_by_team()
    # Among equals whoever has waited longest: by id, the first teams would always win while their jobs are short.
    ranks = sorted((running.get((team_id, mode), 0), oldest, (team_id, mode)) for team_id, mode, oldest in waiting)
    lines: dict[Team, deque[Waiting]] = {}
    # No more teams than places can have a turn, so the others need not be read.
    for count, _, team in ranks[: sum(places.values())]:
        if (own := settings.TEAM_RUNNING_CAP - count) > 0:
            lines[team] = _line(team, {provider: min(own, count) for provider, count in places.items()})
    return _interleave(lines, running, places)


def due_to_send() -> QuerySet[Job]:
    return Job.objects.filter(state=State.QUEUED, due_at__lte=clock.now(), is_waiting_for_files=False)


def _running_by_team() -> dict[Team, int]:
    rows = Job.objects.filter(state__in=UPSTREAM_STATES).order_by().values_list("team_id", "mode").annotate(count=Count("pk"))
    return {(team_id, mode): count for team_id, mode, count in rows}


def _line(team: Team, places: Mapping[str, int]) -> deque[Waiting]:
    """A team's next jobs, oldest first, from every provider: one that is nearly full must not hide the jobs of the others."""
    queued = due_to_send().filter(team_id=team[0], mode=team[1])
    rows = (
        queued.filter(provider=provider).order_by("created_at", "id").values_list("created_at", "pk", "provider")[:count]
        for provider, count in places.items()
    )
    return deque(sorted(chain.from_iterable(rows)))


def _interleave(lines: dict[Team, deque[Waiting]], running: Mapping[Team, int], room: dict[str, int]) -> list[UUID]:
    order = [(running.get(team, 0), line[0][0], team) for team, line in lines.items() if line]
    heapq.heapify(order)
    chosen: list[UUID] = []
    while order:
        count, _, team = heapq.heappop(order)
        line = lines[team]
        # A job whose provider is full is passed over: it must not block the line for the other providers.
        while line and room.get(line[0][2], 0) <= 0:
            line.popleft()
        if not line:
            continue
        _, job_id, provider = line.popleft()
        room[provider] -= 1
        chosen.append(job_id)
        if line and count + 1 < settings.TEAM_RUNNING_CAP:
            heapq.heappush(order, (count + 1, line[0][0], team))
    return chosen


def _running_at(provider: str) -> int:
    """Jobs that take one of our slots at the provider."""
    return Job.objects.filter(state__in=UPSTREAM_STATES, provider=provider).count()


def _submitting_at(provider: str) -> int:
    return Job.objects.filter(state=State.SUBMITTING, provider=provider).count()


def _creating_at(provider: str, window_seconds: float) -> int:
    """Requests to create that may arrive within one window with a new one, from whichever pump.

    Each counts from its claim until the window after its end, not from the moment when it left: how long it was on its
    way nobody knows, but it arrived between the two. So however slow the way, no window there holds more than the limit.
    """
    since = clock.now() - timedelta(seconds=window_seconds)
    under_way = Q(ended_at=None) | Q(ended_at__gt=since, sent_at__isnull=False)
    return Attempt.objects.filter(under_way, job__provider=provider).count()
