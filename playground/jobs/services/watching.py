"""Reading a job at its provider: what it says moves the job on, ends it, or only says when to look again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.utils.translation import gettext_noop

from playground import flatsql
from playground.core import clock
from playground.jobs import cadence, recognition
from playground.jobs.models import Attempt, Event, Job, State
from playground.jobs.services import recovering
from playground.jobs.services.candidates import refuse_candidate
from playground.jobs.services.ending import fail
from playground.jobs.services.moves import end_attempt, give_back, is_free, lock_in_order, move, new_lease
from playground.jobs.services.sending import accept, doubt
from playground.providers.base import Snapshot

WATCHED_STATES = (State.RUNNING, State.IN_DOUBT)
MAX_EMPTY_SUCCESSES = 5
# A callback that came while the look was under way asks for the next one at once.
_LOOK_AGAIN = f"""
    UPDATE {Job._meta.db_table}
    SET lease_token = NULL, lease_until = NULL, polls = polls + 1, due_at = CASE WHEN is_hinted THEN %s ELSE %s END
    WHERE id = %s AND lease_token = %s
"""  # noqa: S608
# Nobody knows the id of such a job.
NAMELESS = Q(upstream_id="", candidate_id="")


def to_be_read() -> Q:
    """Jobs whose state or links only the provider can tell."""
    return (Q(state__in=WATCHED_STATES) | Q(state__in=(State.SAVING, State.RECOVERING), is_waiting_for_links=True)) & ~NAMELESS


def claim_for_polling(limit: int, providers: Sequence[str]) -> list[Job]:
    """Lease jobs that are due to be read; those that a callback asked for go first."""
    now = clock.now()
    due = Job.objects.filter(is_free(now), to_be_read(), due_at__lte=now, provider__in=providers)
    job_ids = list(due.order_by("-is_hinted", "due_at").values_list("pk", flat=True)[:limit])
    if not job_ids:
        # Asked several times a second: the write lock is taken only when there is something to claim.
        return []
    token, until = new_lease()
    with transaction.atomic():
        # A hint that comes from now on asks for another look than this one.
        due.filter(pk__in=lock_in_order(due.filter(pk__in=job_ids))).update(lease_token=token, lease_until=until, is_hinted=False)
        claimed = Job.objects.filter(lease_token=token).in_bulk(job_ids)
        return [claimed[job_id] for job_id in job_ids if job_id in claimed]


@transaction.atomic
def hint(job_id: UUID, *, upstream_id: str = "") -> bool:
    """A callback arrived: look at the job now. Only a hint; what moves money is the provider's own record.

    The id that it names is kept for a job that has none, to be proved. Whoever holds the job keeps it and looks again.
    A job that was given up without an answer starts to recover. Call it after the callback itself is stored.
    """
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        return False
    if recovering.may_begin(job):
        return recovering.begin_recovery(job, candidate_id="" if job.upstream_id else upstream_id)
    wanted: dict[str, Any] = {"is_hinted": True}
    if upstream_id and not job.upstream_id and job.state in (State.SUBMITTING, State.IN_DOUBT):
        wanted["candidate_id"] = upstream_id
    if job.state in WATCHED_STATES or (job.state == State.RECOVERING and job.is_waiting_for_links):
        wanted["due_at"] = clock.now()
    elif job.state != State.SUBMITTING:
        return False
    return bool(Job.objects.filter(pk=job_id, state=job.state).update(**wanted))


@transaction.atomic
def apply_snapshot(job: Job, snapshot: Snapshot) -> bool:
    """What the provider says of a job that we hold the lease of: go on, save, fail, or look again later."""
    if job.state == State.RECOVERING:
        return recovering.apply_late_snapshot(job, snapshot)
    if job.state == State.SAVING:
        return _refresh_links(job, snapshot)
    if not job.upstream_id:
        return _adopt(job, snapshot)
    return _apply(job, snapshot)


def _apply(job: Job, snapshot: Snapshot) -> bool:
    if snapshot.state == "success" and snapshot.result_links:
        return _save(job, snapshot)
    if snapshot.state == "success":
        return _empty_success(job, snapshot)
    if snapshot.state == "fail":
        return fail(
            job.pk,
            origins=WATCHED_STATES,
            lease_token=job.lease_token,
            reason=snapshot.fail_reason,
            code=snapshot.fail_code,
            words=snapshot.fail_message,
            raw=snapshot.raw,
            consumed_millicredits=snapshot.consumed_millicredits,
        )
    return _still_running(job, snapshot, clock.now())


def _save(job: Job, snapshot: Snapshot) -> bool:
    now = clock.now()
    return move(
        job.pk,
        WATCHED_STATES,
        State.SAVING,
        lease_token=job.lease_token,
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
        **consumed(snapshot),
    )


def consumed(snapshot: Snapshot) -> dict[str, Any]:
    """What the provider took, for the row; nothing where it does not say."""
    return {} if snapshot.consumed_millicredits is None else {"consumed_millicredits": snapshot.consumed_millicredits}


def _adopt(job: Job, snapshot: Snapshot) -> bool:
    """A callback named this task for a job in doubt. It is ours only if the provider's record shows our own request."""
    attempt = Attempt.objects.filter(job_id=job.pk).order_by("-number").first()
    reason = recognition.why_not_ours(job, attempt, snapshot.echo)
    if not reason and accept(job, job.candidate_id, kind="adopted", lease_token=job.lease_token):
        end_attempt(job.pk, "adopted", job.candidate_id)
        # What was seen of it is applied at once, by whom it was seen.
        Job.objects.filter(pk=job.pk).update(lease_token=job.lease_token, lease_until=job.lease_until)
        return _apply(Job.objects.get(pk=job.pk), snapshot)
    other = refuse_candidate(job, reason or "it belongs to another job")
    if other is None:
        return False
    now = clock.now()
    assert job.lease_token is not None
    return give_back(job.pk, job.lease_token, due_at=now if other else cadence.next_poll_at(job, now), candidate_id=other)


def _refresh_links(job: Job, snapshot: Snapshot) -> bool:
    """The archive asked for fresh links; whatever came, it is its turn now."""
    links = {"result_links": list(snapshot.result_links)} if snapshot.state == "success" and snapshot.result_links else {}
    assert job.lease_token is not None
    return give_back(job.pk, job.lease_token, due_at=clock.now(), is_waiting_for_links=False, **links)


def _empty_success(job: Job, snapshot: Snapshot) -> bool:
    """Success without a link: ask again a few times, then it is in doubt."""
    if job.empty_successes + 1 >= MAX_EMPTY_SUCCESSES and job.state == State.RUNNING:
        return doubt(job.pk, job.lease_token, detail=gettext_noop("the provider says success, but names no result"))
    return _give_back_after_poll(job, empty_successes=job.empty_successes + 1, raw_reply=snapshot.raw, **consumed(snapshot))


def _still_running(job: Job, snapshot: Snapshot, now: datetime) -> bool:
    progress = _percent(snapshot)
    # A doubt about a job that is known there began at its deadline. "Still running" does not end it, or the two would
    # take turns for ever: it is asked until the doubt's own time is over.
    if job.state == State.RUNNING and job.deadline_at and now >= job.deadline_at:
        return doubt(job.pk, job.lease_token, detail=gettext_noop("no result before the deadline"))
    if (snapshot.state, progress) == (job.upstream_state, job.progress):
        return _give_back_after_poll(job, **consumed(snapshot))
    started = {"generating_at": now} if snapshot.state == "generating" and job.generating_at is None else {}
    changes = {"upstream_state": snapshot.state, "progress": progress, "version": F("version") + 1, **started, **consumed(snapshot)}
    changed = _give_back_after_poll(job, **changes)
    if changed and snapshot.state != job.upstream_state:
        Event.objects.create(job_id=job.pk, kind=f"upstream_{snapshot.state}")
    return changed


def is_old_news(job: Job, snapshot: Snapshot) -> bool:
    """True where a look at a running job found nothing that its row does not say, which is what most looks find."""
    if job.state != State.RUNNING or snapshot.state not in ("waiting", "generating"):
        return False
    is_same = (snapshot.state, _percent(snapshot)) == (job.upstream_state, job.progress)
    is_paid_the_same = snapshot.consumed_millicredits in (None, job.consumed_millicredits)
    return is_same and is_paid_the_same and (job.deadline_at is None or clock.now() < job.deadline_at)


def look_again(jobs: Sequence[Job]) -> None:
    """Give back jobs whose look found old news: one statement for all, since thousands of jobs find nothing else all day."""
    now = clock.now()
    at_once = flatsql.moment(now)
    flatsql.execute_many(
        _LOOK_AGAIN,
        [
            (at_once, flatsql.moment(cadence.next_poll_at(job, now)), flatsql.identity(job.pk), flatsql.identity(job.lease_token))
            # In the order of all (see `lock_in_order`): some drivers make one transaction of it.
            for job in sorted(jobs, key=lambda job: job.pk)
        ],
    )


def _percent(snapshot: Snapshot) -> int | None:
    return None if snapshot.progress is None else round(snapshot.progress * 100)


def _give_back_after_poll(job: Job, **changes: Any) -> bool:
    """Look again later; at once, if a callback came while this look was under way."""
    assert job.lease_token is not None
    now = clock.now()
    later = Value(cadence.next_poll_at(job, now), output_field=DateTimeField())
    due_at = Case(When(is_hinted=True, then=Value(now, output_field=DateTimeField())), default=later)
    return give_back(job.pk, job.lease_token, due_at=due_at, polls=F("polls") + 1, **changes)


def poll_failed(job: Job, detail: str) -> bool:
    """The provider could not be read: still running, until the deadline makes it a doubt."""
    if job.state == State.SAVING:
        return _refresh_links(job, Snapshot("generating"))
    if job.state == State.RUNNING and job.deadline_at and clock.now() >= job.deadline_at:
        return doubt(job.pk, job.lease_token, detail=f"no result before the deadline; last answer: {detail}")
    return _give_back_after_poll(job)
