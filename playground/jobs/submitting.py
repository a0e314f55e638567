"""What a submission carries, and what each outcome of it means for the job."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction

from playground.catalog import registry
from playground.jobs import services, upstreams
from playground.jobs.input_files import files_of, task_fields
from playground.jobs.models import FailReason, Job
from playground.jobs.parents import task_uuid
from playground.media import uploads
from playground.providers.base import AccountTrouble, MaybeSent, NeverSent, ProviderError, RateLimited, Refused, Submission

logger = logging.getLogger(__name__)
# As long as our links in API answers live; a provider fetches its inputs within minutes.
INPUT_LINK_SECONDS = 24 * 3600
ACCOUNT_TROUBLE_SECONDS = 60.0
RATE_LIMIT_SECONDS = 5.0
LONGEST_BACKOFF_SECONDS = 60.0


def submission_for(job: Job) -> Submission:
    """Asks the database for a job that names files or an earlier task, so not for the event loop."""
    payload = job.payload if job.is_sandbox else wire_payload(job)
    return Submission(job_id=job.pk.hex, model_id=job.model_id, payload=payload, gateway=job.gateway)


def wire_payload(job: Job) -> dict[str, Any]:
    """The payload as a real provider needs it: our uploads by links that it can read, our earlier take by its id there.

    What is stored stays as it was priced. An upload that is gone keeps its address, and the provider will say so.
    """
    payload = job.payload
    try:
        card = registry.get(job.model_id, job.gateway)
    except registry.UnknownModel:
        return payload
    files = files_of(card, payload)
    own = uploads.uploads_of_urls(job.team_id, [file.url for file in files]) if files else {}
    for file in files:
        if file.url in own:
            _replace(payload, file.pointer, uploads.signed_url(own[file.url], INPUT_LINK_SECONDS))
    if job.parent is not None and job.parent.upstream_id:
        for name in task_fields(card):
            if task_uuid(payload.get(name)) == job.parent_id:
                payload[name] = job.parent.upstream_id
    return payload


def _replace(payload: Any, pointer: str, value: str) -> None:
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in path:
        payload = payload[int(part)] if isinstance(payload, list) else payload[part]
    payload[int(last) if isinstance(payload, list) else last] = value


def settle_accepted(job: Job, upstream_id: str) -> None:
    if not services.record_upstream_id(job.pk, upstream_id):
        logger.error("job %s was accepted as %s, but is no longer waiting for that", job.pk, upstream_id)
        return
    services.clear_account_trouble(job.provider)


def settle_read_limit(job: Job, wait_seconds: float) -> None:
    """Too many status reads: the job is still running, and the account pauses."""
    services.poll_failed(job, "429")
    services.pause_account(job.provider, wait_seconds)


def settle_error(job: Job, error: ProviderError) -> None:
    """Never sent → again later; maybe sent → in doubt; rate limit and account trouble → the account pauses; refused → fail."""
    assert job.lease_token is not None
    handler = next(handler for kind, handler in _HANDLERS if isinstance(error, kind))
    with transaction.atomic():
        handler(job, error)


def _never_sent(job: Job, error: ProviderError) -> None:
    assert job.lease_token is not None
    delay = min(LONGEST_BACKOFF_SECONDS, 2.0 ** min(job.submit_attempts, 6)) * settings.POLL_FACTOR
    services.requeue(job.pk, job.lease_token, detail=f"not reached: {error.words}", delay_seconds=delay)


def _rate_limited(job: Job, error: ProviderError) -> None:
    assert job.lease_token is not None
    wait = (error.retry_after_seconds if isinstance(error, RateLimited) else None) or RATE_LIMIT_SECONDS * settings.POLL_FACTOR
    services.pause_account(job.provider, wait)
    services.requeue(job.pk, job.lease_token, detail=f"rate limit: {error.words}", delay_seconds=wait)


def _account_trouble(job: Job, error: ProviderError) -> None:
    assert job.lease_token is not None
    title = upstreams.provider_title(job.provider)
    wait = ACCOUNT_TROUBLE_SECONDS * settings.POLL_FACTOR
    services.pause_account(job.provider, wait, trouble=f"{title}: {error.code} {error.words}".strip())
    logger.error("%s refuses our account: %s %s; jobs wait", title, error.code, error.words)
    services.requeue(job.pk, job.lease_token, detail=f"account: {error.code} {error.words}", delay_seconds=0)


def _maybe_sent(job: Job, error: ProviderError) -> None:
    services.doubt(job.pk, job.lease_token, detail=" ".join(filter(None, ("maybe sent:", error.code, error.words))))


def _refused(job: Job, error: ProviderError) -> None:
    reason = FailReason.PROVIDER if error.code.startswith("5") else FailReason.MODEL
    services.refuse(job, reason=reason, code=error.code, words=error.words, raw=error.raw)


_HANDLERS: tuple[tuple[type[ProviderError], Callable[[Job, ProviderError], None]], ...] = (
    (NeverSent, _never_sent),
    (RateLimited, _rate_limited),
    (AccountTrouble, _account_trouble),
    (MaybeSent, _maybe_sent),
    (Refused, _refused),
    (ProviderError, _maybe_sent),
)
