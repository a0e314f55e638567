"""Finished jobs by the thousand, for demonstrations of scale: rows like those of a few real ones, sharing their files.

Beside `creation` the only module that writes jobs. It keeps what lists and proofs are made of (takes, ledger, totals,
words) and leaves out events and attempts. Memory is bounded: rows are written in batches, each in its transaction.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from playground import flatsql
from playground.catalog import registry
from playground.core import clock, ids
from playground.credits import copying as ledger
from playground.credits import periods
from playground.credits import services as credits
from playground.credits.copying import Charged
from playground.jobs import search
from playground.jobs.listing import count_takes
from playground.jobs.models import Job, Take, TeamCounter

BATCH = 2000
_JOB_FIELDS = Job._meta.concrete_fields
_TAKE = """
INSERT INTO jobs_take (id, job_id, "index", video_id, poster_id, thumb_id, preview_id, created_at, deleted_at)
VALUES (%s, %s, 0, %s, %s, %s, %s, %s, NULL)
"""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A finished job with one take. Its columns are made ready once; a copy replaces those that tell it from others."""

    job: Job
    take: Take
    title: str
    columns: dict[str, Any]

    @classmethod
    def of(cls, job: Job) -> Pattern:
        take = Take.objects.get(job=job)
        columns = {field.attname: field.get_db_prep_save(getattr(job, field.attname), connection) for field in _JOB_FIELDS}
        return cls(job, take, registry.get(job.model_id, job.gateway).title, columns | {"upstream_id": "", "remix_of_id": None})


def copy_jobs(
    patterns: Sequence[Job],
    count: int,
    *,
    begin: datetime,
    end: datetime,
    user_ids: Sequence[int],
    prompt_of: Callable[[int, str], str],
    on_written: Callable[[int], None] = lambda _: None,
) -> None:
    """`count` jobs between these moments, in order, in turns like the patterns and by these people.

    `prompt_of` gets the number of a copy and its pattern's prompt. The patterns are of one team and mode, whose account
    must hold enough. On the way the daily sums are behind the entries, as if the process had been killed.
    """
    known = [Pattern.of(job) for job in patterns]
    first = known[0].job
    account_id = credits.account_id_for(first.team_id, "live" if first.mode == "live" else "test")
    step = (end - begin) / (count + 1)
    written = 0
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        copies = [_copy(known[n % len(known)], n, begin + step * (n + 1), step, user_ids, prompt_of) for n in numbers]
        with transaction.atomic():
            _write(account_id, copies)
        written += len(copies)
        on_written(written)
    ledger.count_days(account_id)


def _copy(
    pattern: Pattern, number: int, at: datetime, step: timedelta, user_ids: Sequence[int], prompt_of: Callable[[int, str], str]
) -> tuple[Pattern, Job]:
    # Without the constructor, which costs more than all the rest; the copy is never saved as a model.
    job = Job.__new__(Job)
    job.__dict__.update(pattern.job.__dict__)
    job.id = ids.new_id()
    job.created_by_id = user_ids[number % len(user_ids)]
    payload = pattern.job.payload
    job.payload_json = json.dumps(payload | {"prompt": prompt_of(number, str(payload.get("prompt")))}, ensure_ascii=False)
    # Before the next one begins, so that the ledger's times are in its order.
    job.created_at, job.finished_at = at, at + min(step * 0.9, timedelta(seconds=80))
    return pattern, job


def _write(account_id: int, copies: Sequence[tuple[Pattern, Job]]) -> None:
    first = copies[0][1]
    counter = TeamCounter.objects.select_for_update().get(team_id=first.team_id, mode=first.mode)
    # Afterwards the words of these jobs would hide that others, made before, have none yet.
    search.catch_up(first.team_id, first.mode)
    for number, (_, job) in enumerate(copies, counter.last_number + 1):
        job.number = number
    counter.last_number += len(copies)
    counter.save(update_fields=["last_number"])
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in _JOB_FIELDS)
    marks = ", ".join("%s" for _ in _JOB_FIELDS)
    flatsql.execute_many(f"INSERT INTO jobs_job ({names}) VALUES ({marks})", [_row(*made) for made in copies])  # noqa: S608
    flatsql.execute_many(_TAKE, [_take_row(*made) for made in copies])
    ledger.write_charged(account_id, [_charged(job) for _, job in copies])
    search.add_many((job, pattern.title) for pattern, job in copies)
    for job, takes in _per_day(job for _, job in copies):
        count_takes(job, takes, takes * (job.charged_millicredits or 0))


def _row(pattern: Pattern, job: Job) -> list[Any]:
    created, finished = flatsql.moment(job.created_at), flatsql.moment(job.finished_at or job.created_at)
    own = {
        "id": flatsql.identity(job.pk),
        "number": job.number,
        "created_by_id": job.created_by_id,
        "payload_json": job.payload_json,
        "price_millicredits": job.charged_millicredits,
        **dict.fromkeys(("created_at", "submitted_at", "generating_at", "due_at", "deadline_at"), created),
        **dict.fromkeys(("upstream_done_at", "finished_at"), finished),
    }
    return list((pattern.columns | own).values())


def _take_row(pattern: Pattern, job: Job) -> list[Any]:
    take = pattern.take
    files = [flatsql.identity(file) for file in (take.video_id, take.poster_id, take.thumb_id, take.preview_id)]
    return [flatsql.identity(ids.new_id()), flatsql.identity(job.pk), *files, flatsql.moment(job.finished_at or clock.now())]


def _charged(job: Job) -> Charged:
    assert job.created_by_id is not None
    assert job.finished_at is not None
    return Charged(job.pk, job.created_by_id, job.gateway, job.model_id, job.charged_millicredits or 0, job.created_at, job.finished_at)


def _per_day(jobs: Iterator[Job]) -> Iterator[tuple[Job, int]]:
    """One job of each day, person, model and price, with how many there are of them."""
    groups: dict[tuple[Any, ...], list[Job]] = defaultdict(list)
    for job in jobs:
        groups[periods.day_of(job.created_at), job.created_by_id, job.gateway, job.model_id, job.charged_millicredits].append(job)
    for alike in groups.values():
        yield alike[0], len(alike)
