"""Live jobs on their way to a provider, and the callbacks that come back for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.test import Client
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.core import ids
from playground.credits import services as ledger
from playground.credits.models import Account
from playground.jobs import services
from playground.jobs.models import Job
from playground.jobs.submitting import prepare
from playground.media.models import StoredFile
from playground.media.services import StoredResult
from playground.providers.base import Echo, Running, Snapshot, Submission
from tests.factories import make_job, make_owner
from tests.jobs.engine_jobs import LINK, Scripted, claim, echo_of, look

KLING: dict[str, Any] = {
    "gateway": "kie",
    "model_id": "kling-2.6/text-to-video",
    "payload": {"prompt": "A chef flips a pancake", "sound": False, "aspect_ratio": "16:9", "duration": "5"},
}
PRICE = 55_000
GRANTED = 10_000_000


def make_live_owner(settings: Settings, email: str = "alice@example.com", team_slug: str = "northlight") -> Membership:
    """The owner of a team with live credits, in a house that has a key for every provider and can be called back."""
    settings.KIE_API_KEY = settings.MODKIE_API_KEY = "sk-any"
    settings.PUBLIC_URL_REACHABLE = "yes"
    owner = make_owner(email, team_slug)
    ledger.grant(team=owner.team, mode="live", millicredits=GRANTED)
    return owner


class Leaving(NamedTuple):
    """A job whose request is on its way, as its pump holds it, and that request."""

    job: Job
    submission: Submission

    @property
    def hook(self) -> str:
        """The path of its callback address."""
        return urlsplit(self.submission.callback_url or "").path

    @property
    def token(self) -> str:
        return self.hook.rpartition("/")[2]


def leaving(owner: Membership, **changes: Any) -> Leaving:
    job = claim(make_job(owner, mode="live", **(KLING | changes)).job)
    prepared = prepare(job)
    assert prepared is not None
    assert services.mark_sent([prepared.departure])
    return Leaving(job, prepared.submission)


def doubtful(owner: Membership, **changes: Any) -> Leaving:
    """A job that may have been accepted: no answer came."""
    sent = leaving(owner, **changes)
    assert services.doubt(sent.job.pk, sent.job.lease_token, detail="timeout")
    return sent


def callback_body(task_id: str, **data: Any) -> str:
    """KIE's market callback, as measured."""
    return json.dumps({"code": 200, "msg": "Playground task completed successfully.", "data": {"taskId": task_id} | data})


def call_back(sent: Leaving, task_id: str, *, headers: Mapping[str, str] | None = None, **data: Any) -> int:
    """The provider posts to the job's callback address; the status that it is answered with."""
    response = Client().post(sent.hook, callback_body(task_id, **data), content_type="application/json", headers=dict(headers or {}))
    return response.status_code


class Records:
    """What the provider's records say, by task id; a task that nobody made is none."""

    def __init__(self, **records: Snapshot) -> None:
        self.records = records
        self.asked: list[str] = []
        self.provider = Scripted()
        self.provider.on_poll = self._read

    def _read(self, running: Running) -> Snapshot:
        self.asked.append(running.upstream_id)
        return self.records[running.upstream_id]

    def look(self, name: str = "kie") -> int:
        """A pump's look at every job that is due; how many those were."""
        return look(self.provider, name)


def record(job: Job, state: str = "success", *, echo: Echo | None = None, **changes: Any) -> Snapshot:
    """What the provider's own record says of the job's request."""
    links = (LINK,) if state == "success" else ()
    shown: dict[str, Any] = {"state": state, "result_links": links, "echo": echo or echo_of(job)}
    return Snapshot(**(shown | changes))


def stored(owner: Membership) -> StoredResult:
    """A result in our storage, as far as its rows go."""
    files = [
        StoredFile.objects.create(
            team=owner.team, storage_name=str(ids.new_id()), content_type="video/mp4", size_bytes=1, sha256="0" * 64,
            width=1280, height=720, duration_ms=5000,
        )
        for _ in range(4)
    ]  # fmt: skip
    return StoredResult(*files)


def money() -> tuple[int, int]:
    """What all live accounts have, and what of theirs is held."""
    accounts = Account.objects.filter(mode="live")
    return sum(account.available_millicredits for account in accounts), sum(account.held_millicredits for account in accounts)
