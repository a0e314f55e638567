"""The archive: what the provider calls success becomes ours, whatever happens on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.credits import services as ledger
from playground.jobs import archive, health, services, upstreams
from playground.jobs.models import EngineLease, Job, State
from playground.media import services as media
from playground.media.models import StoredFile
from playground.providers.base import Provider, ResultGone, ResultUnavailable, Running, Snapshot
from tests.factories import make_owner
from tests.jobs.engine_jobs import LINK, Scripted, kinds_of, look, polled, running, saving, state_of
from tests.media.clips import make_clip

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1).read_bytes()


def writes(content: bytes) -> Callable[[str, Path], None]:
    def collect(link: str, target: Path) -> None:
        target.write_bytes(content)

    return collect


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch, settings: Settings, clip: bytes) -> Scripted:
    settings.POLL_FACTOR = 0.0
    scripted = Scripted()
    scripted.on_collect = writes(clip)

    def build(name: str) -> Provider:
        return scripted

    monkeypatch.setattr(upstreams, "build", build)
    return scripted


@pytest.fixture
def owner() -> Membership:
    return make_owner()


def living_files() -> int:
    return StoredFile.objects.filter(deleted_at=None).count()


def leftovers(settings: Settings) -> list[Path]:
    return list((Path(settings.DATA_DIR) / "tmp").glob("media-save-*"))


def test_a_result_becomes_a_take_with_its_pictures_and_the_job_is_charged(
    provider: Scripted, owner: Membership, settings: Settings
) -> None:
    job = saving(owner)
    assert archive.work_once()
    job.refresh_from_db()
    assert (job.state, job.charged_millicredits, job.takes.count(), living_files()) == (State.SUCCESS, 60_000, 1, 4)
    assert leftovers(settings) == []
    assert not archive.work_once()


def test_several_results_of_one_job_become_several_takes_and_one_charge(provider: Scripted, owner: Membership) -> None:
    job = running(owner)
    services.apply_snapshot(polled(job), Snapshot("success", result_links=(LINK, LINK + "?2")))
    archive.work_once()
    assert list(job.takes.order_by("index").values_list("index", flat=True)) == [0, 1]
    assert ledger.verify() == []


def test_what_expires_first_is_saved_first(provider: Scripted, owner: Membership) -> None:
    later, sooner = saving(owner), saving(owner)
    Job.objects.filter(pk=sooner.pk).update(deadline_at="2020-01-01T00:00Z")
    archive.work_once()
    assert (state_of(sooner), state_of(later)) == (State.SUCCESS, State.SAVING)


def test_an_expired_link_is_replaced_by_a_fresh_one_and_costs_no_try(provider: Scripted, owner: Membership, clip: bytes) -> None:
    def collect(link: str, target: Path) -> None:
        if link == LINK:
            raise ResultUnavailable("HTTP 404", code="404")
        target.write_bytes(clip)

    provider.on_collect = collect
    provider.on_poll = lambda running: Snapshot("success", result_links=("https://example.com/fresh.mp4",))
    job = saving(owner)
    archive.work_once()
    assert (state_of(job), kinds_of(job)[-1]) == (State.SAVING, "save_postponed")
    assert not archive.work_once(), "the pump asks for fresh links first"
    assert look(provider) == 1
    archive.work_once()
    job.refresh_from_db()
    assert (job.state, job.save_attempts) == (State.SUCCESS, 0)


def test_a_provider_that_gives_no_fresh_link_is_asked_again_later(provider: Scripted, owner: Membership) -> None:
    def unavailable(link: str, target: Path) -> None:
        raise ResultUnavailable("HTTP 503", code="503")

    def silent(running: Running) -> Snapshot:
        raise TimeoutError

    provider.on_collect, provider.on_poll = unavailable, silent
    job = saving(owner)
    for _ in range(5):
        assert archive.work_once()
        assert look(provider) == 1
    job.refresh_from_db()
    assert (job.state, job.result_links, job.lease_token) == (State.SAVING, [LINK], None)


def test_a_result_that_is_gone_ends_the_job_with_the_provider_s_words(provider: Scripted, owner: Membership) -> None:
    def gone(link: str, target: Path) -> None:
        raise ResultGone("The file was removed.", code="410")

    provider.on_collect = gone
    job = saving(owner)
    archive.work_once()
    job.refresh_from_db()
    assert (job.state, job.fail_reason, job.fail_code, job.fail_message) == (State.FAIL, "result_lost", "410", "The file was removed.")


@pytest.mark.parametrize("content", [b"<html>no video</html>" * 50, b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 400, b""])
def test_what_is_no_video_is_tried_three_times(provider: Scripted, owner: Membership, content: bytes, settings: Settings) -> None:
    provider.on_collect = writes(content)
    job = saving(owner)
    for _ in range(2):
        archive.work_once()
        assert state_of(job) == State.SAVING
    archive.work_once()
    job.refresh_from_db()
    assert (job.state, job.fail_reason) == (State.FAIL, "result_lost")
    assert living_files() == 0 and leftovers(settings) == []
    assert ledger.verify() == []


@pytest.mark.parametrize(("child", "limit"), [("burn_cpu", "processor time"), ("kill_itself", "signal 9")])
def test_poison_that_kills_its_child_is_tried_three_times(
    provider: Scripted, owner: Membership, monkeypatch: pytest.MonkeyPatch, child: str, limit: str
) -> None:
    monkeypatch.setattr(provider, "child_function", f"tests.jobs.poison.{child}")
    monkeypatch.setitem(archive.RENDER_LIMITS, "cpu_seconds", 1)
    job = saving(owner)
    for _ in range(3):
        archive.work_once()
    job.refresh_from_db()
    assert (job.state, job.fail_reason) == (State.FAIL, "result_lost")
    assert limit in job.fail_message


def test_of_several_results_none_is_kept_when_one_is_lost(provider: Scripted, owner: Membership, clip: bytes) -> None:
    def second_is_gone(link: str, target: Path) -> None:
        if link != LINK:
            raise ResultGone("gone", code="410")
        target.write_bytes(clip)

    provider.on_collect = second_is_gone
    job = running(owner)
    services.apply_snapshot(polled(job), Snapshot("success", result_links=(LINK, LINK + "?2")))
    archive.work_once()
    assert (state_of(job), living_files(), job.takes.count()) == (State.FAIL, 0, 0)


def test_an_unexpected_failure_leaves_no_files_and_the_job_to_the_next(
    provider: Scripted, owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    succeed: Callable[..., bool] = services.succeed
    monkeypatch.setattr(services, "succeed", lambda *_: (_ for _ in ()).throw(RuntimeError("disk full")))
    job = saving(owner)
    with pytest.raises(RuntimeError):
        archive.work_once()
    assert (state_of(job), living_files()) == (State.SAVING, 0)
    monkeypatch.setattr(services, "succeed", succeed)
    Job.objects.update(lease_until="2020-01-01T00:00Z")
    archive.work_once()
    assert (state_of(job), living_files()) == (State.SUCCESS, 4)


def test_a_download_that_lasts_longer_than_the_lease_keeps_the_job(
    provider: Scripted, owner: Membership, settings: Settings, clip: bytes
) -> None:
    settings.LEASE_SECONDS = 0.6

    def slow(link: str, target: Path) -> None:
        threading.Event().wait(1.5)
        target.write_bytes(clip)

    provider.on_collect = slow
    job = saving(owner)
    archive.work_once()
    assert state_of(job) == State.SUCCESS
    assert kinds_of(job)[-1] == "success"


def test_the_job_is_held_on_to_while_its_pictures_are_made_however_short_the_lease(
    provider: Scripted, owner: Membership, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LEASE_SECONDS = 3
    ticks: list[float] = []
    store = media.store_result

    def noting(**arguments: Any) -> media.StoredResult:
        ticks.append(arguments["tick_seconds"])
        return store(**arguments)

    monkeypatch.setattr(media, "store_result", noting)
    saving(owner)
    archive.work_once()
    assert ticks == [0.5]


def test_a_worker_whose_job_was_taken_over_throws_its_work_away(
    provider: Scripted, owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = saving(owner)
    rivals: list[Job | None] = []
    store = media.store_result

    def store_too_late(**arguments: Any) -> media.StoredResult:
        Job.objects.update(lease_until="2020-01-01T00:00Z")
        rivals.append(services.claim_for_saving())
        return store(**arguments)

    monkeypatch.setattr(media, "store_result", store_too_late)
    archive.work_once()
    [rival] = rivals
    assert rival is not None
    assert (state_of(job), living_files()) == (State.SAVING, 0)
    assert services.succeed(rival, [])


def test_the_loop_beats_seldom_goes_on_after_failures_and_ends_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, turns = threading.Event(), iter(range(5))

    def work() -> bool:
        if next(turns) == 4:
            stop.set()
        raise RuntimeError("unexpected")

    beats: list[str] = []
    monkeypatch.setattr(archive, "work_once", work)
    monkeypatch.setattr(archive, "IDLE_SECONDS", 0)
    monkeypatch.setattr(health, "beat", beats.append)
    archive.run_forever(stop, "media:1")
    assert beats == ["media:1"]
    assert not EngineLease.objects.exists()
