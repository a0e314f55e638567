"""The courier: takes our uploads to a provider's storage before the job that needs them is sent.

A thread of the media worker, because a large file takes minutes and a pump's turn lasts seconds. The job waits in the
queue meanwhile, holds nobody up, and nothing of it has been sent, so a courier that dies costs nothing but the transfer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from threading import Event

from django.conf import settings
from django.db import close_old_connections, connection

from playground.core.failpoints import failpoint
from playground.jobs import provider_accounts, provider_files, services, upstreams, wakeup
from playground.jobs.models import Job
from playground.jobs.submitting import INPUT_LINK_SECONDS
from playground.media import files, uploads
from playground.media.errors import MediaError
from playground.media.models import Upload
from playground.providers.base import AccountTrouble, FileHost, ProviderError, RateLimited, Refused, UploadError

logger = logging.getLogger(__name__)
IDLE_SECONDS = 0.5
RETRY_SECONDS, LONGEST_RETRY_SECONDS = 20.0, 600.0


class LeaseLost(Exception):
    """Somebody else has taken the job over, or its person has cancelled it."""


def run_forever(stop: Event) -> None:
    """Work until `stop` is set; a failure of one job never ends the loop."""
    while not stop.is_set():
        try:
            close_old_connections()
            is_busy = work_once()
        except Exception:
            logger.exception("the courier goes on after an unexpected failure")
            is_busy = False
        if not is_busy:
            stop.wait(IDLE_SECONDS)
    connection.close()


def work_once() -> bool:
    """Take one job's files to its provider; False when none is waiting."""
    hosts = [name for name in upstreams.live_names() if upstreams.hosts_files(name)]
    job = services.claim_for_files(hosts) if hosts else None
    if job is None:
        return False
    failpoint("courier.claimed")
    try:
        count = _deliver(job)
    except LeaseLost:
        logger.info("job %s is not ours to deliver files for any more", job.pk)
        return True
    except Refused as error:
        services.files_refused(job, reason=error.reason, code=error.code, words=error.words)
        return True
    except (ProviderError, MediaError, OSError) as error:
        _postpone(job, error)
        return True
    failpoint("courier.delivered")
    if services.files_sent(job, count):
        wakeup.poke()
    return True


def _postpone(job: Job, error: Exception) -> None:
    wait_seconds = RETRY_SECONDS * settings.POLL_FACTOR
    if isinstance(error, AccountTrouble):
        wait_seconds = settings.CIRCUIT_SECONDS
        title = upstreams.provider_title(job.provider)
        provider_accounts.pause(job.provider, wait_seconds, trouble=f"{title}: {error.code} {error.words}".strip())
    elif isinstance(error, RateLimited):
        wait_seconds = error.retry_after_seconds or wait_seconds
    elif isinstance(error, UploadError):
        tries = job.events.filter(kind="files_postponed").count()
        wait_seconds = min(LONGEST_RETRY_SECONDS, wait_seconds * 2.0 ** min(tries, 5))
    words = getattr(error, "words", "") or str(error)
    logger.warning("job %s: its files could not be given to %s: %s", job.pk, job.provider, words)
    services.files_failed(job, detail=f"files not taken: {words}", delay_seconds=wait_seconds)


def _deliver(job: Job) -> int:
    """Give the provider what it does not have; how many files that were. Raises ProviderError, MediaError or LeaseLost."""
    wanted = list({upload.pk: upload for _, upload in provider_files.own_files(job)}.values())
    there = provider_files.addresses(job.provider, wanted)
    missing = [upload for upload in wanted if upload.pk not in there]
    host = upstreams.build(job.provider).file_host() if missing else None
    if host is None:
        return 0
    keep = _keeper(job)
    with closing(host):
        for upload in missing:
            url = _upload(host, upload, keep)
            failpoint("courier.uploaded")
            provider_files.remember(job.provider, upload, url, keeps_seconds=host.keeps_seconds)
    return len(missing)


def _upload(host: FileHost, upload: Upload, keep: Callable[[], None]) -> str:
    """In a thread of its own, so that the lease is kept while a slow transfer lasts."""
    stored = upload.stored
    public_url = uploads.signed_url(upload, INPUT_LINK_SECONDS) if upstreams.is_reachable() else ""
    extension = stored.storage_name.rpartition(".")[2]
    with files.local_copy(stored.storage_name) as path, ThreadPoolExecutor(1, thread_name_prefix="upload") as pool:
        transfer: Future[str] = pool.submit(host.upload, path, content_type=stored.content_type, extension=extension, public_url=public_url)
        next_keep = time.monotonic() + settings.LEASE_SECONDS / 6
        try:
            while not transfer.done():
                wait([transfer], timeout=settings.LEASE_SECONDS / 12)
                if time.monotonic() >= next_keep:
                    keep()
                    next_keep = time.monotonic() + settings.LEASE_SECONDS / 6
        except LeaseLost:
            # Closing the connection under it ends the transfer.
            with suppress(Exception):
                host.close()
            raise
        return transfer.result()


def _keeper(job: Job) -> Callable[[], None]:
    def keep() -> None:
        assert job.lease_token is not None
        services.renew_leases([job.lease_token])
        if not Job.objects.filter(pk=job.pk, lease_token=job.lease_token).exists():
            raise LeaseLost

    return keep
