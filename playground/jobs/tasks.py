"""What django-q2 runs: short, idempotent, safe to run twice or not at all."""

from __future__ import annotations

from playground.jobs import health, pump, sweeper, wakeup
from playground.media import services as media
from playground.media import uploads
from playground.webhooks import engine


def pump_tick() -> None:
    if pump.run_seated(budget_seconds=25):
        wakeup.poke()


def sweep() -> None:
    sweeper.sweep()
    wakeup.poke()


def deliver_callbacks() -> None:
    engine.deliver_all(budget_seconds=25)


def heartbeat() -> None:
    health.beat("queue")


def remove_leftovers() -> None:
    media.remove_leftovers()
    uploads.remove_unused()
