"""What a job's clip is drawn from: uploads, files on the web and earlier takes, as far as they can be had."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.catalog import registry
from playground.jobs import archive, input_copies, services
from playground.jobs.models import Job, State
from playground.media import services as media
from playground.media import web_files
from playground.providers.base import Snapshot
from tests import inputfiles
from tests.factories import make_owner
from tests.jobs.engine_jobs import polled, running, saving
from tests.media.clips import make_clip

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner() -> Membership:
    return make_owner()


class Drawing:
    """The sandbox, finished at once; what its clip is made of is looked at in the clip's notes and size."""

    def __init__(self, settings: Settings) -> None:
        settings.SANDBOX_DETAIL, settings.SANDBOX_MAX_SECONDS = 0.02, 1

    def of(self, owner: Membership, model: str, **payload: Any) -> Job:
        job = running(owner, model_id=model, payload=payload)
        services.apply_snapshot(polled(job), Snapshot("success", result_links=("sandbox:0",)))
        assert archive.work_once()
        job.refresh_from_db()
        assert job.state == State.SUCCESS
        return job


@pytest.fixture
def drawing(settings: Settings) -> Drawing:
    return Drawing(settings)


def title_of(model: str, field: str) -> str:
    return registry.get(model).field_title(field)


def size_of(job: Job) -> tuple[int | None, int | None]:
    video = job.takes.get().video
    return video.width, video.height


def test_an_upload_is_what_the_clip_is_drawn_from(drawing: Drawing, owner: Membership) -> None:
    job = drawing.of(owner, "kling/v2-1-standard", prompt="A boat", image_url=inputfiles.upload(owner, "picture"), duration="5")
    assert size_of(job) == (720, 960)
    assert job.notes == ["Drawn for 1 s, the sandbox's limit; 5 s were asked for."]


def test_a_web_file_that_cannot_be_fetched_is_stood_in_for_and_told(drawing: Drawing, owner: Membership) -> None:
    job = drawing.of(owner, "kling/v2-1-standard", prompt="A boat", image_url="http://127.0.0.1:9/private.png", duration="5")
    assert size_of(job) == (1280, 720)
    title = title_of("kling/v2-1-standard", "image_url")
    assert job.notes[0] == f"{title} could not be fetched: The address is not on the public internet."


def test_a_web_file_is_fetched_and_drawn(drawing: Drawing, owner: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []

    def fetch(url: str, target: Path, *, max_bytes: int) -> None:
        fetched.append(url)
        target.write_bytes(inputfiles.picture_file().read_bytes())

    monkeypatch.setattr(web_files, "fetch", fetch)
    job = drawing.of(owner, "kling/v2-1-standard", prompt="A boat", image_url="https://example.com/a.png", duration="5")
    assert fetched == ["https://example.com/a.png"]
    assert size_of(job) == (720, 960)


def test_a_server_that_never_ends_costs_bounded_time(drawing: Drawing, owner: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()
    monkeypatch.setattr(web_files, "fetch", lambda *_, **__: is_over.wait())
    monkeypatch.setattr(input_copies, "FETCH_SECONDS", 0.5)
    job = drawing.of(owner, "kling/v2-1-standard", prompt="A boat", image_url="https://example.com/a.png", duration="5")
    is_over.set()
    assert "did not arrive within 0.5 s" in job.notes[0]


def test_an_earlier_take_goes_on_and_its_index_is_respected(drawing: Drawing, owner: Membership, tmp_path: Path) -> None:
    parent = saving(owner, model_id="veo3_fast", payload={"prompt": "A boat"})
    claimed = services.claim_for_saving()
    assert claimed is not None
    results = []
    for number, (width, height) in enumerate(((320, 180), (180, 320))):
        source = make_clip(tmp_path / str(number), seconds=1, width=width, height=height)
        results.append(media.store_result(team_id=owner.team_id, source=source))
    assert services.succeed(claimed, results)
    first, second = (drawing.of(owner, "veo/1080p", taskId=parent.pk.hex, index=index) for index in (0, 1))
    assert size_of(first) == (1920, 1080)
    assert size_of(second) == (1080, 1920)


def test_an_earlier_take_that_is_not_the_team_s_is_stood_in_for(drawing: Drawing, owner: Membership) -> None:
    charlie = make_owner("charlie@example.com", "elsewhere")
    theirs = drawing.of(charlie, "veo3_fast", prompt="A boat")
    job = drawing.of(owner, "veo/1080p", taskId=theirs.pk.hex)
    assert "There is no take with this id." in job.notes[0]


def test_the_same_dead_address_is_told_once_and_not_fetched_again(
    drawing: Drawing, owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    web_files.remember(owner.team_id, "https://example.com/a.png", "The server answered 404.")

    def fetch(url: str, target: Path, *, max_bytes: int) -> None:
        raise AssertionError("fetched again")

    monkeypatch.setattr(web_files, "fetch", fetch)
    same = ["https://example.com/a.png", "https://example.com/a.png"]
    job = drawing.of(owner, "veo3", prompt="A boat", imageUrls=same)
    assert [note for note in job.notes if "404" in note] == [
        f"{title_of('veo3', 'imageUrls')} could not be fetched: The server answered 404."
    ]
