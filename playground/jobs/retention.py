"""What is thrown away: the providers' raw replies, and what was kept of requests and callbacks, after two months."""

from __future__ import annotations

from datetime import timedelta

from playground.core import clock
from playground.jobs.models import FINAL_STATES, Attempt, InboundCallback, Job

KEPT_DAYS = 60
BATCH = 1000


def forget_old() -> int:
    """Returns how many rows were emptied or removed. In batches, so that nobody waits for a long write."""
    before = clock.now() - timedelta(days=KEPT_DAYS)
    old = Job.objects.filter(state__in=FINAL_STATES, finished_at__lt=before)
    done = 0
    while ids := list(old.exclude(raw_reply="").values_list("pk", flat=True)[:BATCH]):
        done += Job.objects.filter(pk__in=ids).update(raw_reply="")
    while sent := list(Attempt.objects.filter(ended_at__lt=before).exclude(sent_json="").values_list("pk", flat=True)[:BATCH]):
        done += Attempt.objects.filter(pk__in=sent).update(sent_json="")
    while callbacks := list(InboundCallback.objects.filter(at__lt=before).values_list("pk", flat=True)[:BATCH]):
        done += InboundCallback.objects.filter(pk__in=callbacks).delete()[0]
    return done
