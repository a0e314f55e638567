"""Input files as the drawing child opens them: measured, decoded upright, and missing when they are not what they say."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from playground.catalog.facts import MediaFacts
from playground.jobs.drawing import LocalFootage, draw
from playground.providers.sandbox import SAMPLE_RATE
from tests import inputfiles
from tests.media.clips import make_clip, make_empty_track

URL = "https://example.com/file"


def footage(path: Path) -> LocalFootage:
    return LocalFootage({URL: path})


def facts(path: Path) -> MediaFacts | None:
    return footage(path).facts().media.get(URL)


def test_pictures_clips_and_sounds_are_measured(tmp_path: Path) -> None:
    picture = facts(inputfiles.picture_file())
    assert picture and (picture.content_type, picture.width, picture.height, picture.has_audio) == ("image/jpeg", 480, 640, None)
    clip = facts(make_clip(tmp_path / "a.bin", seconds=2, has_audio=False))
    assert clip and (clip.content_type, clip.width, clip.height, float(clip.seconds or 0), clip.has_audio) == (
        "video/mp4", 320, 180, 2.0, False,
    )  # fmt: skip
    voice = facts(inputfiles.voice_file())
    assert voice and (voice.content_type, voice.has_audio) == ("audio/mpeg", True)
    assert float(voice.seconds or 0) == pytest.approx(inputfiles.VOICE_SECONDS, abs=0.1)


def test_a_turned_picture_is_measured_and_shown_as_it_is_meant(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(tmp_path / "a", "JPEG", exif=exif)
    found, shown = facts(tmp_path / "a"), footage(tmp_path / "a").picture(URL)
    assert found and (found.width, found.height) == (20, 40)
    assert shown and shown.size == (20, 40)


def test_frames_come_in_order_from_the_start_that_is_wanted_and_no_larger_than_needed(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a", width=640, height=360, seconds=2)
    found = footage(clip).frames(URL, start=1.5, size=(160, 90))
    assert found is not None
    frames = list(found)
    assert [moment for moment, _ in frames] == pytest.approx([number / 24 for number in range(12)], abs=1e-3)
    assert {picture.size for _, picture in frames} == {(160, 90)}


def test_a_start_in_the_middle_of_a_long_clip_is_found_by_its_keyframes(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a", seconds=14)
    early, late = (footage(clip).frames(URL, start=start, size=(64, 36)) for start in (0.0, 12.0))
    assert early is not None and late is not None
    exact = next(picture for moment, picture in early if moment >= 12 - 1e-3)
    moment, found = next(late)
    assert moment == pytest.approx(0, abs=1e-3)
    assert np.abs(np.asarray(exact, np.int16) - np.asarray(found, np.int16)).max() <= 2


def test_sound_is_resampled_cut_and_begins_where_it_is_wanted() -> None:
    sound = footage(inputfiles.voice_file()).sound(URL, start=1.0, seconds=2.0)
    assert sound is not None and sound.shape == (2, 2 * SAMPLE_RATE)
    assert 0.1 < np.abs(sound).max() < 0.4
    rest = footage(inputfiles.voice_file()).sound(URL, start=3.0, seconds=9.0)
    assert rest is not None and rest.shape[1] == pytest.approx(SAMPLE_RATE, rel=0.1)


def test_a_silent_clip_has_no_sound(tmp_path: Path) -> None:
    assert footage(make_clip(tmp_path / "a", seconds=1, has_audio=False)).sound(URL, start=0, seconds=1) is None


@pytest.mark.parametrize("kind", ["playlist", "concat", "half", "empty", "track without picture", "document", "noise"])
def test_what_is_no_usable_file_is_missing_and_opens_nothing_else(kind: str, tmp_path: Path) -> None:
    other, path = make_clip(tmp_path / "other.mp4", seconds=1), tmp_path / "file"
    contents = {
        "playlist": f"#EXTM3U\n#EXTINF:1,\n{other}\n".encode(),
        "concat": f"ffconcat version 1.0\nfile {other}\n".encode(),
        "half": other.read_bytes()[:200],
        "empty": b"",
        "document": inputfiles.document_file().read_bytes(),
        "noise": bytes(range(256)) * 40,
    }
    if kind == "track without picture":
        make_empty_track(path)
    else:
        path.write_bytes(contents[kind])
    shelf = footage(path)
    assert shelf.picture(URL) is None
    assert not list(shelf.frames(URL, start=0, size=(64, 64)) or ())
    assert kind == "track without picture" or shelf.sound(URL, start=0, seconds=1) is None


def test_a_clip_that_breaks_off_ends_there(tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "a", seconds=2, is_noise=True).read_bytes()
    (tmp_path / "b").write_bytes(whole[: len(whole) // 2])
    frames = list(footage(tmp_path / "b").frames(URL, start=0, size=(64, 64)) or ())
    assert 0 < len(frames) < 48


def test_a_drawn_clip_is_as_long_as_the_voice_that_it_was_given(tmp_path: Path) -> None:
    payload = {"image_url": "p", "audio_url": "v", "prompt": "x", "resolution": "480p"}
    running = {"job_id": "1", "upstream_id": "sbx_1_1", "model_id": "infinitalk/from-audio", "payload": payload, "gateway": "kie"}
    files = {"p": str(inputfiles.picture_file()), "v": str(inputfiles.voice_file())}
    target = tmp_path / "clip"
    assert draw(running, "sandbox:0", str(target), {"max_seconds": 15, "detail": 0.02}, files) == []
    with av.open(str(target), format="mp4") as container:
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(inputfiles.VOICE_SECONDS, abs=0.1)
        assert (container.streams.video[0].width, container.streams.video[0].height) == (480, 640)
