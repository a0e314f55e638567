"""The call that waits. Behind our own front it costs a coroutine; elsewhere a thread, of which few may wait at once."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from playground.accounts.access import KeyIdentity
from playground.api.actions.tasks import told_after_waiting
from playground.api.envelopes import ApiError
from playground.jobs import queries, waiting
from playground.jobs.creation import CreatedJob
from playground.jobs.models import Job
from playground.media.slots import Slot, Slots
from playground.serving.later import NOT_YET, Later, later_of

RETRY_SECONDS = 10
# Of the threads of a web server that cannot wait without one.
MOST_THREADS = 2
slots = Slots(settings.WAITING_CALLS, settings.WAITING_CALLS_PER_KEY)
threads = Slots(MOST_THREADS, MOST_THREADS)


def place_to_wait(request: HttpRequest, identity: KeyIdentity) -> Slot:
    """Taken before anything is made and held. Raises ApiError 429."""
    places = threads if later_of(request.META) is None else slots
    slot = places.take(f"key:{identity.key_id}")
    if slot is None:
        words = "Too many calls of this API key are waiting already. Use ai.video.generate and ai.video.query, or try again later."
        raise ApiError(429, words, retry_after_seconds=RETRY_SECONDS)
    return slot


def answer_at_the_end(request: HttpRequest, created: CreatedJob, slot: Slot, timeout_ms: int) -> HttpResponse:
    """The slot is given back here, or by the front when it has waited."""
    later = later_of(request.META)
    if later is None or created.job.is_final:
        try:
            if not created.job.is_final:
                waiting.wait_here(created.job.pk, timeout_ms / 1000)
            created.job.refresh_from_db()
        finally:
            slot.release()
        return told_after_waiting(created.job, timeout_ms, is_new=created.is_new)
    job_id = created.job.pk
    later.seconds = timeout_ms / 1000
    later.subject = (job_id, timeout_ms, created.is_new)
    later.leave = slot.release
    later.listen = lambda wake: waiting.watch.listen(job_id, wake)
    return HttpResponse(status=NOT_YET)


def resumed(request: HttpRequest, identity: KeyIdentity) -> HttpResponse | None:
    """The second half of a call that has waited; None for a first."""
    later: Later | None = later_of(request.META)
    if later is None or not later.is_resumed:
        return None
    job_id, timeout_ms, is_new = later.subject
    return told_after_waiting(_job(job_id, identity), timeout_ms, is_new=is_new)


def _job(job_id: UUID, identity: KeyIdentity) -> Job:
    job = queries.job_for_record(identity.team_id, identity.mode, job_id)
    if job is None:
        raise ApiError(404, "The task was removed meanwhile.")
    return job
