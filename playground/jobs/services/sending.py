"""From the queue to the provider: claim, mark as sent, accepted, never sent, or in doubt; and the files that go first."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from playground.core import clock
from playground.jobs import cadence, fairness, provider_accounts, search, upstreams
from playground.jobs.models import Attempt, Event, Job, State
from playground.jobs.services import recovering
from playground.jobs.services.ending import refuse_queued
from playground.jobs.services.moves import end_attempt, give_back, is_free, lock_in_order, move, new_lease
from playground.providers.base import Limits, Reason

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Departure:
    """What is kept of a request before its first byte leaves: the hash of its callback token, the input where it differs."""

    job: Job
    callback_hash: str = ""
    sent_json: str = ""


@transaction.atomic
def claim_for_submission(limits: Mapping[str, Limits], *, most: int) -> list[Job]:
    """queued → submitting for the jobs whose turn it is, in their order, with a fresh lease and an attempt that is not yet marked as sent.

    Locks the accounts of these providers, so that all pumps together keep to the rate, the caps and the order.
    """
    provider_accounts.lock(limits)
    job_ids = fairness.next_queued(fairness.room_at(limits, most=most))[:most]
    return claim_these(job_ids)


def claim_these(job_ids: Sequence[UUID]) -> list[Job]:
    """queued → submitting for these jobs, whosever turn it is. Call it inside a transaction."""
    if not job_ids:
        return []
    token, until = new_lease()
    rows = Job.objects.filter(pk__in=job_ids, state=State.QUEUED)
    rows.update(
        state=State.SUBMITTING, version=F("version") + 1, lease_token=token, lease_until=until, submit_attempts=F("submit_attempts") + 1
    )
    claimed = Job.objects.filter(lease_token=token).select_related("parent").in_bulk(job_ids)
    # In the order of their turns: they leave as they stand here.
    jobs = [claimed[job_id] for job_id in job_ids if job_id in claimed]
    Attempt.objects.bulk_create([Attempt(job=job, number=job.submit_attempts) for job in jobs])
    # In one order for all pumps, or two could wait for each other's words.
    for team_id, mode in sorted({(job.team_id, job.mode) for job in jobs}):
        search.catch_up(team_id, mode)
    return jobs


@transaction.atomic
def mark_sent(departures: Sequence[Departure]) -> list[Job]:
    """Commit "the request is leaving" before it leaves; returns the jobs that are still ours to send."""
    now = clock.now()
    sending: set[UUID] = set()
    lock_in_order(Job.objects.filter(pk__in=[departure.job.pk for departure in departures]))
    for token in {departure.job.lease_token for departure in departures}:
        # An UPDATE rather than a look: whoever is about to take an expired lease over finds it renewed.
        claimed = [departure.job.pk for departure in departures if departure.job.lease_token == token]
        mine = Job.objects.filter(pk__in=claimed, state=State.SUBMITTING, lease_token=token)
        mine.filter(lease_until__gt=now).update(lease_until=now + timedelta(seconds=settings.LEASE_SECONDS))
        sending.update(mine.filter(lease_until__gt=now).values_list("pk", flat=True))
    for departure in departures:
        if departure.job.pk in sending:
            # Each of them has one attempt that has not ended: the one that the claim began.
            open_attempt = Attempt.objects.filter(job_id=departure.job.pk, ended_at=None)
            open_attempt.update(sent_at=now, callback_hash=departure.callback_hash, sent_json=departure.sent_json)
    return [departure.job for departure in departures if departure.job.pk in sending]


@transaction.atomic
def record_upstream_id(job_id: UUID, upstream_id: str) -> bool:
    """submitting | in_doubt → running. Accepted whatever the lease: a paid id must never be dropped."""
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None or job.upstream_id == upstream_id:
        return False
    # A job that has an id keeps it: its doubt is about the result, and the first request is the one that is billed.
    moved = not job.upstream_id and accept(job, upstream_id, kind="submitted")
    if moved:
        end_attempt(job_id, "accepted", upstream_id)
    else:
        # Too late for this job, but somebody may be billed for it: the operator must be able to find it.
        Event.objects.get_or_create(job_id=job_id, kind="unclaimed_id", detail=upstream_id[:300])
        recovering.begin_recovery(job, candidate_id="" if job.upstream_id else upstream_id)
    return moved


def accept(job: Job, upstream_id: str, *, kind: str, lease_token: UUID | None = None) -> bool:
    """submitting | in_doubt → running with this id, unless another job has it. Call it inside a transaction."""
    now = clock.now()
    try:
        with transaction.atomic():
            return move(
                job.pk,
                (State.SUBMITTING, State.IN_DOUBT),
                State.RUNNING,
                lease_token=lease_token,
                kind=kind,
                detail=upstream_id,
                upstream_id=upstream_id,
                candidate_id="",
                submitted_at=now,
                in_doubt_at=None,
                # A callback that overtook the answer has said that there is something to see.
                due_at=now if job.is_hinted else cadence.first_poll_at(job, now),
                deadline_at=now + timedelta(seconds=cadence.deadline_seconds(job)),
            )
    except IntegrityError:
        # Taking it as well would deliver one video twice and bill it twice.
        logger.error("upstream id %s of job %s belongs to another job", upstream_id, job.pk)
        return False


@transaction.atomic
def requeue(job_id: UUID, lease_token: UUID, *, detail: str, delay_seconds: float) -> bool:
    """submitting → queued: nothing arrived there, so it is safe to try again after a while."""
    due_at = clock.now() + timedelta(seconds=delay_seconds)
    moved = move(job_id, (State.SUBMITTING,), State.QUEUED, lease_token=lease_token, kind="requeued", detail=detail, due_at=due_at)
    if moved:
        end_attempt(job_id, "never_sent", detail)
    return moved


@transaction.atomic
def doubt(job_id: UUID, lease_token: UUID | None, *, detail: str) -> bool:
    """submitting | running → in_doubt: perhaps accepted, perhaps lost; never sent again by itself. The hold stays."""
    now = clock.now()
    # What a callback has named already is asked about at once.
    is_named = Job.objects.filter(pk=job_id).exclude(candidate_id="").exists()
    wait = 0.0 if is_named else cadence.IN_DOUBT_POLL_SECONDS * settings.POLL_FACTOR
    moved = move(
        job_id,
        (State.SUBMITTING, State.RUNNING),
        State.IN_DOUBT,
        lease_token=lease_token,
        kind="in_doubt",
        detail=detail,
        in_doubt_at=now,
        deadline_at=now + timedelta(minutes=settings.IN_DOUBT_MINUTES),
        due_at=now + timedelta(seconds=wait),
    )
    if moved:
        end_attempt(job_id, "in_doubt", detail, unless_ended=True)
    return moved


@transaction.atomic
def recover_submission(job: Job) -> bool:
    """A submitter's lease ran out. Never marked as sent → back to the queue; else it may have arrived → in doubt.

    The sandbox remembers and bills nothing, so a request to it is simply made again; so is one that makes nothing new.
    Locks the job: a sender that is late, but not dead, must not mark it as sent between our look and our move.
    """
    expired = Job.objects.filter(pk=job.pk, state=State.SUBMITTING, lease_token=job.lease_token, lease_until__lt=clock.now())
    locked = expired.select_for_update().first()
    if locked is None or locked.lease_token is None:
        return False
    attempt = Attempt.objects.filter(job_id=job.pk, number=locked.submit_attempts).first()
    if attempt is None or attempt.sent_at is None or locked.is_sandbox or upstreams.is_repeatable(locked):
        return requeue(job.pk, locked.lease_token, detail=gettext_noop("the sender stopped before sending"), delay_seconds=0)
    return doubt(job.pk, locked.lease_token, detail=gettext_noop("the sender stopped while sending"))


# --- the files that go first ----------------------------------------------------------------------------------------
def claim_for_files(providers: Sequence[str]) -> Job | None:
    """Lease the queued job that has waited longest for its files to be given to the provider."""
    now = clock.now()
    waiting = Job.objects.filter(is_free(now), state=State.QUEUED, is_waiting_for_files=True, due_at__lte=now, provider__in=providers)
    job_id = waiting.order_by("created_at", "id").values_list("pk", flat=True).first()
    if job_id is None:
        return None
    token, until = new_lease()
    with transaction.atomic():
        waiting.filter(pk=job_id).update(lease_token=token, lease_until=until)
        return Job.objects.filter(pk=job_id, lease_token=token).first()


@transaction.atomic
def files_sent(job: Job, count: int) -> bool:
    """Every input is where the provider can read it: the job takes its place in the line."""
    assert job.lease_token is not None
    sent = give_back(job.pk, job.lease_token, is_waiting_for_files=False, due_at=clock.now(), version=F("version") + 1)
    if sent and count:
        Event.objects.create(job_id=job.pk, kind="files_sent", detail=f"{count} {'file' if count == 1 else 'files'}")
    return sent


@transaction.atomic
def files_failed(job: Job, *, detail: str, delay_seconds: float) -> bool:
    """The provider's storage could not be reached: again after a while, until the job has been queued for too long."""
    assert job.lease_token is not None
    given = give_back(job.pk, job.lease_token, due_at=clock.now() + timedelta(seconds=delay_seconds))
    if given:
        Event.objects.create(job_id=job.pk, kind="files_postponed", detail=detail[:300])
    return given


def files_refused(job: Job, *, reason: Reason, code: str, words: str) -> bool:
    """queued → fail: the provider's storage does not take an input."""
    return refuse_queued(job, reason=reason, code=code, words=words)


@transaction.atomic
def want_files(job: Job, *, detail: str) -> bool:
    """submitting → queued: an input is no longer where the provider could read it, and is given again first."""
    assert job.lease_token is not None
    moved = move(
        job.pk,
        (State.SUBMITTING,),
        State.QUEUED,
        lease_token=job.lease_token,
        kind="requeued",
        detail=detail,
        due_at=clock.now(),
        is_waiting_for_files=True,
    )
    if moved:
        end_attempt(job.pk, "never_sent", detail)
    return moved
