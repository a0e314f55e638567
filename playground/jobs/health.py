"""Signs of life of the engines, kept in the database so that every process and /healthz can read them."""

from __future__ import annotations

import time
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Max, Q

from playground import flatsql
from playground.core import clock
from playground.jobs.models import EngineLease
from playground.media.files import storage_is_alive

PUMP_SEAT = "pump"
STORAGE_CHECK_SECONDS = 5.0


def beat(name: str) -> None:
    """Note that the engine `name` is alive."""
    now = clock.now()
    if not EngineLease.objects.filter(name=name).update(beat_at=now):
        EngineLease.objects.update_or_create(name=name, defaults={"beat_at": now})


def take_seat(name: str, seconds: float) -> uuid.UUID | None:
    """Take or steal an expired seat; None when somebody else sits there."""
    token, now = uuid.uuid4(), clock.now()
    EngineLease.objects.get_or_create(name=name)
    free = EngineLease.objects.filter(Q(token=None) | Q(lease_until__lt=now), name=name)
    taken = free.update(token=token, lease_until=now + timedelta(seconds=seconds), beat_at=now)
    return token if taken else None


def keep_seat(name: str, token: uuid.UUID, seconds: float) -> bool:
    now = clock.now()
    mine = EngineLease.objects.filter(name=name, token=token)
    return bool(mine.update(lease_until=now + timedelta(seconds=seconds), beat_at=now))


def leave_seat(name: str, token: uuid.UUID, *, after_seconds: float = 0) -> None:
    """Free a seat, at once or after a moment."""
    mine = EngineLease.objects.filter(name=name, token=token)
    if after_seconds:
        mine.update(token=uuid.uuid4(), lease_until=clock.now() + timedelta(seconds=after_seconds))
    else:
        mine.update(token=None, lease_until=None)


def is_pump_seated() -> bool:
    seated = "SELECT 1 FROM jobs_enginelease WHERE name = %s AND lease_until > %s"
    return flatsql.value(seated, [PUMP_SEAT, flatsql.moment(clock.now())]) is not None


def last_queue_sign_of_life() -> datetime | None:
    """The latest moment at which the queue's processes did anything."""
    latest: datetime | None = EngineLease.objects.filter(name__in=["queue", PUMP_SEAT]).aggregate(Max("beat_at"))["beat_at__max"]
    return latest


def problems() -> list[str]:
    """What is dead, for /healthz and operators; empty when all is well."""
    found: list[str] = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        latest = last_queue_sign_of_life()
    except Exception:
        return ["database"]
    if latest is None or clock.now() - latest > timedelta(seconds=settings.QUEUE_DEAD_SECONDS):
        found.append("queue")
    if not _storage_works():
        found.append("storage")
    return found


_storage_checked: tuple[float, bool] = (float("-inf"), False)


def _storage_works() -> bool:
    """Write, read and delete a small file; remembered for a few seconds, because anybody may ask for /healthz."""
    global _storage_checked
    if time.monotonic() - _storage_checked[0] > STORAGE_CHECK_SECONDS:
        _storage_checked = (time.monotonic(), storage_is_alive())
    return _storage_checked[1]
