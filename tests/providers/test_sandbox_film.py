"""What the sandbox makes of input files: every part that a file can play is seen or heard in the clip."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from playground.catalog import registry
from playground.catalog.facts import Facts, MediaFacts
from playground.providers.sandbox import SAMPLE_RATE, plan_clip, render
from playground.providers.sandbox.footage import Material
from playground.providers.sandbox.pictures import load_picture
from playground.providers.sandbox.soundtrack import soundtrack

RED, GREEN, BLUE = (200, 40, 40), (40, 180, 60), (40, 60, 200)
FIRST, LAST, OTHER = (f"https://example.com/{name}.png" for name in ("first", "last", "other"))
MOVIE, VOICE, TASK = "https://example.com/movie.mp4", "https://example.com/voice.mp3", "an-earlier-task"
FPS = 12


class Shelf:
    """Pictures of one colour, clips that go through colours, a tone."""

    def __init__(
        self,
        pictures: dict[str, tuple[int, int, int]] | None = None,
        movies: dict[str, list[tuple[int, int, int]]] | None = None,
        sounds: dict[str, float] | None = None,
    ) -> None:
        self.pictures, self.movies, self.sounds = pictures or {}, movies or {}, sounds or {}

    def facts(self) -> Facts:
        media = {url: MediaFacts("image/png", width=320, height=180) for url in self.pictures}
        for url, colours in self.movies.items():
            media[url] = MediaFacts("video/mp4", None, 320, 180, Decimal(len(colours)) / FPS, Decimal(FPS), url in self.sounds)
        for url, seconds in self.sounds.items():
            media.setdefault(url, MediaFacts("audio/mpeg", seconds=Decimal(str(seconds)), has_audio=True))
        return Facts(media)

    def picture(self, url: str) -> Image.Image | None:
        return Image.new("RGB", (320, 180), self.pictures[url]) if url in self.pictures else None

    def frames(self, url: str, *, start: float, size: tuple[int, int]) -> Iterator[tuple[float, Image.Image]] | None:
        if url not in self.movies:
            return None
        colours = self.movies[url][round(start * FPS) :]
        return ((number / FPS, Image.new("RGB", (320, 180), colour)) for number, colour in enumerate(colours))

    def sound(self, url: str, *, start: float, seconds: float) -> np.ndarray | None:
        if url not in self.sounds:
            return None
        count = round(min(self.sounds[url] - start, seconds) * SAMPLE_RATE)
        return np.full((2, count), 0.25, np.float32)


def film(model: str, shelf: Shelf, tmp_path: Path, *, max_seconds: float = 15, **payload: Any) -> list[np.ndarray]:
    """The colour in the middle of every frame."""
    plan = plan_clip(registry.get(model), payload, 5, max_seconds=max_seconds, facts=shelf.facts(), detail=0.05)
    render(plan.spec, tmp_path / "clip", asked=plan.asked, footage=shelf)
    with av.open(str(tmp_path / "clip"), format="mp4") as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    height, width = pictures[0].shape[:2]
    middle = np.s_[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4]
    return [picture[middle].mean(axis=(0, 1)) for picture in pictures]


def heard(model: str, shelf: Shelf, **payload: Any) -> np.ndarray:
    plan = plan_clip(registry.get(model), payload, 5, max_seconds=15, facts=shelf.facts())
    return soundtrack(Material(plan.spec, plan.asked, shelf))


def is_like(shown: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(shown - colour).max() < 22)


def test_a_first_frame_is_travelled_over(tmp_path: Path) -> None:
    shown = film("kling/v2-1-standard", Shelf({FIRST: RED}), tmp_path, max_seconds=0.5, prompt="x", image_url=FIRST, duration="5")
    assert all(is_like(colour, RED) for colour in shown)


def test_from_the_first_frame_to_the_last(tmp_path: Path) -> None:
    shelf = Shelf({FIRST: RED, LAST: BLUE})
    payload: dict[str, Any] = {
        "prompt": "x",
        "first_frame_image_url": FIRST,
        "last_frame_image_url": LAST,
        "duration": 1,
        "quality": "360p",
    }
    shown = film("pixverse-v6/transition", shelf, tmp_path, **payload)
    assert is_like(shown[0], RED) and is_like(shown[-1], BLUE)
    assert RED[0] - 30 > shown[12][0] > BLUE[0] + 30


def test_references_are_shown_in_turn(tmp_path: Path) -> None:
    shelf = Shelf({FIRST: RED, OTHER: BLUE}, {MOVIE: [GREEN] * FPS})
    payload: dict[str, Any] = {
        "prompt": "x",
        "reference_image": [FIRST, OTHER],
        "reference_video": [MOVIE],
        "duration": 6,
        "resolution": "720p",
    }
    shown = film("wan/2-7-r2v", shelf, tmp_path, **payload)
    assert is_like(shown[6], RED) and is_like(shown[70], BLUE) and is_like(shown[-6], GREEN)


def test_references_that_are_too_many_do_not_flicker_by(tmp_path: Path) -> None:
    shelf = Shelf({FIRST: RED, OTHER: BLUE})
    payload: dict[str, Any] = {"prompt": "x", "reference_image": [FIRST, OTHER], "duration": 2, "resolution": "720p"}
    shown = film("wan/2-7-r2v", shelf, tmp_path, max_seconds=1.0, **payload)
    assert all(is_like(colour, RED) for colour in shown)


def test_an_edit_begins_as_the_clip_is_and_ends_in_other_colours(tmp_path: Path) -> None:
    colours = [(120, 120, 120)] * 36
    shown = film("happyhorse/video-edit", Shelf({}, {MOVIE: colours}), tmp_path, prompt="make it blue", video_url=MOVIE, resolution="720p")
    assert len(shown) == 72
    assert is_like(shown[0], (120, 120, 120))
    assert shown[-1][2] > shown[-1][0] + 30


def test_a_clip_that_is_shorter_than_asked_begins_again(tmp_path: Path) -> None:
    shelf = Shelf({}, {MOVIE: [RED] * FPS + [BLUE] * FPS})
    payload: dict[str, Any] = {"prompt": "x", "video_urls": [MOVIE], "duration": "5", "resolution": "720p", "audio": False}
    shown = film("wan/2-6-flash-video-to-video", shelf, tmp_path, **payload)
    assert len(shown) == 120
    warm = [colour[0] > colour[2] for colour in shown]
    assert warm[40] is np.False_ and warm[54] is np.True_ and warm[84] is np.False_


def test_what_is_enlarged_is_the_very_clip(tmp_path: Path) -> None:
    shown = film("veo/1080p", Shelf({}, {TASK: [RED] * 6 + [GREEN] * 6}), tmp_path, taskId=TASK)
    assert len(shown) == 24
    assert is_like(shown[3], RED) and is_like(shown[20], GREEN)


def test_an_extension_begins_with_the_last_picture_of_the_clip_before(tmp_path: Path) -> None:
    shelf = Shelf({}, {TASK: [RED] * FPS + [GREEN] * FPS * 2})
    at_the_end = film("pixverse-v6/extend", shelf, tmp_path, prompt="a city", taskId=TASK, duration=1, quality="360p")
    assert is_like(at_the_end[0], GREEN) and not is_like(at_the_end[-1], GREEN)
    earlier = film("grok-imagine/extend", shelf, tmp_path, max_seconds=0.2, task_id=TASK, prompt="x", extend_at=0.5, extend_times="6")
    assert is_like(earlier[0], RED)


def test_a_story_that_goes_on_contains_the_clip_that_it_began_with(tmp_path: Path) -> None:
    shelf = Shelf({}, {MOVIE: [RED] * FPS + [GREEN] * FPS})
    payload: dict[str, Any] = {"prompt": "a neon city", "first_clip_url": MOVIE, "duration": 5, "resolution": "720p"}
    shown = film("wan/2-7-image-to-video", shelf, tmp_path, **payload)
    assert len(shown) == 120
    assert is_like(shown[5], RED) and is_like(shown[45], GREEN) and is_like(shown[50], GREEN)
    assert not is_like(shown[-1], GREEN)


@pytest.mark.parametrize(
    ("model", "payload"),
    [
        ("kling/v2-1-standard", {"image_url": FIRST, "duration": "5"}),
        ("happyhorse/video-edit", {"video_url": MOVIE, "reference_image": [OTHER], "resolution": "720p"}),
        ("kling-2.6/motion-control", {"input_urls": [FIRST], "video_urls": [MOVIE]}),
        ("veo/extend", {"taskId": TASK}),
        ("veo/4k", {"taskId": TASK}),
        ("infinitalk/from-audio", {"image_url": FIRST, "audio_url": VOICE}),
        ("wan/2-7-r2v", {"reference_image": [FIRST], "reference_video": [MOVIE]}),
        ("kling-3.0/video", {"kling_elements": [{"name": "dog", "element_input_urls": [FIRST]}]}),
        ("wan/2-7-image-to-video", {"first_clip_url": MOVIE}),
    ],
)
def test_what_could_not_be_fetched_is_stood_in_for(model: str, payload: dict[str, Any], tmp_path: Path) -> None:
    shown = film(model, Shelf(), tmp_path, max_seconds=0.3, prompt="x", **payload)
    assert len(shown) == 7


def test_a_given_voice_is_heard_and_decides_how_long_the_clip_is() -> None:
    shelf = Shelf({FIRST: RED}, sounds={VOICE: 2.5})
    track = heard("infinitalk/from-audio", shelf, prompt="x", image_url=FIRST, audio_url=VOICE)
    assert track.shape == (2, round(2.5 * SAMPLE_RATE))
    assert np.median(track) == pytest.approx(0.25)


def test_a_voice_for_longer_than_the_clip_ends_in_silence_when_it_is_over() -> None:
    track = heard("wan/2-7-text-to-video", Shelf(sounds={VOICE: 1.0}), prompt="x", audio_url=VOICE, duration=2)
    assert track[0, SAMPLE_RATE // 2] == pytest.approx(0.25)
    assert not track[:, SAMPLE_RATE + 1 :].any()


def test_an_edit_keeps_the_sound_of_its_clip_again_and_again() -> None:
    shelf = Shelf({}, {MOVIE: [RED] * FPS}, {MOVIE: 1.0})
    track = heard("wan/2-6-flash-video-to-video", shelf, prompt="x", video_urls=[MOVIE], duration="5", audio=True)
    assert track.shape[1] == 5 * SAMPLE_RATE
    assert track[0, round(4.5 * SAMPLE_RATE)] == pytest.approx(0.25)


def test_transparent_and_turned_pictures_are_shown_as_they_are_meant(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 20), (*RED, 0)).save(tmp_path / "clear.png")
    clear = load_picture(tmp_path / "clear.png")
    assert clear is not None and clear.getpixel((5, 5)) == (128, 128, 132)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20), RED).save(tmp_path / "turned.jpg", exif=exif)
    turned = load_picture(tmp_path / "turned.jpg")
    assert turned is not None and turned.size == (20, 40)


def test_a_playlist_under_a_picture_s_name_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"#EXTM3U\nnot a picture")
    assert load_picture(tmp_path / "a.png") is None
