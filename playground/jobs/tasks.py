"""What django-q2 runs: short, idempotent, safe to run twice or not at all."""

from __future__ import annotations

import logging

from playground.accounts import audit, mail
from playground.credits import proof
from playground.jobs import health, provider_files, pump, retention, sweeper, takes, wakeup
from playground.media import services as media
from playground.media import uploads
from playground.webhooks import engine
from playground.webhooks import services as webhooks

logger = logging.getLogger(__name__)


def pump_tick() -> None:
    if pump.run_seated(budget_seconds=25):
        wakeup.poke()


def sweep() -> None:
    sweeper.sweep()
    wakeup.poke()


def deliver_callbacks() -> None:
    engine.deliver_all(budget_seconds=25)


def deliver_mail(sealed: str) -> None:
    mail.deliver(sealed)


def heartbeat() -> None:
    health.beat("queue")


def prove_ledger() -> None:
    """What is wrong stands in the log and on the owners' page; nothing is put right by itself."""
    for finding in proof.prove():
        if not finding.is_kept:
            logger.error("The ledger is not in order: %s %s", finding.invariant.sentence, finding.words)


def remove_leftovers() -> None:
    media.remove_leftovers()
    uploads.remove_unused()
    provider_files.remove_expired()
    retention.forget_old()
    webhooks.forget_old()
    takes.erase_deleted()
    audit.forget_old()
