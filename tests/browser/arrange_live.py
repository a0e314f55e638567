"""Live jobs as the services leave them after a provider's answers, without a provider: see arrange.py."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from playground.accounts.models import Membership
from playground.core import clock
from playground.credits import services as ledger
from playground.jobs import provider_accounts, provider_balances, services
from playground.jobs.models import FailReason, Job, State
from playground.media.services import StoredResult
from playground.providers.base import Reason, Snapshot
from tests.factories import make_job
from tests.jobs.engine_jobs import LINK, polled, running, saving, submitting

FAST, EXTEND, MODKIE_VEO = "veo3_fast", "veo/extend", "google/veo-3-1"
KITE = "A red kite rises over a harbour at dawn, the camera follows it"
PAYLOAD = {"prompt": KITE, "aspect_ratio": "16:9", "duration": 8}
# Off by a fifth over a whole sample.
QUOTED_JOBS, TAKEN_MILLICREDITS = 20, 72_000


def veo(**more: Any) -> dict[str, Any]:
    return {"mode": "live", "model_id": FAST, "gateway": "kie", "payload": PAYLOAD} | more


def refused(owner: Membership, *, reason: Reason, code: str, words: str) -> Job:
    """Refused by the provider's record, after it had been accepted."""
    job = running(owner, **veo())
    raw = json.dumps({"code": 200, "msg": "success", "data": {"successFlag": 3, "errorCode": code, "errorMessage": words}})
    services.apply_snapshot(polled(job), Snapshot("fail", fail_code=code, fail_message=words, fail_reason=reason, raw=raw))
    return job


def done(owner: Membership, clip: StoredResult, *, consumed: int | None = None, **more: Any) -> Job:
    job = running(owner, **veo(**more))
    services.apply_snapshot(polled(job), Snapshot("success", 1.0, result_links=(LINK,), consumed_millicredits=consumed))
    assert services.succeed(_held_by_the_archive(job), [clip])
    # As long as such a clip takes; the row is all that a page reads.
    then = clock.now() - timedelta(seconds=88)
    Job.objects.filter(pk=job.pk).update(created_at=then, submitted_at=then, generating_at=then + timedelta(seconds=6))
    return job


def recovered(owner: Membership, clip: StoredResult) -> Job:
    """Given up and paid back; then the provider has it after all."""
    job = running(owner, **veo())
    services.fail(job.pk, origins=(State.RUNNING,), reason=FailReason.TIMEOUT, consumed_millicredits=60_000)
    job.refresh_from_db()
    services.begin_recovery(job)
    services.apply_snapshot(polled(job), Snapshot("success", 1.0, result_links=(LINK,), consumed_millicredits=60_000))
    assert services.succeed(_held_by_the_archive(job), [clip])
    return job


def in_doubt(owner: Membership) -> Job:
    job = submitting(owner, **veo())
    services.doubt(job.pk, job.lease_token, detail="no answer within 60 s")
    return job


def _held_by_the_archive(job: Job) -> Job:
    claimed = services.claim_for_saving()
    assert claimed is not None and claimed.pk == job.pk
    return claimed


def lost(owner: Membership) -> Job:
    job = saving(owner, **veo())
    services.lose_result(_held_by_the_archive(job), code="404", words="Not Found")
    return job


def live_story(owner: Membership, clip: StoredResult) -> dict[str, Job]:
    """What a few days with a provider leave behind, oldest first."""
    ledger.grant(team=owner.team, mode="live", millicredits=5_000_000)
    for _ in range(QUOTED_JOBS):
        done(owner, clip, consumed=TAKEN_MILLICREDITS)
    done(owner, clip, consumed=60_000, model_id=MODKIE_VEO, gateway="modkie")
    parent = done(owner, clip, consumed=60_000)
    extension = {"taskId": parent.pk.hex, "prompt": "The kite dives towards the water", "model": "fast"}
    words = "Your prompt was flagged by Website as violating content policies."
    return {
        "done": parent,
        "extended": done(owner, clip, model_id=EXTEND, payload=extension),
        "input-refused": refused(owner, reason="input_text", code="400", words=words),
        "picture-refused": refused(owner, reason="input_media", code="422", words="Images size exceeds limit"),
        "no-capacity": refused(owner, reason="capacity", code="500", words="Internal Error, Please try again later."),
        "result-lost": lost(owner),
        "in-doubt": in_doubt(owner),
        "recovered": recovered(owner, clip),
    }


def circuit(owner: Membership) -> dict[str, Job]:
    """KIE's account is empty, and a job waits for it; ModKie's is well."""
    provider_balances.record("kie", 0)
    provider_balances.record("modkie", 12_480_500)
    provider_accounts.pause("kie", 3600, trouble="KIE: 402 Your credits are insufficient. Top up to continue.")
    return {"paused": make_job(owner, **veo()).job}
