"""What the pump's calls found out, on its way into the database.

Many outcomes share a transaction, because a commit is what costs. An id that a provider gave us may be billed: it is
tried until it is stored. Everything else is tried a few times, and then the job's lease runs out and the sweeper decides.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

from playground.core.failpoints import failpoint
from playground.jobs import services
from playground.jobs.models import Job

logger = logging.getLogger(__name__)
BATCH = 100
TRIES = 5


@dataclass(slots=True)
class Settlement:
    """One outcome. `paid_id` is the upstream id that must not be dropped, or "". Old news are written together."""

    job: Job
    write: Callable[[], object]
    paid_id: str = ""
    is_old_news: bool = False
    tries: int = 0

    @property
    def is_given_up(self) -> bool:
        return not self.paid_id and self.tries >= TRIES


def settle(settlements: list[Settlement]) -> list[Settlement]:
    """Write all of them; returns those that failed and are to be tried again."""
    again: list[Settlement] = []
    for start in range(0, len(settlements), BATCH):
        again += _settle_batch(settlements[start : start + BATCH])
    return again


def _settle_batch(batch: list[Settlement]) -> list[Settlement]:
    """All in one transaction; if that fails, each in its own, so that a bad one costs only itself."""
    failed: list[Settlement] = []
    try:
        with transaction.atomic():
            services.look_again([settlement.job for settlement in batch if settlement.is_old_news])
            for settlement in batch:
                if not settlement.is_old_news:
                    settlement.write()
            failpoint("pump.settling")
    except Exception:
        logger.warning("a batch of %d results is settled one by one", len(batch), exc_info=True)
        failed = [settlement for settlement in batch if not _is_settled_alone(settlement)]
    failpoint("pump.settled")
    return [settlement for settlement in failed if not settlement.is_given_up]


def _is_settled_alone(settlement: Settlement) -> bool:
    try:
        settlement.write()
    except Exception:
        settlement.tries += 1
        logger.exception("job %s: a result could not be stored (try %d)", settlement.job.pk, settlement.tries)
        connection.close_if_unusable_or_obsolete()
        return False
    return True
