"""Our own KIE adapter, at the stand-in upstream and at our own gateway, both running: the gateway speaks what it consumes."""

from __future__ import annotations

import asyncio
import functools
import shutil
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from playground.providers.base import AccountTrouble, MaybeSent, Running, Snapshot, Submission
from playground.providers.http_provider import HttpProvider
from playground.providers.kie import Kie
from tests.inputfiles import picture_file
from tests.media.clips import make_clip
from tests.providers import gateways
from tests.providers.gateways import Gateway
from tests.upstream.client import start_upstream

pytestmark = [pytest.mark.processes, pytest.mark.once]
T = TypeVar("T")
V1 = "/api/v1"
# By the adapter's routes: model and payload.
ROUTES: dict[str, tuple[str, dict[str, Any]]] = {
    "": ("kling-2.6/text-to-video", {"prompt": "A calm sea", "sound": False, "aspect_ratio": "16:9", "duration": "5"}),
    f"POST {V1}/veo/generate": ("veo3_fast", {"prompt": "A calm sea", "model": "veo3_fast", "aspect_ratio": "16:9"}),
    f"POST {V1}/runway/generate": ("runway/generate", {"prompt": "A cat", "duration": 5, "quality": "720p", "aspectRatio": "16:9"}),
    f"POST {V1}/aleph/generate": ("runway/aleph", {"prompt": "Winter", "videoUrl": "https://example.com/clip.mp4"}),
}
VEO, RUNWAY = f"POST {V1}/veo/generate", f"POST {V1}/runway/generate"
# What goes on from a finished clip, and the route that makes one.
CONTINUED: dict[str, tuple[str, dict[str, Any]]] = {
    f"POST {V1}/veo/extend": ("veo/extend", {"prompt": "The tide comes in", "model": "fast"}),
    f"GET {V1}/veo/get-1080p-video": ("veo/1080p", {"index": 0}),
    f"POST {V1}/veo/get-4k-video": ("veo/4k", {"index": 0}),
    f"POST {V1}/runway/extend": ("runway/extend", {"prompt": "The cat jumps", "quality": "720p"}),
}
# The stand-in's word for a failure, and ours for the very same.
FAILING = "A cat {fail} [[fail:422 Real person in image.]]"


@pytest.fixture(scope="module")
def file_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copy(picture_file(), folder / "picture.jpg")
    with gateways.files_served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("upstream")
    server = start_upstream(folder, make_clip(folder / "clip.mp4", width=64, height=36, seconds=1), "--seconds", "0.8")
    yield gateways.stand_in(server)
    server.stop()


@pytest.fixture(scope="module")
def our_own(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory, file_host: str) -> Iterator[Gateway]:
    with gateways.our_own(tmp_path_factory.mktemp("data"), file_host) as gateway:
        yield gateway


@pytest.fixture(params=["stand_in", "our_own"], ids=["the stand-in", "our own"])
def gateway(request: pytest.FixtureRequest) -> Gateway:
    found: Gateway = request.getfixturevalue(request.param)
    return found


def with_adapter(provider: HttpProvider, ask: Callable[[HttpProvider], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        try:
            return await ask(provider)
        finally:
            await provider.aclose()

    return asyncio.run(run())


def submission(endpoint: str, **changes: Any) -> Submission:
    model, payload = (ROUTES | CONTINUED)[endpoint]
    return Submission(job_id="1", model_id=model, payload=payload | changes, gateway="kie", endpoint=endpoint)


def submit(gateway: Gateway, endpoint: str, **changes: Any) -> str:
    return with_adapter(gateway.adapter(), lambda kie: kie.submit(submission(endpoint, **changes)))


def running(endpoint: str, task_id: str) -> Running:
    model, payload = (ROUTES | CONTINUED)[endpoint]
    return Running(job_id="1", upstream_id=task_id, model_id=model, payload=payload, gateway="kie", endpoint=endpoint)


def look(gateway: Gateway, endpoint: str, task_id: str) -> Snapshot:
    return with_adapter(gateway.adapter(), lambda kie: kie.poll(running(endpoint, task_id)))


def begin(gateway: Gateway, endpoint: str, **changes: Any) -> tuple[str, Snapshot]:
    """A new task, and what is told of it in the same breath: it lasts less than a second."""

    async def ask(kie: HttpProvider) -> tuple[str, Snapshot]:
        task_id = await kie.submit(submission(endpoint, **changes))
        return task_id, await kie.poll(running(endpoint, task_id))

    return with_adapter(gateway.adapter(), ask)


def ended(gateway: Gateway, endpoint: str, task_id: str) -> Snapshot:
    return gateways.ended(task_id, lambda: look(gateway, endpoint, task_id))


@functools.cache
def finished(gateway: Gateway, endpoint: str) -> tuple[str, Snapshot]:
    """One clip for all who need one that is there."""
    task_id = submit(gateway, endpoint)
    return task_id, ended(gateway, endpoint, task_id)


def is_collected(gateway: Gateway, endpoint: str, task_id: str, done: Snapshot, target: Path) -> bool:
    """Whether the adapter has the clip on this disk."""
    (link,) = done.result_links
    gateway.adapter().collect(running(endpoint, task_id), link, target)
    return target.read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize("endpoint", ROUTES)
def test_a_task_is_made_told_of_and_delivered(gateway: Gateway, endpoint: str, tmp_path: Path) -> None:
    task_id, begun = begin(gateway, endpoint)
    done = ended(gateway, endpoint, task_id)

    assert begun.state in ("waiting", "queuing", "generating")
    assert begun.result_links == ()
    assert begun.echo is not None
    assert begun.echo.input["prompt"] == ROUTES[endpoint][1]["prompt"]
    assert begun.echo.created_ms
    assert (done.state, done.fail_message) == ("success", "")
    assert is_collected(gateway, endpoint, task_id, done, tmp_path / "clip.mp4")


@pytest.mark.parametrize("endpoint", ROUTES)
def test_a_failure_is_told_with_the_words_and_the_reason(gateway: Gateway, endpoint: str) -> None:
    task_id = submit(gateway, endpoint, prompt=FAILING)

    failed = ended(gateway, endpoint, task_id)

    assert (failed.state, failed.fail_code, failed.fail_message) == ("fail", "422", "Real person in image.")
    assert failed.fail_reason == "input_media"


@pytest.mark.parametrize("endpoint", CONTINUED)
def test_a_finished_clip_is_continued(gateway: Gateway, endpoint: str, tmp_path: Path) -> None:
    parent, _ = finished(gateway, RUNWAY if "runway" in endpoint else VEO)

    task_id, begun = begin(gateway, endpoint, taskId=parent)
    done = ended(gateway, endpoint, task_id)

    assert begun.state in ("waiting", "queuing", "generating")
    assert done.state == "success"
    assert is_collected(gateway, endpoint, task_id, done, tmp_path / "clip.mp4")


@pytest.mark.parametrize("endpoint", ROUTES)
def test_an_unknown_task_is_no_failure(gateway: Gateway, endpoint: str) -> None:
    with pytest.raises(MaybeSent):
        look(gateway, endpoint, "0" * 32)


@pytest.mark.parametrize("endpoint", [name for name in CONTINUED if "get-" in name])
def test_an_unknown_clip_has_no_larger_version(gateway: Gateway, endpoint: str) -> None:
    # Nothing is known of these before they are asked about: the request that makes one is the one that asks.
    failed = look(gateway, endpoint, submit(gateway, endpoint, taskId="0" * 32))

    assert (failed.state, failed.fail_message) == ("fail", "Record does not exist")


@pytest.mark.parametrize("endpoint", ROUTES)
def test_a_wrong_key_is_trouble_with_the_account(gateway: Gateway, endpoint: str) -> None:
    with pytest.raises(AccountTrouble):
        with_adapter(gateway.adapter("sk-wrong"), lambda kie: kie.submit(submission(endpoint)))


def test_the_balance_is_told(gateway: Gateway) -> None:
    balance = with_adapter(gateway.adapter(), lambda kie: kie.balance())

    assert balance is not None
    assert balance > 0


@pytest.mark.parametrize("way", ["_stream", "_base64"])
def test_each_way_of_giving_a_file_leads_to_an_address_that_is_an_input(gateway: Gateway, way: str) -> None:
    files = gateway.adapter().file_host()
    try:
        url = getattr(files, way)(picture_file(), "picture.jpg", "image/jpeg")
    finally:
        files.close()

    assert url.startswith("http")
    assert submit(gateway, VEO, imageUrls=[url])


def test_a_file_given_by_its_address_is_an_input_too(gateway: Gateway, file_host: str) -> None:
    files = gateway.adapter().file_host()
    try:
        url = files._by_address(f"http://{file_host}/picture.jpg", "picture.jpg")
    finally:
        files.close()

    assert url.startswith("http")
    assert file_host not in url, "it is kept there"
    assert submit(gateway, VEO, imageUrls=[url])


def test_a_result_has_a_fresh_link(gateway: Gateway) -> None:
    (link,) = finished(gateway, VEO)[1].result_links
    kie: Kie = gateway.adapter()

    fresh = kie._fresh_link(link)

    assert fresh.startswith("http")
    assert kie._fresh_link("https://example.com/clip.mp4") == ""


def test_modkie_s_adapter_at_modkie_s_variant(gateway: Gateway) -> None:
    payload = {"prompt": "A calm sea", "aspect_ratio": "16:9", "duration": 5}
    wanted = Submission(job_id="1", model_id="google/veo-3-1", payload=payload, gateway="modkie")

    def asked(task_id: str) -> Running:
        return Running(job_id="1", upstream_id=task_id, model_id="google/veo-3-1", payload=payload, gateway="modkie")

    async def ask(modkie: HttpProvider) -> tuple[str, Snapshot]:
        task_id = await modkie.submit(wanted)
        return task_id, await modkie.poll(asked(task_id))

    task_id, begun = with_adapter(gateway.modkie(), ask)
    done = gateways.ended(task_id, lambda: with_adapter(gateway.modkie(), lambda modkie: modkie.poll(asked(task_id))))

    assert begun.state in ("waiting", "generating")
    assert begun.echo is not None
    assert begun.echo.input == payload
    assert (done.state, len(done.result_links)) == ("success", 1)
