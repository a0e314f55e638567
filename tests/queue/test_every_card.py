"""For every live card: its example goes through API, pump and media worker, and the stored clip is what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage

from playground.accounts.models import Membership
from playground.catalog import registry
from playground.catalog.card import Card
from playground.credits import services as ledger
from playground.credits.models import Entry
from playground.jobs import archive, pump, services
from playground.jobs.models import Job, State
from playground.media import services as media
from tests import inputfiles
from tests.api.client import Program
from tests.catalog.asked import ASKED, Asked
from tests.factories import make_key, make_owner
from tests.inputfiles import CLIP_SECONDS, CLIP_SIZE, PICTURE_SIZE, TASK_SECONDS, TASK_SIZE, VOICE_SECONDS
from tests.jobs.engine_jobs import saving

pytestmark = pytest.mark.django_db(transaction=True)

SANDBOX_LINES = 1080
KINDS: dict[str, inputfiles.Kind] = {".png": "picture", ".mp4": "clip", ".mp3": "voice", ".pdf": "document"}
# Models of each gateway whose takes the others continue.
PARENTS = {"task_grok_0001": "grok-imagine/text-to-video", "task_pix_0001": "pixverse-v6/text-to-video"}
PARENTS |= {"task_runway_0001": "runway/generate", "veo_task_0001": "veo3_fast"}


@dataclass(frozen=True)
class Clip:
    """What is in a stored file, by its packets and not by what the database says."""

    width: int
    height: int
    seconds: float
    audio_seconds: float | None

    @classmethod
    def in_file(cls, path: Path) -> Clip:
        with av.open(str(path), format="mp4") as container:
            video, audio = container.streams.video[0], next(iter(container.streams.audio), None)
            frames = sum(1 for packet in container.demux(video) if packet.pts is not None)
            rate = video.average_rate
            assert rate is not None
            length = audio.duration * audio.time_base if audio and audio.duration and audio.time_base else None
            return cls(video.width, video.height, float(frames / rate), None if length is None else float(length))


def own_inputs(owner: Membership, value: Any, known: dict[str, str]) -> Any:
    """The example with every made-up address replaced by an upload, and every made-up task by a finished take."""
    if isinstance(value, dict):
        return {name: own_inputs(owner, part, known) for name, part in value.items()}
    if isinstance(value, list):
        return [own_inputs(owner, part, known) for part in value]
    if value not in known and isinstance(value, str) and value.startswith("https://example.com/"):
        known[value] = inputfiles.upload(owner, KINDS[Path(value).suffix])
    if value not in known and value in PARENTS:
        known[value] = finished_take(owner, PARENTS[value]).pk.hex
    return known.get(value, value) if isinstance(value, str) else value


def finished_take(owner: Membership, model: str) -> Job:
    """A job with a small portrait clip with sound in our storage."""
    job = saving(owner, model_id=model, payload=dict(registry.get(model).example))
    claimed = services.claim_for_saving()
    assert claimed is not None and claimed.pk == job.pk
    source = Path(inputfiles.task_file()).with_name(f"{job.pk.hex}.mp4")
    source.write_bytes(inputfiles.task_file().read_bytes())
    assert services.succeed(claimed, [media.store_result(team_id=owner.team_id, source=source)])
    return job


def finish(job: Job) -> Job:
    """Run pump and media worker here until the job has ended."""
    while not job.is_final:
        pump.run_seated(budget_seconds=5)
        archive.work_once()
        job.refresh_from_db()
    return job


def expected_size(asked: Asked) -> tuple[float, int]:
    """Ratio and lines of the clip: of the card's table, or of the file that is followed; nobody's choice is 16:9 in 720p."""
    sizes = {"picture": PICTURE_SIZE, "clip": CLIP_SIZE, "task": TASK_SIZE, "free": (16, 9)}
    across, down = sizes[asked.ratio] if asked.ratio in sizes else map(int, asked.ratio.split(":"))
    lines = {"free": 720, "task": min(TASK_SIZE), "keep": min(CLIP_SIZE), "clip*2": min(CLIP_SIZE) * 2}
    return across / down, lines[asked.lines] if asked.lines in lines else int(asked.lines)


def expected_seconds(asked: Asked) -> float:
    files = {"clip": CLIP_SECONDS, "voice": VOICE_SECONDS, "task": TASK_SECONDS}
    return files[asked.seconds] if asked.seconds in files else float(asked.seconds)


@pytest.fixture(autouse=True)
def coarse(settings: LazySettings) -> None:
    """Nothing that is asserted here depends on how finely a clip is drawn before it is enlarged."""
    settings.SANDBOX_DETAIL = 0.02
    settings.SANDBOX_SPEED = 1000.0


def test_no_card_is_left_out() -> None:
    assert [asked.key for asked in ASKED] == [card.key for card in registry.live_cards()]


# The database sees the same life of a job each time; only what is drawn differs.
@pytest.mark.once
@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: "-".join(asked.key))
def test_the_example_of(asked: Asked) -> None:
    card: Card = registry.get(asked.model, asked.gateway)
    owner = make_owner()
    program = Program(make_key(owner))
    payload = own_inputs(owner, dict(card.example), {})

    task_id = program.create_id(model=card.id, gateway=card.gateway, input=payload)
    job = finish(Job.objects.get(pk=task_id))

    assert (job.state, job.fail_message) == (State.SUCCESS, "")
    assert program.record(task_id)["data"]["state"] == "success"
    take = job.takes.get()
    clip = Clip.in_file(Path(default_storage.path(take.video.storage_name)))
    ratio, lines = expected_size(asked)
    assert clip.width / clip.height == pytest.approx(ratio, rel=0.01)
    assert min(clip.width, clip.height) == min(lines, SANDBOX_LINES)
    assert any("the sandbox's limit" in note for note in job.notes) is (lines > SANDBOX_LINES)
    assert clip.seconds == pytest.approx(expected_seconds(asked), abs=0.1)
    assert (clip.audio_seconds is not None) is (asked.sound != "silent")
    assert clip.audio_seconds is None or clip.audio_seconds == pytest.approx(clip.seconds, abs=0.1)
    assert not [note for note in job.notes if "fetched" in note or "measured" in note]
    kinds = Entry.objects.filter(job_id=job.pk).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["hold", "capture"]
    assert ledger.verify() == []
