"""What a submission carries, and what each outcome of it means for the job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from playground.catalog import registry
from playground.core import ids
from playground.jobs import provider_accounts, provider_files, services, upstreams
from playground.jobs.input_files import task_fields
from playground.jobs.models import Job
from playground.jobs.parents import task_uuid
from playground.jobs.services import Departure
from playground.media import uploads
from playground.media.models import Upload
from playground.providers.base import AccountTrouble, MaybeSent, NeverSent, ProviderError, RateLimited, Refused, Submission
from playground.wire.envelope import compact

logger = logging.getLogger(__name__)
# As long as our links in API answers live; a provider fetches its inputs within minutes.
INPUT_LINK_SECONDS = 24 * 3600
RATE_LIMIT_SECONDS = 5.0
LONGEST_BACKOFF_SECONDS = 60.0
# An input that could not be read although it was given so lately is not given again: the file itself is at fault.
FRESH_FILE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that is ready to leave, and what is kept of it before it does."""

    submission: Submission
    departure: Departure


def prepare(job: Job) -> Prepared | None:
    """The request of a claimed job. None for one that was sent back, because an input must be given to the provider first.

    Asks the database for a job that names files or an earlier task, so not for the event loop.
    """
    payload = job.payload
    sent_json = ""
    if not job.is_sandbox:
        given = _replace_files(job, payload)
        if given is None:
            services.want_files(job, detail=gettext_noop("an input is not at the provider any more"))
            return None
        if _replace_parent(job, payload) or given:
            sent_json = compact(payload)
    token = "" if job.is_sandbox or not upstreams.is_reachable() else ids.new_secret()
    submission = Submission(
        job_id=job.pk.hex,
        model_id=job.model_id,
        payload=payload,
        gateway=job.gateway,
        endpoint=job.endpoint,
        callback_url=upstreams.callback_url(job.provider, token) if token else None,
    )
    return Prepared(submission, Departure(job, ids.hash_secret(token) if token else "", sent_json))


def _replace_files(job: Job, payload: dict[str, Any]) -> Sequence[Upload] | None:
    """Put addresses that the provider can read in place of ours; the uploads among the inputs, None while one is missing.

    An upload that is gone keeps its address, and the provider will say so.
    """
    own = provider_files.own_files(job)
    if not own:
        return ()
    given = [upload for _, upload in own]
    if upstreams.hosts_files(job.provider):
        links = provider_files.addresses(job.provider, given)
        if any(upload.pk not in links for upload in given):
            return None
    else:
        links = {upload.pk: uploads.signed_url(upload, INPUT_LINK_SECONDS) for upload in given}
    for file, upload in own:
        _replace(payload, file.pointer, links[upload.pk])
    return given


def _replace_parent(job: Job, payload: dict[str, Any]) -> bool:
    """Put the provider's id of the earlier take in place of ours."""
    if job.parent is None or not job.parent.upstream_id:
        return False
    try:
        card = registry.get(job.model_id, job.gateway)
    except registry.UnknownModel:
        return False
    names = [name for name in task_fields(card) if task_uuid(payload.get(name)) == job.parent_id]
    for name in names:
        payload[name] = job.parent.upstream_id
    return bool(names)


def _replace(payload: Any, pointer: str, value: str) -> None:
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in path:
        payload = payload[int(part)] if isinstance(payload, list) else payload[part]
    payload[int(last) if isinstance(payload, list) else last] = value


def settle_accepted(job: Job, upstream_id: str) -> None:
    if not services.record_upstream_id(job.pk, upstream_id):
        logger.error("job %s was accepted as %s, but is no longer waiting for that", job.pk, upstream_id)
        return
    provider_accounts.clear_trouble(job.provider)


def settle_read_limit(job: Job, wait_seconds: float) -> None:
    """Too many status reads: the job is still running, and the account pauses."""
    services.poll_failed(job, "429")
    provider_accounts.pause(job.provider, wait_seconds)


def settle_read_trouble(job: Job, error: ProviderError) -> None:
    """Our account is refused while a job is running there: the job goes on, nothing new is sent, the owner sees why."""
    services.poll_failed(job, f"{error.code} {error.words}")
    _open_circuit(job.provider, error)


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
    provider_accounts.pause(job.provider, wait)
    services.requeue(job.pk, job.lease_token, detail=f"rate limit: {error.words}", delay_seconds=wait)


def _account_trouble(job: Job, error: ProviderError) -> None:
    assert job.lease_token is not None
    _open_circuit(job.provider, error)
    services.requeue(job.pk, job.lease_token, detail=f"account: {error.code} {error.words}", delay_seconds=0)


def _open_circuit(provider: str, error: ProviderError) -> None:
    title = upstreams.provider_title(provider)
    provider_accounts.pause(provider, settings.CIRCUIT_SECONDS, trouble=f"{title}: {error.code} {error.words}".strip())
    logger.error("%s refuses our account: %s %s; jobs wait", title, error.code, error.words)


def _maybe_sent(job: Job, error: ProviderError) -> None:
    services.doubt(job.pk, job.lease_token, detail=" ".join(filter(None, ("maybe sent:", error.code, error.words))))


def _refused(job: Job, error: ProviderError) -> None:
    reason = error.reason if isinstance(error, Refused) else "capacity"
    if reason == "input_media" and _gives_files_again(job, error):
        return
    services.refuse(job, reason=reason, code=error.code, words=error.words, raw=error.raw)


def _gives_files_again(job: Job, error: ProviderError) -> bool:
    """The provider cannot read an input that it was given a while ago: its storage forgot it sooner than it promised."""
    given = [upload for _, upload in provider_files.own_files(job)] if upstreams.hosts_files(job.provider) else []
    if not given or not provider_files.forget(job.provider, given, before_seconds=FRESH_FILE_SECONDS):
        return False
    return services.want_files(job, detail=f"input not readable: {error.code} {error.words}")


_HANDLERS: tuple[tuple[type[ProviderError], Callable[[Job, ProviderError], None]], ...] = (
    (NeverSent, _never_sent),
    (RateLimited, _rate_limited),
    (AccountTrouble, _account_trouble),
    (MaybeSent, _maybe_sent),
    (Refused, _refused),
    (ProviderError, _maybe_sent),
)
