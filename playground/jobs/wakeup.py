"""Hints to the queue. A hint may be lost or arrive twice: the rows are the truth, and the sweeper looks every minute."""

from __future__ import annotations

import logging

from django_q.models import Schedule
from django_q.tasks import async_task

from playground.jobs import health

logger = logging.getLogger(__name__)
SCHEDULE_TABLE: str = Schedule._meta.db_table
# Name: task and minutes between two runs.
SCHEDULES = {
    "sweep": ("playground.jobs.tasks.sweep", 1),
    "callbacks": ("playground.jobs.tasks.deliver_callbacks", 1),
    "heartbeat": ("playground.jobs.tasks.heartbeat", 1),
    "ledger": ("playground.jobs.tasks.prove_ledger", 24 * 60),
    "leftovers": ("playground.jobs.tasks.remove_leftovers", 24 * 60),
}


def poke() -> None:
    """Start a pump tick unless one is at work; a running one sees new jobs by itself.

    The pump gives its seat up first and looks for work once more after, so a job that commits while the seat is
    still taken is seen by that last look.
    """
    if not health.is_pump_seated():
        _hint("playground.jobs.tasks.pump_tick")


def poke_callbacks() -> None:
    _hint("playground.jobs.tasks.deliver_callbacks")


def poke_heartbeat() -> None:
    _hint("playground.jobs.tasks.heartbeat")


def leave_mail(sealed: str) -> None:
    """Have a mail sent. Not a hint: what is lost here is asked for again by whoever waits for it."""
    _hint("playground.jobs.tasks.deliver_mail", sealed)


def _hint(task: str, *args: str) -> None:
    try:
        async_task(task, *args)  # type: ignore[no-untyped-call]
    except Exception:
        # The broker may be down while the database is fine: the job is safe in its row and the schedule will find it.
        logger.exception("The hint %s could not be left in the queue", task)


def ensure_schedules() -> None:
    """Make the schedules that revive everything once a minute, whatever hint was lost. Every migrate calls it."""
    for name, (task, minutes) in SCHEDULES.items():
        Schedule.objects.update_or_create(
            name=name, defaults={"func": task, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1}
        )
