"""What the sandbox writes is a real MP4: right shape, sound, index first, seekable, and the same again."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from skimage.metrics import structural_similarity

from playground.catalog import registry
from playground.providers.sandbox import ClipSpec, draw_poster, plan_clip, poster_frame, render
from playground.providers.sandbox.choice import SCENE_NAMES
from playground.providers.sandbox.colours import Tint, tint_of
from playground.providers.sandbox.sound import SAMPLE_RATE, ambience

RATIOS = ("16:9", "9:16", "4:3", "1:1", "3:4", "21:9")


def clip(**changes: object) -> ClipSpec:
    values: dict[str, object] = {"scene": "aurora", "width": 320, "height": 180, "seconds": 0.5, "seed": 3, **changes}
    return ClipSpec(**values)  # type: ignore[arg-type]


def frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path), format="mp4") as container:
        assert container.streams.video[0].codec_context.colorspace == Colorspace.ITU709
        return [frame.reformat(format="rgb24", src_colorspace=Colorspace.ITU709).to_ndarray() for frame in container.decode(video=0)]


@pytest.mark.parametrize("resolution", ["480p", "720p", "1080p"])
@pytest.mark.parametrize("ratio", RATIOS)
def test_every_shape_and_tier_is_written_as_asked(ratio: str, resolution: str, tmp_path: Path) -> None:
    payload = {"prompt": "northern lights", "aspect_ratio": ratio, "resolution": resolution}
    target = tmp_path / "clip"
    render(plan_clip(registry.get("bytedance/seedance-2"), payload, 1, max_seconds=2 / 24).spec, target)
    with av.open(str(target), format="mp4") as container:
        video = container.streams.video[0]
        across, down = (int(part) for part in ratio.split(":"))
        assert min(video.width, video.height) == int(resolution[:-1])
        assert video.width / video.height == pytest.approx(across / down, rel=0.01)
        assert (video.codec_context.name, video.codec_context.pix_fmt, str(video.average_rate)) == ("h264", "yuv420p", "24")
        assert sum(1 for _ in container.decode(video=0)) == 2


@pytest.mark.parametrize("scene", SCENE_NAMES)
@pytest.mark.parametrize("size", [(1080, 1920), (2520, 1080), (240, 240)])
def test_every_scene_fits_every_frame(scene: str, size: tuple[int, int]) -> None:
    assert np.asarray(draw_poster(scene, *size, seed=2, time=14.9)).std() > 5


def test_the_index_comes_before_the_media(tmp_path: Path) -> None:
    render(clip(), tmp_path / "clip")
    content = (tmp_path / "clip").read_bytes()
    assert 0 < content.find(b"moov") < content.find(b"mdat")


def test_sound_is_stereo_aac_as_long_as_the_picture(tmp_path: Path) -> None:
    render(clip(seconds=2), tmp_path / "clip")
    with av.open(str(tmp_path / "clip"), format="mp4") as container:
        audio = container.streams.audio[0]
        assert (audio.codec_context.name, audio.rate, audio.codec_context.layout.name) == ("aac", 48_000, "stereo")
        assert audio.duration is not None and audio.time_base is not None
        assert float(audio.duration * audio.time_base) == pytest.approx(2, abs=0.08)


def test_sound_off_means_no_sound_track(tmp_path: Path) -> None:
    render(clip(audio=False), tmp_path / "clip")
    with av.open(str(tmp_path / "clip"), format="mp4") as container:
        assert not container.streams.audio


@pytest.mark.parametrize("scene", SCENE_NAMES)
def test_ambience_is_quiet_and_fades(scene: str) -> None:
    sound = ambience(scene, 1.5, 4)
    assert sound.shape == (2, round(1.5 * SAMPLE_RATE))
    assert 0.05 < np.abs(sound).max() <= 0.31
    assert np.abs(sound[:, :50]).max() < 0.01
    assert np.abs(sound[:, -50:]).max() < 0.01


def test_players_can_seek_to_every_half_second(tmp_path: Path) -> None:
    render(clip(seconds=3, audio=False), tmp_path / "clip")
    with av.open(str(tmp_path / "clip"), format="mp4") as container:
        keys = [packet.pts * packet.time_base for packet in container.demux(video=0) if packet.is_keyframe and packet.pts is not None]
    assert len(keys) >= 6
    assert max(float(b - a) for a, b in itertools.pairwise(keys)) <= 0.51


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    render(clip(title="A boat", model_id="google/veo-3-1"), tmp_path / "clip")
    with av.open(str(tmp_path / "clip"), format="mp4") as container:
        assert container.metadata["title"] == "A boat"
        assert container.metadata["comment"].startswith("Sandbox stand-in, no AI. model=google/veo-3-1 seed=3")


def test_same_spec_same_bytes_and_another_seed_another_picture(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        render(clip(seed=seed, scene="ocean", seconds=0.25), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert not np.array_equal(frames(tmp_path / "a")[0], frames(tmp_path / "c")[0])


def test_every_frame_wears_the_label(tmp_path: Path) -> None:
    spec = clip(width=640, height=360, scene="dunes", audio=False, seconds=2 / 24)
    render(spec, tmp_path / "clip")
    bare = np.asarray(draw_poster("dunes", 640, 360, seed=3, time=0), np.int16)
    difference = np.abs(frames(tmp_path / "clip")[0].astype(np.int16) - bare).max(axis=2)
    corner, other = difference[:40, 520:], difference[:40, :320]
    assert np.count_nonzero(corner > 20) > 120
    assert np.count_nonzero(other > 20) == 0


@pytest.fixture(scope="module")
def middles() -> dict[str, np.ndarray]:
    return {name: np.asarray(draw_poster(name, 480, 270, seed=1).convert("L")) for name in SCENE_NAMES}


def test_scenes_differ_in_kind(middles: dict[str, np.ndarray]) -> None:
    assert len(middles) >= 6
    for one, other in itertools.combinations(middles, 2):
        assert structural_similarity(middles[one], middles[other]) < 0.6, (one, other)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("scene", SCENE_NAMES)
def test_scenes_move(scene: str, middles: dict[str, np.ndarray]) -> None:
    later = np.asarray(draw_poster(scene, 480, 270, seed=1, time=3.5).convert("L"), np.int16)
    assert np.abs(later - middles[scene].astype(np.int16)).mean() > 2


def test_a_poster_has_the_size_of_its_clip() -> None:
    assert poster_frame(clip(width=300, height=200)).size == (300, 200)


def test_a_colour_of_the_prompt_is_seen(tmp_path: Path) -> None:
    def mean(tint: tuple[float, float, float] | None) -> np.ndarray:
        return np.array(np.asarray(poster_frame(clip(scene="dunes", tint=tint))).mean(axis=(0, 1)))

    plain, blue = mean(None), mean((0.74, 0.94, 1.32))
    assert blue[2] / blue[0] > plain[2] / plain[0] * 1.15


@pytest.mark.parametrize(("tint", "strongest"), [(tint_of("red"), 0), (tint_of("green"), 1), (tint_of("blue"), 2)])
def test_cloth_has_the_colour_that_the_prompt_names_whatever_the_seed(tint: Tint, strongest: int) -> None:
    drawn = [np.asarray(poster_frame(clip(scene="silk", tint=tint, seed=seed))).mean(axis=(0, 1)) for seed in range(5)]
    assert [int(mean.argmax()) for mean in drawn] == [strongest] * 5


def test_less_detail_draws_the_same_picture_in_less_time(tmp_path: Path) -> None:
    fine, coarse = (np.asarray(poster_frame(clip(width=640, height=360, detail=detail)), np.int16) for detail in (1.0, 0.1))
    assert fine.shape == coarse.shape
    assert np.abs(fine - coarse).mean() < 25
