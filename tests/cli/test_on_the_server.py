"""The commands against this server itself: those of ModKie's pages as they are printed (`ads` for `pnpm ads`), and ours."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from playground.cli import client
from playground.credits.models import Account
from playground.jobs.models import Job, State, Take
from playground.media import services as media
from playground.media.models import Upload
from playground.media.serving import etag_of
from tests.cli.terminal import HOST, Clock, Ran, Terminal
from tests.factories import Personas, make_job, make_key
from tests.inputfiles import picture_file
from tests.media.clips import make_clip
from tests.web.playground import put_in_state

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LOGIN = f"ads login --host {HOST} --api-key"
GENERATE = 'ads video generate --prompt "cinematic product shot, soft lighting, slow camera push" --scene text-to-video'
MOTION = 'ads video generate --prompt "gentle camera motion, natural lighting" --scene image-to-video'


class Person(Terminal):
    """Types whole lines."""

    def types(self, line: str) -> Ran:
        program, *arguments = shlex.split(line.replace("\\\n", " "))
        assert program == "ads"
        return self.run(*arguments)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1)


@pytest.fixture
def site(personas: Personas) -> Iterator[httpx.WSGITransport]:
    """The whole application, in this process and in the test's own transaction, which no request may end."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield httpx.WSGITransport(app=WSGIHandler())
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def alice(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    personas: Personas,
    clock: Clock,
    clip: Path,
    tmp_path: Path,
    site: httpx.WSGITransport,
) -> Person:
    """Logged in with a test key of her team; while she waits, the server makes what it has to make."""

    def make_everything() -> None:
        for job in Job.objects.exclude(state__in=(State.SUCCESS, State.FAIL)):
            source = tmp_path / f"{job.pk}.mp4"
            source.write_bytes(clip.read_bytes())
            result = media.store_result(team_id=job.team_id, source=source)
            put_in_state(job, State.SUCCESS)
            Take.objects.create(job=job, video=result.video, poster=result.poster, thumb=result.thumb, preview=result.preview)

    clock.meanwhile = make_everything
    monkeypatch.setattr(client, "transport", site)
    person = Person(capsys)
    assert person.types(f"{LOGIN} {make_key(personas.alice)}").exit_code == 0
    return person


def shown(ran: Ran) -> Any:
    assert ran.exit_code == 0, ran
    return ran.object


def is_a_clip(path: str) -> bool:
    return Path(path).read_bytes()[4:8] == b"ftyp"


# --- ModKie's pages, as printed -------------------------------------------------------------------------------------
def test_config_get_masks_the_key(alice: Person) -> None:
    ran = alice.types("ads config get")
    assert (ran.exit_code, HOST in ran.out, "sk-test-" in ran.out) == (0, True, True)


@pytest.mark.parametrize("ending", ["--out ./output/video.mp4", "--out ./output/video.mp4 --timeout 600000"])
def test_generate_and_wait(alice: Person, ending: str) -> None:
    ran = alice.types(f"{GENERATE} \\\n  {ending}")
    assert ran.exit_code == 0, ran
    assert "Saved: output/video.mp4" in ran.out
    assert is_a_clip("output/video.mp4")
    assert Job.objects.get().model_id == "bytedance/seedance-2-mini"


def test_image_to_video_with_an_address(alice: Person) -> None:
    ran = alice.types(f'{MOTION} \\\n  --image-input "https://example.com/reference.jpg" \\\n  --out ./output/motion.mp4 \\\n  --json')
    told = shown(ran)
    assert (told["status"], told["localPath"], told["model"]) == ("success", "output/motion.mp4", "wan/2-7-image-to-video")
    assert told["videoUrl"].startswith(f"{HOST}/media/")
    assert is_a_clip(told["localPath"])
    assert "https://example.com/reference.jpg" in Job.objects.get().payload_json


def test_image_to_video_with_a_file_of_this_machine(alice: Person) -> None:
    Path("reference.jpg").write_bytes(picture_file().read_bytes())
    told = shown(alice.types(f"{MOTION} --image-input ./reference.jpg --out ./output/motion.mp4 --json"))
    upload = Upload.objects.get()
    assert upload.name == "reference.jpg"
    assert str(upload.pk) in Job.objects.get().payload_json
    assert is_a_clip(told["localPath"])


@pytest.mark.parametrize("spell", [str, lambda job_id: job_id.hex], ids=["with hyphens", "without"])
def test_query_a_task(alice: Person, personas: Personas, spell: Any) -> None:
    job_id: UUID = make_job(personas.alice).job.pk
    told = shown(alice.types(f"ads video query --task-id {spell(job_id)} --json"))
    assert (told["taskId"], told["status"], told["videoUrl"], told["localPath"]) == (job_id.hex, "pending", None, None)


def test_list_capabilities_and_their_schemas(alice: Person) -> None:
    assert "ai.video.generate_and_wait" in alice.types("ads actions list").out
    assert "timeoutMs" in shown(alice.types("ads actions schema ai.video.generate_and_wait"))["input"]["properties"]


# --- ours -----------------------------------------------------------------------------------------------------------
def test_the_object_of_json_is_what_the_documentation_says(alice: Person) -> None:
    told = shown(alice.types(f"{GENERATE} --out a.mp4 --json"))
    documented = ["taskId", "status", "videoUrl", "videoUrls", "localPath", "localPaths", "scene", "provider", "model", "progress"]
    documented += ["credits", "error", "createTime", "completeTime", "expectedSeconds", "sandbox"]
    assert list(told) == documented
    page = (Path(__file__).parent.parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")
    assert [name for name in documented if f'"{name}"' not in page] == []


def test_while_it_waits_it_says_how_long_such_videos_take(alice: Person) -> None:
    ran = alice.types(GENERATE)
    assert "in the queue, 0:00 of about " in ran.err
    assert ": done" in ran.out


def test_no_wait_then_wait(alice: Person) -> None:
    task_id = shown(alice.types(f"{GENERATE} --no-wait --json"))["taskId"]
    told = shown(alice.types(f"ads video query --task-id {task_id} --wait --out clips/ --json"))
    assert told["localPath"] == f"clips/{task_id}.mp4"
    assert is_a_clip(told["localPath"])


def noting_ranges(noted: list[str]) -> Any:
    """The transport as it is, with the ranges that pass written down."""
    handle = httpx.WSGITransport.handle_request

    def handle_request(self: httpx.WSGITransport, request: httpx.Request) -> httpx.Response:
        noted.extend(request.headers.get_list("Range"))
        return handle(self, request)

    return handle_request


def test_a_broken_download_is_taken_up_again_by_the_next_command(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = shown(alice.types(f"{GENERATE} --out whole.mp4 --json"))["taskId"]
    content, stored = Path("whole.mp4").read_bytes(), Take.objects.get().video
    Path("again.mp4.part").write_bytes(content[:1000])
    Path("again.mp4.part.json").write_text(json.dumps({"etag": etag_of(stored)}))
    ranges: list[str] = []
    monkeypatch.setattr(httpx.WSGITransport, "handle_request", noting_ranges(ranges))
    assert alice.types(f"ads video query --task-id {task_id} --out again.mp4").exit_code == 0
    assert Path("again.mp4").read_bytes() == content
    assert not list(Path().glob("*.part*"))
    assert ranges == ["bytes=1000-"]


def test_the_same_order_is_made_and_held_once(alice: Person) -> None:
    first, second = (shown(alice.types(f"{GENERATE} --no-wait --json --idempotency-key order-7")) for _ in range(2))
    assert first["taskId"] == second["taskId"]
    assert Job.objects.count() == 1


def test_quote_says_the_price_and_makes_nothing(alice: Person) -> None:
    assert " credits, about $" in alice.types("ads video quote --prompt x --model google/veo-3-1").out
    assert shown(alice.types("ads video quote --prompt x --model google/veo-3-1 --json"))["quote"]["credits"] == 60
    assert not Job.objects.exists()


def test_cancel_returns_what_was_held_and_comes_too_late_afterwards(alice: Person, personas: Personas) -> None:
    job = make_job(personas.alice).job
    assert shown(alice.types(f"ads video cancel --task-id {job.pk.hex} --json"))["credits"]["returned"] == 60
    ran = alice.types(f"ads video cancel --task-id {job.pk.hex}")
    assert (ran.exit_code, "ended already" in ran.err) == (3, True)


def test_credits(alice: Person) -> None:
    assert shown(alice.types("ads credits --json")) == {"available": 10000, "held": 0, "mode": "test"}
    assert "available: 10,000" in alice.types("ads credits").out


def test_models(alice: Person) -> None:
    listed = alice.types("ads models list --provider modkie --scene text-to-video").out
    assert "google/veo-3-1" in listed
    assert "kie " not in listed.replace("modkie", "")
    shown_model = alice.types("ads models show google/veo-3-1").out
    for words in ("aspect_ratio", "16:9", "credits per job"):
        assert words in shown_model
    assert shown(alice.types("ads models show google/veo-3-1 --json"))["gateway"] == "modkie"


@pytest.mark.parametrize(
    ("line", "exit_code", "words"),
    [
        ("ads models show google/veo-31", 3, "google/veo-3-1"),
        ("ads actions schema ai.video.nonsense", 3, "no action of this name"),
        ("ads video query --task-id nonsense", 3, "recordInfo is null"),
        ("ads video generate --prompt x --scene opera", 3, "scene"),
        ("ads video generate --scene text-to-video", 3, "prompt"),
        ("ads video generate --prompt x --model google/veo-3-1 -k duration=7.5 -k nonsense=1", 3, "options/nonsense"),
        ("ads video generate --prompt x --workspace-id elsewhere", 3, "workspace"),
        ("ads video generate --prompt x --image-input https://example.com/a.png --model google/veo-3-1 -k image_urls=5", 3, "image"),
    ],
)
def test_a_mistake_names_the_field_and_makes_nothing(alice: Person, line: str, exit_code: int, words: str) -> None:
    ran = alice.types(line)
    assert (ran.exit_code, ran.out) == (exit_code, ""), ran
    assert words in ran.err
    assert not Job.objects.exists()


def test_a_key_that_is_wrong_is_exit_code_4(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADS_API_KEY", "sk-test-wrong")
    assert alice.types("ads credits").exit_code == 4


def test_too_few_credits_are_exit_code_5(alice: Person, personas: Personas) -> None:
    Account.objects.filter(team=personas.alice.team, mode="test").update(available_millicredits=59_999)
    ran = alice.types("ads video generate --prompt x --model google/veo-3-1")
    assert (ran.exit_code, "Credits insufficient" in ran.err) == (5, True)
    assert not Job.objects.exists()


def test_a_video_that_fails_is_exit_code_6(alice: Person, clock: Clock) -> None:
    def fail() -> None:
        put_in_state(Job.objects.get(), State.FAIL, fail_reason="output", fail_code="501", fail_message="The clip was blocked.")

    clock.meanwhile = fail
    ran = alice.types(GENERATE)
    assert (ran.exit_code, "The clip was blocked." in ran.err) == (6, True)


def test_a_video_of_another_team_is_one_that_is_not_there(alice: Person, personas: Personas) -> None:
    job = make_job(personas.charlie).job
    foreign, unknown = (alice.types(f"ads video query --task-id {task_id}") for task_id in (job.pk.hex, "0" * 32))
    assert (foreign.exit_code, foreign.err) == (unknown.exit_code, unknown.err)
    assert foreign.exit_code == 3
