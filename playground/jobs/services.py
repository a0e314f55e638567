"""The only place where a job's state changes.

Every transition is a conditional UPDATE on the state and, where an engine holds the job, on its lease token: one row
means done by me, and then the event, the credits and the callback follow in the same transaction; no row means that
somebody else was first, and nothing happens. All functions are therefore safe to call twice and in any order.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from playground.core import clock
from playground.credits import services as ledger
from playground.jobs import cadence, outbox
from playground.jobs.charging import charge_for
from playground.jobs.models import Attempt, Event, FailReason, Job, ProviderAccount, State, Take
from playground.jobs.services_moves import end_attempt, give_back, is_free, move, new_lease, renew_leases
from playground.media.services import StoredResult
from playground.providers.base import Snapshot

logger = logging.getLogger(__name__)
# Leases are used by the engines through this module, which is the door to everything that changes a job.
__all__ = ["give_back", "renew_leases"]
MAX_SAVE_ATTEMPTS = 3
MAX_EMPTY_SUCCESSES = 5


# --- submitting -----------------------------------------------------------------------------------------------------
@transaction.atomic
def claim_for_submission(job_ids: Sequence[UUID]) -> list[Job]:
    """queued → submitting, with a fresh lease and an attempt that is not yet marked as sent."""
    token, until = new_lease()
    now = clock.now()
    rows = Job.objects.filter(pk__in=job_ids, state=State.QUEUED, due_at__lte=now)
    rows.update(
        state=State.SUBMITTING, version=F("version") + 1, lease_token=token, lease_until=until, submit_attempts=F("submit_attempts") + 1
    )
    jobs = list(Job.objects.filter(pk__in=job_ids, lease_token=token))
    Attempt.objects.bulk_create([Attempt(job=job, number=job.submit_attempts) for job in jobs])
    return jobs


@transaction.atomic
def mark_sent(jobs: Sequence[Job]) -> list[Job]:
    """Commit "the request is leaving" before it leaves; returns the jobs that are still ours to send."""
    now = clock.now()
    sending: list[UUID] = []
    for token in {job.lease_token for job in jobs}:
        # An UPDATE rather than a look: it locks the rows against whoever is about to take an expired lease over.
        claimed = [job.pk for job in jobs if job.lease_token == token]
        mine = Job.objects.filter(pk__in=claimed, state=State.SUBMITTING, lease_token=token)
        mine.filter(lease_until__gt=now).update(lease_until=now + timedelta(seconds=settings.LEASE_SECONDS))
        sending += mine.filter(lease_until__gt=now).values_list("pk", flat=True)
    # Each of them has one attempt that has not ended: the one that the claim began.
    Attempt.objects.filter(job_id__in=sending, ended_at=None).update(sent_at=now)
    return [job for job in jobs if job.pk in set(sending)]


@transaction.atomic
def record_upstream_id(job_id: UUID, upstream_id: str) -> bool:
    """submitting | in_doubt → running. Accepted whatever the lease: a paid id must never be dropped."""
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None or job.upstream_id == upstream_id:
        return False
    now = clock.now()
    try:
        with transaction.atomic():
            # A job that has an id keeps it: its doubt is about the result, and the first request is the one that is billed.
            moved = not job.upstream_id and move(
                job_id,
                (State.SUBMITTING, State.IN_DOUBT),
                State.RUNNING,
                kind="submitted",
                detail=upstream_id,
                upstream_id=upstream_id,
                submitted_at=now,
                in_doubt_at=None,
                due_at=cadence.first_poll_at(job, now),
                deadline_at=now + timedelta(seconds=cadence.deadline_seconds(job)),
            )
    except IntegrityError:
        # Another job has this id: taking it as well would deliver one video twice and bill it twice.
        logger.error("upstream id %s of job %s belongs to another job", upstream_id, job_id)
        moved = False
    if moved:
        end_attempt(job_id, "accepted", upstream_id)
    else:
        # Too late for this job, but somebody may be billed for it: the operator must be able to find it.
        Event.objects.get_or_create(job_id=job_id, kind="unclaimed_id", detail=upstream_id[:300])
    return moved


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
    give_up_at = now + timedelta(minutes=settings.IN_DOUBT_MINUTES)
    moved = move(
        job_id,
        (State.SUBMITTING, State.RUNNING),
        State.IN_DOUBT,
        lease_token=lease_token,
        kind="in_doubt",
        detail=detail,
        in_doubt_at=now,
        deadline_at=give_up_at,
        due_at=now + timedelta(seconds=cadence.IN_DOUBT_POLL_SECONDS * settings.POLL_FACTOR),
    )
    if moved:
        end_attempt(job_id, "in_doubt", detail, unless_ended=True)
    return moved


# --- watching -------------------------------------------------------------------------------------------------------
def claim_for_polling(limit: int, providers: Sequence[str]) -> list[Job]:
    """Lease jobs whose state at the provider is due to be read."""
    now = clock.now()
    watched = Job.objects.filter(is_free(now), state__in=(State.RUNNING, State.IN_DOUBT))
    due = watched.filter(due_at__lte=now, provider__in=providers).exclude(upstream_id="")
    job_ids = list(due.order_by("due_at").values_list("pk", flat=True)[:limit])
    if not job_ids:
        # Asked several times a second: the write lock is taken only when there is something to claim.
        return []
    token, until = new_lease()
    with transaction.atomic():
        watched.filter(pk__in=job_ids).update(lease_token=token, lease_until=until)
        return list(Job.objects.filter(pk__in=job_ids, lease_token=token))


def make_due(job_id: UUID) -> bool:
    """A callback arrived: look at the job now. Only a hint; what moves money is the provider's own record."""
    return bool(Job.objects.filter(pk=job_id, state__in=(State.RUNNING, State.IN_DOUBT)).update(due_at=clock.now()))


@transaction.atomic
def apply_snapshot(job: Job, snapshot: Snapshot) -> bool:
    """What the provider says of a job that we hold the lease of: go on, save, fail, or look again later."""
    token = job.lease_token
    origins = (State.RUNNING, State.IN_DOUBT)
    now = clock.now()
    if snapshot.state == "success" and snapshot.result_links:
        return move(
            job.pk,
            origins,
            State.SAVING,
            lease_token=token,
            kind="upstream_success",
            upstream_state="success",
            progress=None,
            result_links=list(snapshot.result_links),
            raw_reply=snapshot.raw,
            upstream_done_at=now,
            due_at=now,
            in_doubt_at=None,
            deadline_at=now + timedelta(hours=settings.RESULT_DEADLINE_HOURS),
            save_attempts=0,
            generating_at=job.generating_at or now,
        )
    if snapshot.state == "success":
        return _empty_success(job, snapshot)
    if snapshot.state == "fail":
        return fail(
            job.pk,
            origins=origins,
            lease_token=token,
            reason=FailReason.MODEL,
            code=snapshot.fail_code,
            words=snapshot.fail_message,
            raw=snapshot.raw,
        )
    return _still_running(job, snapshot, now)


def _empty_success(job: Job, snapshot: Snapshot) -> bool:
    """Success without a link: ask again a few times, then it is in doubt."""
    if job.empty_successes + 1 >= MAX_EMPTY_SUCCESSES and job.state == State.RUNNING:
        return doubt(job.pk, job.lease_token, detail="the provider says success, but names no result")
    return _give_back_after_poll(job, empty_successes=job.empty_successes + 1, raw_reply=snapshot.raw)


def _still_running(job: Job, snapshot: Snapshot, now: datetime) -> bool:
    progress = None if snapshot.progress is None else round(snapshot.progress * 100)
    # A doubt about a job that is known there began at its deadline. "Still running" does not end it, or the two would
    # take turns for ever: it is asked until the doubt's own time is over.
    if job.state == State.RUNNING and job.deadline_at and now >= job.deadline_at:
        return doubt(job.pk, job.lease_token, detail="no result before the deadline")
    if (snapshot.state, progress) == (job.upstream_state, job.progress):
        return _give_back_after_poll(job)
    started = {"generating_at": now} if snapshot.state == "generating" and job.generating_at is None else {}
    changed = _give_back_after_poll(job, upstream_state=snapshot.state, progress=progress, version=F("version") + 1, **started)
    if changed and snapshot.state != job.upstream_state:
        Event.objects.create(job_id=job.pk, kind=f"upstream_{snapshot.state}")
    return changed


def _give_back_after_poll(job: Job, **changes: Any) -> bool:
    assert job.lease_token is not None
    return give_back(job.pk, job.lease_token, due_at=cadence.next_poll_at(job, clock.now()), polls=F("polls") + 1, **changes)


def poll_failed(job: Job, detail: str) -> bool:
    """The provider could not be read: still running, until the deadline makes it a doubt."""
    if job.state == State.RUNNING and job.deadline_at and clock.now() >= job.deadline_at:
        return doubt(job.pk, job.lease_token, detail=f"no result before the deadline; last answer: {detail}")
    return _give_back_after_poll(job)


# --- saving ---------------------------------------------------------------------------------------------------------
def claim_for_saving() -> Job | None:
    """Lease the saving job whose result expires first."""
    now = clock.now()
    due = Job.objects.filter(is_free(now), state=State.SAVING, due_at__lte=now)
    job_id = due.order_by("deadline_at", "due_at").values_list("pk", flat=True).first()
    if job_id is None:
        return None
    token, until = new_lease()
    with transaction.atomic():
        due.filter(pk=job_id).update(lease_token=token, lease_until=until)
        return Job.objects.filter(pk=job_id, lease_token=token).first()


def save_later(job: Job, *, detail: str, delay_seconds: float) -> bool:
    """The result cannot be had just now. A failed download is no attempt of ours: only the deadline ends it."""
    assert job.lease_token is not None
    due_at = clock.now() + timedelta(seconds=delay_seconds)
    with transaction.atomic():
        given = give_back(job.pk, job.lease_token, due_at=due_at)
        if given:
            Event.objects.create(job_id=job.pk, kind="save_postponed", detail=detail[:300])
    return given


def save_failed(job: Job, *, detail: str) -> bool:
    """What came is no usable video, or drawing it went over a limit: try again, three times in all.

    Counted here and not at the claim, so that a worker that is killed costs the job nothing.
    """
    if job.save_attempts + 1 >= MAX_SAVE_ATTEMPTS:
        return fail(job.pk, origins=(State.SAVING,), lease_token=job.lease_token, reason=FailReason.RESULT_LOST, words=detail)
    assert job.lease_token is not None
    with transaction.atomic():
        given = give_back(job.pk, job.lease_token, due_at=clock.now(), save_attempts=F("save_attempts") + 1)
        if given:
            Event.objects.create(job_id=job.pk, kind="save_failed", detail=detail[:300])
    return given


def refresh_links(job: Job, links: Sequence[str]) -> bool:
    """Keep the fresh links that the provider gave for a job in saving."""
    return bool(Job.objects.filter(pk=job.pk, lease_token=job.lease_token, state=State.SAVING).update(result_links=list(links)))


def keep_notes(job: Job, notes: Sequence[str]) -> bool:
    """Keep what people should know about the results of a job in saving, in place of what an earlier try wrote."""
    return bool(Job.objects.filter(pk=job.pk, lease_token=job.lease_token, state=State.SAVING).update(notes=list(notes)))


@transaction.atomic
def succeed(job: Job, results: Sequence[StoredResult]) -> bool:
    """saving → success: takes, capture, event and callback in one transaction."""
    now = clock.now()
    moved = move(job.pk, (State.SAVING,), State.SUCCESS, lease_token=job.lease_token, kind="success", finished_at=now, progress=None)
    if not moved:
        return False
    Take.objects.bulk_create(
        Take(job_id=job.pk, index=index, video=result.video, poster=result.poster, thumb=result.thumb, preview=result.preview)
        for index, result in enumerate(results)
    )
    charge = charge_for(job, results)
    charged = ledger.capture(job_id=job.pk, millicredits=charge.millicredits)
    rows = Job.objects.filter(pk=job.pk)
    if charge.note:
        rows.update(notes=[*rows.values_list("notes", flat=True).get(), charge.note])
    rows.update(charged_millicredits=charged)
    outbox.announce(job.pk)
    return True


# --- failing --------------------------------------------------------------------------------------------------------
@transaction.atomic
def fail(
    job_id: UUID,
    *,
    origins: Iterable[str],
    reason: FailReason,
    lease_token: UUID | None = None,
    code: str = "",
    words: str = "",
    raw: str = "",
) -> bool:
    """… → fail: release, event and callback in one transaction. `words` are the provider's own."""
    moved = move(
        job_id,
        origins,
        State.FAIL,
        lease_token=lease_token,
        kind="fail",
        detail=f"{reason}: {code} {words}",
        fail_reason=reason,
        fail_code=code[:60],
        fail_message=words[:5000],
        finished_at=clock.now(),
        charged_millicredits=0,
        progress=None,
        **({"raw_reply": raw} if raw else {}),
    )
    if moved:
        ledger.release(job_id=job_id)
        outbox.announce(job_id)
    return moved


def refuse(job: Job, *, reason: FailReason, code: str, words: str, raw: str) -> bool:
    """submitting → fail: the provider said no at the door."""
    with transaction.atomic():
        moved = fail(job.pk, origins=(State.SUBMITTING,), reason=reason, lease_token=job.lease_token, code=code, words=words, raw=raw)
        if moved:
            end_attempt(job.pk, "refused", f"{code} {words}")
    return moved


def cancel(job_id: UUID) -> bool:
    """queued → fail (cancelled). Later than that the provider has it, and cannot be stopped."""
    return fail(job_id, origins=(State.QUEUED,), reason=FailReason.CANCELLED)


# --- recovering -----------------------------------------------------------------------------------------------------
@transaction.atomic
def recover_submission(job: Job) -> bool:
    """A submitter's lease ran out. Never marked as sent → back to the queue; else it may have arrived → in doubt.

    The sandbox remembers and bills nothing, so a request to it is simply made again.
    Locks the job: a sender that is late, but not dead, must not mark it as sent between our look and our move.
    """
    expired = Job.objects.filter(pk=job.pk, state=State.SUBMITTING, lease_token=job.lease_token, lease_until__lt=clock.now())
    locked = expired.select_for_update().first()
    if locked is None or locked.lease_token is None:
        return False
    attempt = Attempt.objects.filter(job_id=job.pk, number=locked.submit_attempts).first()
    if attempt is None or attempt.sent_at is None or locked.is_sandbox:
        return requeue(job.pk, locked.lease_token, detail="the sender stopped before sending", delay_seconds=0)
    return doubt(job.pk, locked.lease_token, detail="the sender stopped while sending")


def grant_last_look(job_ids: Sequence[UUID]) -> int:
    """Make overdue jobs due once more before they are given up; the new deadline is this moment.

    A house that was switched off for a day must not fail, unasked, what the provider finished meanwhile.
    """
    now = clock.now()
    overdue = Job.objects.filter(pk__in=job_ids, deadline_at__lt=now, due_at__lt=F("deadline_at"))
    return overdue.update(due_at=now, deadline_at=now)


# --- the provider's account -----------------------------------------------------------------------------------------
def pause_account(provider: str, seconds: float, *, trouble: str = "") -> None:
    """Stop submitting to a provider for a while; with `trouble` people see why their jobs wait."""
    now = clock.now()
    until = now + timedelta(seconds=seconds)
    account, _ = ProviderAccount.objects.get_or_create(provider=provider)
    rows = ProviderAccount.objects.filter(pk=account.pk)
    # The longer pause wins: a rate limit of seconds must not end the minute that trouble asked for.
    rows.filter(Q(paused_until=None) | Q(paused_until__lt=until)).update(paused_until=until)
    if trouble:
        rows.update(trouble=trouble[:300], trouble_at=now)


def clear_account_trouble(provider: str) -> None:
    ProviderAccount.objects.filter(provider=provider).exclude(trouble="").update(trouble="", trouble_at=None, paused_until=None)
