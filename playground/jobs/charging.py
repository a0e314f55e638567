"""What a finished job costs: what it was quoted, or, where the length was known late, what its clip came to."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_noop

from playground.catalog import pricing, registry
from playground.core.money import format_credits
from playground.jobs.assessment import facts_of
from playground.jobs.models import Job
from playground.media.services import StoredResult

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Charge:
    """`millicredits` is never more than was held; `note` says why it is less than the clip came to, or is empty.

    `list_millicredits` is what it came to at the published price, None where there is none.
    """

    millicredits: int
    list_millicredits: int | None
    note: str = ""


def charge_for(job: Job, results: Sequence[StoredResult]) -> Charge:
    """Reads only. A price that was certain is charged as it was quoted, whatever the card says by now."""
    held = job.price_millicredits
    if not job.is_price_range:
        return Charge(held, job.list_price_millicredits)
    actual, listed = _actual(job, results)
    if actual is None:
        return Charge(held, listed, gettext_noop("What this came to could not be worked out; what was held is charged."))
    if actual > held:
        # Only a card that became dearer meanwhile: the customer was promised the quote.
        logger.warning("job %s came to %s credits, of which %s were held", job.pk, format_credits(actual), format_credits(held))
        return Charge(
            held, listed, f"This came to {format_credits(actual)} credits; no more than the {format_credits(held)} held are charged."
        )
    return Charge(actual, listed)


def _actual(job: Job, results: Sequence[StoredResult]) -> tuple[int | None, int | None]:
    """What it came to for the team, and at the published price."""
    lengths = [result.video.duration_ms for result in results if result.video.duration_ms]
    seconds = Decimal(max(lengths)) / 1000 if lengths else None
    try:
        card = registry.get(job.model_id, job.gateway)
        facts = facts_of(card, job.payload, team_id=job.team_id, mode="test" if job.is_sandbox else "live")
        own = job.own_price.own if job.own_price else None
        actual = pricing.actual(card, job.payload, facts, output_seconds=seconds, own=own)
    except (registry.UnknownModel, pricing.Unpriced):
        logger.exception("job %s: its actual price is not known", job.pk)
        return None, None
    if own is None:
        return actual, actual
    try:
        return actual, pricing.actual(card, job.payload, facts, output_seconds=seconds)
    except pricing.Unpriced:
        return actual, None
