"""Fixes: a mended copy keeps the limits of its field, remembers its original and leaves it alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.accounts.models import Team
from playground.catalog.preflight import file_problems
from playground.media import fixes, uploads
from playground.media.errors import MediaError, TooBig, Unsupported
from playground.media.geometry import shape_for
from playground.media.models import Upload
from tests.media import inputs
from tests.media.clips import make_clip
from tests.media.hostile import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_root")]

JPEG_ONLY = {"x-accept": ["image/jpeg"], "x-max-mb": 10}
CLIP = {"x-accept": ["video/mp4"], "x-max-mb": 50}


def given_picture(team: Team, tmp_path: Path, data: bytes) -> Upload:
    path = tmp_path / "given"
    path.write_bytes(data)
    return uploads.store_upload(team.pk, None, path, "photo.bin")


def given_clip(team: Team, tmp_path: Path, **options: Any) -> Upload:
    return uploads.store_upload(team.pk, None, make_clip(tmp_path / "clip", **options), "clip.bin")


def mended(upload: Upload, spec: dict[str, Any], fit: fixes.Fit = "") -> Upload:
    """What the button makes; the field has nothing left to say about the copy."""
    assert any(problem.fix for problem in file_problems(spec, uploads.facts_of(upload)))
    copy = fixes.apply_fix(upload, spec, fit, user_id=None)
    assert file_problems(spec, uploads.facts_of(copy)) == []
    assert copy.derived_from == upload and copy.pk != upload.pk
    assert uploads.local_file(upload.team_id, uploads.url_of(upload))
    return copy


def size_of(upload: Upload) -> tuple[int | None, int | None]:
    return upload.stored.width, upload.stored.height


@pytest.mark.parametrize(("fit", "size"), [("crop", (500, 200)), ("pad", (900, 360))])
def test_a_shape_is_cut_or_filled(team: Team, tmp_path: Path, fit: fixes.Fit, size: tuple[int, int]) -> None:
    upload = given_picture(team, tmp_path, inputs.photo(size=(900, 200)))
    assert size_of(mended(upload, JPEG_ONLY | {"x-media": {"ratio": [0.4, 2.5]}}, fit)) == size


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_picture_is_written_in_a_kind_that_is_taken(team: Team, tmp_path: Path, kind: str) -> None:
    copy = mended(given_picture(team, tmp_path, inputs.photo(kind)), JPEG_ONLY)
    assert (copy.stored.content_type, size_of(copy), copy.name) == ("image/jpeg", (400, 300), "photo.jpg")


def test_a_picture_is_made_smaller_in_sides_pixels_and_bytes(team: Team, tmp_path: Path) -> None:
    upload = given_picture(team, tmp_path, inputs.photo(size=(3000, 2000)))
    assert size_of(mended(upload, JPEG_ONLY | {"x-media": {"side_px": [300, 1500]}})) == (1500, 1000)
    copy = mended(upload, JPEG_ONLY | {"x-media": {"max_pixels": 600_000}})
    assert (copy.stored.width or 0) * (copy.stored.height or 0) <= 600_000
    noise = given_picture(team, tmp_path, picture("PNG"))
    small = mended(noise, {"x-accept": ["image/png"], "x-max-mb": 0.004})
    assert small.stored.size_bytes <= 4000


def test_a_copy_of_a_copy_remembers_the_original(team: Team, tmp_path: Path) -> None:
    upload = given_picture(team, tmp_path, inputs.photo("BMP", size=(900, 200)))
    first = fixes.apply_fix(upload, JPEG_ONLY, user_id=None)
    assert fixes.apply_fix(first, JPEG_ONLY | {"x-media": {"ratio": [0.4, 2.5]}}, "crop", user_id=None).derived_from == upload


@pytest.mark.parametrize(("fit", "size"), [("crop", (400, 160)), ("pad", (640, 256))])
def test_a_clip_changes_its_shape(team: Team, tmp_path: Path, fit: fixes.Fit, size: tuple[int, int]) -> None:
    upload = given_clip(team, tmp_path, width=640, height=160)
    copy = mended(upload, CLIP | {"x-media": {"ratio": [0.4, 2.5]}}, fit)
    assert (size_of(copy), copy.stored.has_audio, copy.stored.content_type) == (size, True, "video/mp4")


def test_a_turned_clip_is_mended_as_it_is_seen(team: Team, tmp_path: Path) -> None:
    upload = uploads.store_upload(team.pk, None, inputs.video(tmp_path / "clip", rotation=90), "clip.mp4")
    assert size_of(upload) == (180, 320)
    assert size_of(mended(upload, CLIP | {"x-media": {"max_side_px": 160}})) == (90, 160)


@pytest.mark.parametrize(
    ("media", "seconds", "fps"),
    [
        ({"min_s": 1, "max_s": 2}, 2, 24),
        ({"total_s": 1}, 1, 24),
        ({"fps": [30, 60]}, 3, 30),
        ({"min_fps": 28}, 3, 28),
        ({"fps": [8, 12]}, 3, 12),
    ],
)
def test_a_clip_is_trimmed_and_changes_its_speed(team: Team, tmp_path: Path, media: dict[str, Any], seconds: int, fps: int) -> None:
    copy = mended(given_clip(team, tmp_path, seconds=3), CLIP | {"x-media": media})
    assert copy.stored.fps == Decimal(fps)
    assert abs((copy.stored.duration_ms or 0) - 1000 * seconds) <= 60


def test_a_clip_in_another_container_keeps_its_pictures_as_they_are(team: Team, tmp_path: Path) -> None:
    upload = given_clip(team, tmp_path, container="matroska")
    copy = mended(upload, CLIP)
    assert copy.stored.content_type == "video/mp4" and copy.stored.has_audio
    assert abs(copy.stored.size_bytes - upload.stored.size_bytes) < upload.stored.size_bytes // 4


def test_a_clip_is_made_to_fit_or_said_to_be_too_long(team: Team, tmp_path: Path) -> None:
    upload = given_clip(team, tmp_path, width=640, height=360, seconds=2, is_noise=True, has_audio=False)
    assert mended(upload, {"x-accept": ["video/mp4"], "x-max-mb": 0.6}).stored.size_bytes <= 600_000
    with pytest.raises(TooBig, match="shorter part"):
        fixes.apply_fix(upload, {"x-accept": ["video/mp4"], "x-max-mb": 0.01}, user_id=None)


@pytest.mark.parametrize("accepted", ["audio/mpeg", "audio/wav", "audio/x-wav", "audio/mp4", "audio/m4a", "audio/aac"])
def test_a_sound_is_written_anew_and_trimmed(team: Team, tmp_path: Path, accepted: str) -> None:
    upload = uploads.store_upload(team.pk, None, inputs.sound(tmp_path / "voice", "ogg"), "voice.ogg")
    copy = mended(upload, {"x-accept": [accepted], "x-media": {"min_s": 1, "max_s": 2}})
    assert 1_800 <= (copy.stored.duration_ms or 0) <= 2_050 and copy.kind == "audio"


def test_what_cannot_be_mended_says_so(team: Team, tmp_path: Path) -> None:
    upload = given_picture(team, tmp_path, inputs.photo())
    with pytest.raises(Unsupported):
        fixes.apply_fix(upload, {"x-accept": ["image/tiff"]}, user_id=None)
    uploads.local_file(team.pk, uploads.url_of(upload)).unlink()  # type: ignore[union-attr]
    with pytest.raises(MediaError, match="no longer"):
        fixes.apply_fix(upload, JPEG_ONLY, user_id=None)


@settings(max_examples=400, deadline=None)
@given(
    width=st.integers(2, 6000), height=st.integers(2, 6000), fit=st.sampled_from(["crop", "pad"]), even=st.booleans(),
    ratio=st.sampled_from([[0.4, 2.5], [0.125, 8], [1, 1], [0.4, 2]]), most=st.sampled_from([None, 640, 2160]),
)  # fmt: skip
def test_any_shape_comes_within_its_bounds(width: int, height: int, fit: str, even: bool, ratio: list[float], most: int | None) -> None:
    plan = {"ratio": ratio, "fit": fit} | ({"max_side": most} if most else {})
    shape = shape_for(width, height, plan, even=even)
    assert shape.left >= 0 and shape.left + shape.width <= width and shape.top >= 0 and shape.top + shape.height <= height
    assert all(inner <= outer for inner, outer in zip(shape.inner, shape.outer, strict=True))
    assert not even or all(side % 2 == 0 for side in (*shape.inner, *shape.outer))
    assert not most or max(shape.outer) <= most
    # Of small pictures a pixel more or less is much; from there on the slack of the preflight holds.
    if min(shape.outer) >= 400:
        assert ratio[0] * 0.995 <= shape.outer[0] / shape.outer[1] <= ratio[1] * 1.005
