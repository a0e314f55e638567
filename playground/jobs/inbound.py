"""Callbacks from providers. Each is a hint: it makes the pump ask at once, and only the provider's record moves anything.

The address carries a token of one try of one job, stored as a hash. What is not accepted is answered as if the token did
not exist, so that nobody learns from the answer which part was wrong.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping

from django.db import transaction

from playground.core import clock, ids
from playground.core.redaction import redact
from playground.jobs import provider_accounts, provider_keys, services, upstreams, wakeup
from playground.jobs.models import Attempt, InboundCallback, Job
from playground.jobs.provider_keys import Kind
from playground.wire.callbacks import Callback, is_signed, read_callback

logger = logging.getLogger(__name__)
LONGEST_TOKEN = 200
# A provider tries a handful of times; whoever knows a token and goes on writing is not listened to.
MOST_PER_ATTEMPT = 50


def receive(provider: str, token: str, body: str, headers: Mapping[str, str]) -> bool:
    """Take in what was posted to a callback address; False for a token that nobody gave out, or a wrong signature.

    Safe in any order and any number of times: early (before our own request has returned), late, repeated.
    """
    attempt = _attempt_for(provider, token)
    if attempt is None:
        return False
    callback = read_callback(body)
    key = provider_keys.read(provider, Kind.WEBHOOK)
    # A key that was entered and cannot be read is asked for all the same: nobody gets in by it.
    is_wrong = not is_signed(key, callback, headers, now_seconds=clock.now().timestamp()) if key else _is_key_lost(provider)
    if is_wrong:
        provider_accounts.record_callback(provider, is_signed_wrongly=True)
        logger.warning(
            "a callback for job %s carried no valid signature; is our webhook key (KIE_WEBHOOK_HMAC_KEY) the provider's?", attempt.job_id
        )
        return False
    if _keep(attempt, callback, body, headers, is_proved=bool(key)):
        provider_accounts.record_callback(provider)
        wakeup.poke()
    return True


def _is_key_lost(provider: str) -> bool:
    return provider_keys.is_unreadable(provider, Kind.WEBHOOK)


def _attempt_for(provider: str, token: str) -> Attempt | None:
    if not token or len(token) > LONGEST_TOKEN:
        return None
    return Attempt.objects.select_related("job").filter(callback_hash=ids.hash_secret(token), job__provider=provider).first()


def _keep(attempt: Attempt, callback: Callback, body: str, headers: Mapping[str, str], *, is_proved: bool) -> bool:
    """Write the callback down and pass the hint on; False for one that was here before."""
    if attempt.callbacks.count() >= MOST_PER_ATTEMPT:
        return False
    stamp = headers.get("X-Webhook-Timestamp", "")
    digest = hashlib.sha256(f"{stamp}\n{body}".encode("utf-8", "replace")).hexdigest()
    upstream_id = callback.task_ids[0] if callback.task_ids else ""
    with transaction.atomic():
        _, is_new = InboundCallback.objects.get_or_create(
            attempt=attempt,
            digest=digest,
            defaults={"is_signed": is_proved, "upstream_id": upstream_id, "code": callback.code, "words": redact(callback.words)},
        )
        if is_new:
            services.hint(attempt.job_id, upstream_id=_candidate(attempt.job, upstream_id))
    return is_new


def _candidate(job: Job, upstream_id: str) -> str:
    """The id to prove; none for a larger version, whose callback may name the clip that it was made of."""
    return "" if upstreams.is_repeatable(job) else upstream_id
