"""Small input files for tests, and uploads made of them.

A file is drawn and looked at once per process; each test that asks for it gets rows and bytes of its own.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
from django.conf import settings
from PIL import Image

from playground.accounts.models import Membership
from playground.media import files, uploads
from playground.media.models import StoredFile, Upload
from tests.media.clips import make_clip

Kind = Literal["picture", "clip", "voice", "document"]

PICTURE_SIZE = (480, 640)
CLIP_SIZE, CLIP_SECONDS = (1080, 720), 3.0
VOICE_SECONDS = 4.0
TASK_SIZE, TASK_SECONDS = (270, 480), 2.5
_NAMES: dict[Kind, str] = {"picture": "picture.jpg", "clip": "clip.mp4", "voice": "voice.mp3", "document": "document.pdf"}


def upload(owner: Membership, kind: Kind) -> str:
    """The address of an upload of the owner's team."""
    if kind not in _seen:
        _seen[kind] = _looked_at(owner, kind)
    clean, stored_values, values = _seen[kind]
    name = files.new_name(owner.team_id, clean.suffix[1:])
    files.put(Path(shutil.copy(clean, clean.with_name("copy"))), name)
    stored = StoredFile.objects.create(team_id=owner.team_id, storage_name=name, **stored_values)
    return uploads.url_of(Upload.objects.create(team_id=owner.team_id, user_id=owner.user_id, stored=stored, **values))


_Values = tuple[Path, dict[str, Any], dict[str, Any]]
_seen: dict[Kind, _Values] = {}


def _looked_at(owner: Membership, kind: Kind) -> _Values:
    """A real upload of this kind: its clean bytes, and what its rows say."""
    made = uploads.store_upload(owner.team_id, owner.user_id, _MAKERS[kind](), _NAMES[kind])
    names = ("content_type", "size_bytes", "sha256", "width", "height", "duration_ms", "has_audio", "fps", "metadata")
    stored_values = {name: getattr(made.stored, name) for name in names}
    values = {name: getattr(made, name) for name in ("name", "kind", "pages", "source")}
    clean = _folder() / f"clean-{kind}{Path(made.stored.storage_name).suffix}"
    clean.write_bytes(files.read(made.stored.storage_name, 0, made.stored.size_bytes))
    uploads.erase_upload(made)
    return clean, stored_values, values


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "inputs"
    folder.mkdir(exist_ok=True)
    return folder


@cache
def picture_file() -> Path:
    path = _folder() / "picture.jpg"
    across, down = np.meshgrid(np.linspace(0, 255, PICTURE_SIZE[0]), np.linspace(0, 255, PICTURE_SIZE[1]))
    Image.fromarray(np.stack([across, down, 255 - across], axis=-1).astype(np.uint8)).save(path, quality=85)
    return path


@cache
def clip_file() -> Path:
    return make_clip(_folder() / "clip.mp4", width=CLIP_SIZE[0], height=CLIP_SIZE[1], seconds=CLIP_SECONDS)


@cache
def task_file() -> Path:
    return make_clip(_folder() / "task.mp4", width=TASK_SIZE[0], height=TASK_SIZE[1], seconds=TASK_SECONDS)


@cache
def voice_file() -> Path:
    path = _folder() / "voice.mp3"
    with av.open(str(path), "w", format="mp3") as output:
        stream = output.add_stream("libmp3lame", rate=44_100, layout="mono")
        samples = int(44_100 * VOICE_SECONDS)
        tone = (np.sin(np.arange(samples) / 30) * 0.2).astype(np.float32)
        for start in range(0, samples, 1152):
            frame = av.AudioFrame.from_ndarray(tone[None, start : start + 1152], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@cache
def document_file() -> Path:
    path = _folder() / "document.pdf"
    Image.new("RGB", (200, 280), (250, 250, 245)).save(path, "PDF")
    return path


_MAKERS = {"picture": picture_file, "clip": clip_file, "voice": voice_file, "document": document_file}
