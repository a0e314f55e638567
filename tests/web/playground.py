"""Helpers for the playground's tests: a person at the page, and jobs as the engines leave them."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.test import Client

from playground.accounts.models import Membership
from playground.core import clock
from playground.jobs.listing import count_takes, is_listed_in
from playground.jobs.models import Job, State, Take
from playground.media.models import StoredFile
from tests.factories import KLING, VEO, make_job

VEO_PAGE, KLING_PAGE = f"/models/modkie/{VEO}", f"/models/modkie/{KLING}"
HTMX = {"HX-Request": "true"}
VEO_FIELDS = {"prompt": "A calm sea at dusk", "aspect_ratio": "16:9", "duration": "5"}
KLING_FIELDS = VEO_FIELDS | {"resolution": "720p", "generate_audio": "on"}
HOSTILE = 'it\'s "quoted" $(id) `id` </script><b>x</b> {{ 7*7 }} \\ %s ${HOME} !! \x1b[31m =HYPERLINK("x") [link=x] \u202e 海 😀\nnew line'


def nonce_of(page: Any) -> str:
    """The form token of a page, given as its text or its response."""
    found = re.search(r'name="nonce" value="([^"]+)"', page if isinstance(page, str) else page.text)
    assert found, "the page has no form token"
    return html.unescape(found[1])


def open_form(client: Client, page: str = VEO_PAGE) -> str:
    """The token of a freshly opened page."""
    return nonce_of(client.get(page).text)


def run(client: Client, fields: dict[str, Any] | None = None, *, page: str = VEO_PAGE, nonce: str | None = None, **headers: Any) -> Any:
    """Press Run in a fresh form (or in the one with `nonce`)."""
    return client.post(f"{page}/run", (fields or VEO_FIELDS) | {"nonce": nonce or open_form(client, page)}, **headers)


def put_in_state(job: Job, state: str, **changes: Any) -> Job:
    """A job as the engines leave it; only the rows count, so no clip is drawn."""
    now = clock.now()
    times: dict[str, Any] = {}
    if state not in (State.QUEUED, State.SUBMITTING):
        times |= {"submitted_at": now - timedelta(seconds=70), "created_at": now - timedelta(seconds=71)}
    if state in (State.SAVING, State.SUCCESS):
        times |= {"generating_at": now - timedelta(seconds=62), "upstream_done_at": now - timedelta(seconds=2)}
    if state in (State.SUCCESS, State.FAIL):
        charged = job.price_millicredits if state == State.SUCCESS else 0
        times |= {"finished_at": now, "charged_millicredits": charged}
    times |= {"is_listed": is_listed_in(state)}
    Job.objects.filter(pk=job.pk).update(state=state, version=F("version") + 1, **(times | changes))
    job.refresh_from_db()
    return job


def finished(membership: Membership, *, model_id: str = VEO, prompt: str = "A calm sea at dusk", **changes: Any) -> Job:
    job = make_job(membership, model_id=model_id, payload={"prompt": prompt, "aspect_ratio": "16:9", "duration": 8}).job
    put_in_state(job, State.SUCCESS, **changes)
    add_take(job)
    return job


def add_take(job: Job, *, index: int = 0) -> Take:
    files = [
        StoredFile.objects.create(
            team_id=job.team_id, storage_name=f"{job.pk}-{rendition}{index or ''}.mp4", content_type="video/mp4", size_bytes=1,
            sha256="0" * 64, width=1280, height=720, duration_ms=5000, has_audio=True,
        )
        for rendition in ("video", "poster", "thumb", "preview")
    ]  # fmt: skip
    count_takes(job, 1, job.charged_millicredits or 0)
    return Take.objects.create(job=job, index=index, video=files[0], poster=files[1], thumb=files[2], preview=files[3])
