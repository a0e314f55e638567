"""With the provider's address at the stand-in, the example of every live card goes from its form to a stored video; and what
arrives there is, byte for byte, what the JSON tab showed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.catalog import registry
from playground.catalog.card import Card
from playground.credits import prices
from playground.credits import services as ledger
from playground.jobs import archive, pump, services
from playground.jobs.creation import create_job
from playground.jobs.models import Job, State
from playground.wire.envelope import compact
from tests import inputfiles
from tests.factories import make_owner, new_job
from tests.media.clips import make_clip
from tests.queue.test_every_card import KINDS, PARENTS
from tests.upstream.client import Upstream, start_upstream
from tests.web.formreader import PageForm, parse
from tests.web.playground import HTMX

pytestmark = pytest.mark.django_db(transaction=True)
CONTENT_TYPES = {"picture": "image/jpeg", "clip": "video/mp4", "voice": "audio/mpeg", "document": "application/pdf"}


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    folder = tmp_path_factory.mktemp("upstream")
    server = start_upstream(folder, make_clip(folder / "clip.mp4", width=64, height=36, seconds=1), "--seconds", "0.01")
    yield server
    server.stop()


@pytest.fixture
def owner(settings: Settings, upstream: Upstream) -> Membership:
    for name, value in upstream.environment().items():
        setattr(settings, name, [value] if name == "OUTBOUND_ALLOW" else value)
    for account in ("KIE", "MODKIE"):
        for limit in ("CREATES_PER_10_SECONDS", "READS_PER_SECOND", "RUNNING_CAP"):
            setattr(settings, f"{account}_{limit}", 0)
    settings.POLL_FACTOR, settings.PROVIDER_TIMEOUT_SECONDS = 0.001, 300
    membership = make_owner()
    ledger.grant(team=membership.team, mode="live", millicredits=100_000_000)
    return membership


@pytest.fixture
def browser(client: Client, owner: Membership) -> Client:
    """A person who has switched to Live."""
    client.force_login(owner.user)
    assert client.post("/prefs", {"mode": "live"}).status_code == 303
    return client


def on_the_web(upstream: Upstream, kind: inputfiles.Kind) -> str:
    """The address of a file somewhere on the web; the stand-in plays that, too."""
    path = {
        "picture": inputfiles.picture_file,
        "clip": inputfiles.clip_file,
        "voice": inputfiles.voice_file,
        "document": inputfiles.document_file,
    }[kind]()
    data = f"data:{CONTENT_TYPES[kind]};base64,{base64.b64encode(path.read_bytes()).decode()}"
    body = {"base64Data": data, "uploadPath": "web", "fileName": path.name}
    headers = {"Authorization": f"Bearer {upstream.api_key}"}
    stored = httpx.post(f"{upstream.base_url}/api/file-base64-upload", json=body, headers=headers, timeout=300).json()["data"]
    return str(stored.get("downloadUrl") or stored["fileUrl"])


def payload_of(card: Card, owner: Membership, upstream: Upstream) -> dict[str, Any]:
    """The example, with files that can be fetched and an earlier take that was made."""
    known: dict[str, str] = {}

    def real(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: real(part) for name, part in value.items()}
        if isinstance(value, list):
            return [real(part) for part in value]
        if not isinstance(value, str):
            return value
        if value not in known and value.startswith("https://example.com/"):
            known[value] = on_the_web(upstream, KINDS[Path(value).suffix])
        if value not in known and value in PARENTS:
            known[value] = finish(run_of(registry.get(PARENTS[value]), owner)).pk.hex
        return known.get(value, value)

    payload: dict[str, Any] = real(dict(card.example))
    return payload


def run_of(card: Card, owner: Membership) -> Job:
    return create_job(new_job(owner, mode="live", model_id=card.id, gateway=card.gateway, payload=dict(card.example))).job


def finish(job: Job) -> Job:
    """Run pump and media worker here until the job has ended."""
    while not job.is_final:
        pump.run_seated(budget_seconds=5)
        archive.work_once()
        job.refresh_from_db()
    return job


def filled_page(browser: Client, card: Card, owner: Membership, payload: dict[str, Any]) -> PageForm:
    """The card's page with this payload in its form: that of a take that was cancelled, used again."""
    draft = create_job(new_job(owner, mode="live", model_id=card.id, gateway=card.gateway, payload=payload)).job
    assert services.cancel(draft.pk)
    return PageForm(browser.get(f"/models/{card.gateway}/{card.id}?from={draft.number}").text)


def shown_request(browser: Client, card: Card, page: PageForm) -> dict[str, Any]:
    answer = parse(browser.post(f"/models/{card.gateway}/{card.id}/quote", page.post(), headers=HTMX).text)
    tab = answer.by_id("request")
    assert tab is not None
    shown: dict[str, Any] = json.loads(tab.text)
    return shown


def expected_body(card: Card, shown: dict[str, Any], job: Job) -> str:
    """The JSON tab without its line breaks; an earlier take is named by the provider's id, which is all that may differ."""
    text = compact(shown["input"])
    if job.parent is not None:
        text = text.replace(job.parent.pk.hex, job.parent.upstream_id)
    if card.endpoint:
        return text
    capability = '"capability":"video",' if card.gateway == "modkie" else ""
    return f'{{"model":{compact(shown["model"])},{capability}"input":{text}}}'


# The database sees the same life of a job each time; only what is asked of the provider differs.
@pytest.mark.once
@pytest.mark.parametrize("card", registry.live_cards(), ids=lambda card: f"{card.gateway}/{card.id}")
def test_the_example_goes_from_the_form_to_a_video(card: Card, browser: Client, owner: Membership, upstream: Upstream) -> None:
    if card.pricing["credits"] is None:
        # Nobody publishes a price: it runs live once an owner has set one.
        prices.set_price(team=owner.team, card=card, credits=Decimal(20), actor=owner.user)
    page = filled_page(browser, card, owner, payload_of(card, owner, upstream))
    shown = shown_request(browser, card, page)

    response = browser.post(f"/models/{card.gateway}/{card.id}/run", page.post())

    assert response.status_code == 303, response.text[:3000]
    job = finish(Job.objects.get(pk=response["Location"].rpartition("/")[2]))
    assert (job.state, job.fail_message) == (State.SUCCESS, ""), list(job.events.values_list("kind", "detail"))
    assert (job.provider, job.mode, job.takes.count()) == (card.gateway, "live", 1)
    assert job.charged_millicredits == job.price_millicredits or job.is_price_range
    created = upstream.events("create")[-1]
    if not card.endpoint.startswith("GET") and "4k" not in card.endpoint:
        assert created["task"] == job.upstream_id
        assert created["body"] == expected_body(card, shown, job)
    else:
        assert (created["family"], created["source"]) == (card.id.removeprefix("veo/"), job.parent.upstream_id if job.parent else "")
    assert ledger.verify() == []
