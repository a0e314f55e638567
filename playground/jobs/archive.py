"""The archive: what the provider calls success becomes ours. One job at a time per media worker.

Fetch or draw into a private folder, check and store (both in a limited child process), then one transaction ends the
job. A failed download waits for the deadline; a file that cannot be used, or that kills its child, is tried three times.
"""

from __future__ import annotations

import dataclasses
import logging
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

from django.conf import settings
from django.db import close_old_connections

from playground.core.failpoints import failpoint
from playground.jobs import health, input_copies, services, upstreams
from playground.jobs.models import Job, Take
from playground.media import services as media
from playground.media.errors import MediaError
from playground.media.limited import LimitedError, run_limited
from playground.providers.base import Provider, ResultGone, ResultUnavailable

logger = logging.getLogger(__name__)
IDLE_SECONDS = 0.15
BEAT_SECONDS = 10.0
DOWNLOAD_RETRY_SECONDS = 20.0
RENDER_LIMITS = {"cpu_seconds": 600, "memory_bytes": 4 * 1024**3, "wall_seconds": 1200.0, "file_bytes": 2 * 1024**3}


class LeaseLost(Exception):
    """Somebody else has taken the job over; whatever was made here is thrown away."""


def run_forever(stop: Event, name: str) -> None:
    """Work until `stop` is set; a failure of one job never ends the loop."""
    next_beat = 0.0
    while not stop.is_set():
        try:
            close_old_connections()
            if time.monotonic() >= next_beat:
                next_beat = time.monotonic() + BEAT_SECONDS
                health.beat(name)
            is_busy = work_once()
        except Exception:
            logger.exception("the media worker goes on after an unexpected failure")
            is_busy = False
        if not is_busy:
            stop.wait(IDLE_SECONDS)


def work_once() -> bool:
    """Save one job's results; False when none is waiting."""
    job = services.claim_for_saving()
    if job is None:
        return False
    failpoint("archive.claimed")
    # The prefix is the one whose leftovers the media package sweeps away after a crash.
    folder = Path(tempfile.mkdtemp(prefix="media-save-", dir=_workshop()))
    try:
        _save(job, folder)
    except LeaseLost:
        logger.warning("job %s was taken over while it was being saved", job.pk)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _workshop() -> Path:
    folder = settings.DATA_DIR / "tmp"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Path(folder)


def _save(job: Job, folder: Path) -> None:
    stored: list[media.StoredResult] = []
    try:
        if _try_to_save(job, folder, stored):
            failpoint("archive.succeeded")
            stored = []
    finally:
        # Whatever the way out: files that no take shows are nobody's. The look is for a commit whose answer was lost.
        shown = set(Take.objects.filter(job_id=job.pk).values_list("video_id", flat=True)) if stored else set()
        for result in (result for result in stored if result.video.pk not in shown):
            for file in (result.video, result.poster, result.thumb, result.preview):
                media.erase(file)


def _try_to_save(job: Job, folder: Path, stored: list[media.StoredResult]) -> bool:
    """True when the job succeeded with what is in `stored`."""
    notes: list[str] = []
    try:
        provider = upstreams.build(job.provider)
        for number, link in enumerate(job.result_links):
            target = folder / f"{number}.bin"
            notes += _collect(provider, job, link, target)
            failpoint("archive.collected")
            stored.append(
                media.store_result(team_id=job.team_id, source=target, on_tick=_keeper(job), tick_seconds=settings.LEASE_SECONDS / 6)
            )
        failpoint("archive.stored")
        services.keep_notes(job, list(dict.fromkeys(notes)))
        return services.succeed(job, stored)
    except ResultGone as error:
        services.lose_result(job, code=error.code, words=error.words)
    except (ResultUnavailable, LookupError) as error:
        services.save_later(job, detail=str(error), delay_seconds=DOWNLOAD_RETRY_SECONDS * settings.POLL_FACTOR)
    except (MediaError, LimitedError) as error:
        logger.warning("job %s: the result cannot be used: %s", job.pk, error)
        services.save_failed(job, detail=str(error))
    return False


def _keeper(job: Job) -> Callable[[], None]:
    def keep() -> None:
        assert job.lease_token is not None
        services.renew_leases([job.lease_token])
        if not Job.objects.filter(pk=job.pk, lease_token=job.lease_token).exists():
            raise LeaseLost

    return keep


def _collect(provider: Provider, job: Job, link: str, target: Path) -> list[str]:
    """Get one result to `target`; returns what people should know about it."""
    if provider.child_function is None:
        return _collect_here(provider, job, link, target)
    keep = _keeper(job)
    copies = input_copies.copies_for(job, target.parent, keep)
    try:
        notes = run_limited(
            provider.child_function,
            dataclasses.asdict(upstreams.running(job)),
            link,
            str(target),
            dict(provider.child_options),
            dict(copies.paths),
            on_tick=keep,
            tick_seconds=settings.LEASE_SECONDS / 6,
            **RENDER_LIMITS,  # type: ignore[arg-type]
        )
    except LimitedError as error:
        if error.error_type.endswith(".ResultGone"):
            raise ResultGone(error.message) from error
        raise
    return [*copies.notes, *notes]


def _collect_here(provider: Provider, job: Job, link: str, target: Path) -> list[str]:
    """Download in a thread, and hold on to the job meanwhile: a slow transfer lasts longer than a lease."""
    problems: list[Exception] = []
    notes: list[str] = []

    def collect() -> None:
        try:
            notes.extend(provider.collect(upstreams.running(job), link, target))
        except Exception as error:
            problems.append(error)

    # A daemon, because nothing can stop it: when the lease is lost it writes into a file that nobody reads any more.
    thread = Thread(target=collect, name="download", daemon=True)
    thread.start()
    keep = _keeper(job)
    while thread.is_alive():
        thread.join(settings.LEASE_SECONDS / 6)
        keep()
    if problems:
        raise problems[0]
    return notes
