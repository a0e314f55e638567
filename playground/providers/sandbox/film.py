"""The pictures of a clip: a scene of the sandbox's own, or what the job's input files are made into.

One function per kind of work, chosen by the parts that the input files play. Pictures come out at the drawn size; the
encoder enlarges them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from playground.catalog.inputs import Input

from .clip import ClipSpec
from .footage import Material
from .grading import Grade, Inset
from .pictures import stand_in
from .pixels import Developer, Field, stage
from .scenes import make_scene
from .shots import Camera, Reel, Shot, Still, dissolve, drawn_move, in_turn

# Drawing at full size is what costs: scenes are soft enough to be drawn small and enlarged.
_DRAWN_PIXELS = 640 * 360
_DRAWN_PIXELS_LARGE = 400_000
_LEAST_SIDE = 16
# A shot shorter than this would flicker by.
_LEAST_SHOT_SECONDS = 1.2
_SCENE_TINT = 0.55
_KEPT_SHARE = 0.6
# A clip whose last pictures are missing may still have one so long before its end.
_LOOK_BACK_SECONDS = 1.5


def film(material: Material) -> Iterator[Field]:
    """RGB pixels of every frame, channels last; each is valid until the next is asked for."""
    spec, asked = material.spec, material.asked
    times = [number / spec.fps for number in range(spec.frame_count)]
    if not asked.inputs or not any(file.kind != "audio" for file in asked.inputs):
        return scene_frames(spec, times)
    makers: list[tuple[bool, Callable[[_Cutter], Iterator[Image.Image]]]] = [
        (asked.scene == "upscale", _enlarged),
        (bool(asked.files("source", "motion")), _edited),
        (bool(asked.files("continued")), _continued),
        (bool(asked.files("first", "last")), _between_frames),
        (True, _references),
    ]
    cutter = _Cutter(material, times)
    make = next(maker for is_meant, maker in makers if is_meant)
    return (np.asarray(picture) for picture in make(cutter))


class SceneShot:
    """The sandbox's own scene, drawn small; where its camera moves, at the drawn size of input files."""

    def __init__(self, spec: ClipSpec) -> None:
        area = spec.width * spec.height
        drawn = (_DRAWN_PIXELS if area <= 1280 * 720 else _DRAWN_PIXELS_LARGE) * spec.detail
        scale = min(1.0, (drawn / area) ** 0.5)
        canvas = stage(max(_LEAST_SIDE, round(spec.width * scale)), max(_LEAST_SIDE, round(spec.height * scale)))
        self._size = canvas_size(spec)
        self._scene = make_scene(spec.scene, canvas, spec.seed, spec.tint)
        rng = np.random.default_rng(spec.seed)
        self._developer = Developer(canvas, rng, self._scene.exposure, vignette=self._scene.vignette, tint=_softened(spec))

    def pixels(self, moment: float) -> Field:
        """RGB, valid until the next call."""
        pixels = self._developer.develop(self._scene.frame(moment))
        view = self._scene.view(moment)
        return pixels if view is None else _zoomed(pixels, view, self._size)

    def image(self, moment: float) -> Image.Image:
        return Image.fromarray(self.pixels(moment)).resize(self._size, Image.Resampling.BICUBIC)


def scene_frames(spec: ClipSpec, times: list[float]) -> Iterator[Field]:
    """Frames of the scene alone."""
    shot = SceneShot(spec)
    return (shot.pixels(time) for time in times)


def _softened(spec: ClipSpec) -> tuple[float, ...] | None:
    return tuple(1 + (part - 1) * _SCENE_TINT for part in spec.tint) if spec.tint else None


def canvas_size(spec: ClipSpec) -> tuple[int, int]:
    """The size at which input files are drawn."""
    scale = min(1.0, spec.detail) ** 0.5
    return max(_LEAST_SIDE, round(spec.width * scale)), max(_LEAST_SIDE, round(spec.height * scale))


def _zoomed(pixels: Field, view: tuple[float, float, float], size: tuple[int, int]) -> Field:
    """Crop to a camera's view with parts of pixels (whole ones would jerk) and enlarge to full size at once."""
    across, down, zoom = view
    picture = Image.fromarray(pixels)
    width, height = picture.width / zoom, picture.height / zoom
    left, top = (picture.width - width) * across, (picture.height - height) * down
    box = (left, top, left + width, top + height)
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC, box=box))


class _Cutter:
    """What the makers share: the material, and shots made of them or of their stand-ins."""

    def __init__(self, material: Material, times: list[float]) -> None:
        self.spec, self.asked, self.footage, self.times = material.spec, material.asked, material.footage, times
        self.size = canvas_size(self.spec)
        self.rng = np.random.default_rng(self.spec.seed)

    @property
    def seconds(self) -> float:
        return max(self.spec.seconds, 1 / self.spec.fps)

    def words(self, file: Input) -> str:
        same = self.asked.files(file.part)
        number = f" {same.index(file) + 1}" if len(same) > 1 else ""
        return {"first": "First frame", "last": "Last frame", "reference": "Reference", "continued": "Clip to continue"}.get(
            file.part, "Clip"
        ) + number

    def picture(self, file: Input) -> Image.Image | None:
        """A picture, or the first one of a clip."""
        found = self.footage.picture(file.url) if file.kind != "video" else None
        if found is None and file.kind != "image":
            frames = self.footage.frames(file.url, start=float(file.start or 0), size=self.size)
            found = next(frames, (0.0, None))[1] if frames else None
        return found

    def still(self, file: Input) -> Image.Image:
        found = self.picture(file)
        return stand_in(self.size, self.words(file)) if found is None else found

    def reel(self, file: Input, *, at: float | None = None) -> Reel | None:
        """The running pictures from the file's own start, or from `at`."""

        def read() -> Iterator[tuple[float, Image.Image]]:
            end = float(file.end) - start if file.end is not None else None
            for moment, picture in self.footage.frames(file.url, start=start, size=self.size) or ():
                if end is not None and moment >= end:
                    return
                yield moment, picture

        start = float(file.start or 0) if at is None else at
        try:
            return Reel(read, self.size)
        except ValueError:
            return None

    def shot(self, file: Input, seconds: float, *, lead: float = 0.0) -> Shot:
        running = self.reel(file) if file.kind != "image" else None
        if running is not None and (file.kind == "video" or self.footage.picture(file.url) is None):
            return running
        return Still(self.still(file), self.size, seconds, drawn_move(self.rng), lead=lead)


def _enlarged(cutter: _Cutter) -> Iterator[Image.Image]:
    """The very clip, at the size that is asked for."""
    shot = cutter.shot(cutter.asked.files("source", "continued")[0], cutter.seconds)
    for time in cutter.times:
        yield shot.image(time)


def _edited(cutter: _Cutter) -> Iterator[Image.Image]:
    """The clip in other colours, with the pictures that it was given inset. A new voice leaves the picture alone."""
    asked = cutter.asked
    clips = asked.files("source", "motion")
    shots = [cutter.shot(clip, cutter.seconds / len(clips)) for clip in clips[: _most_shots(cutter)]]
    given = [picture for file in asked.files("reference", "first") if (picture := cutter.picture(file)) is not None]
    inset = Inset(given, cutter.size) if given else None
    grade = None if asked.files("speech") else Grade(cutter.spec.tint, cutter.rng)
    for time, picture in zip(cutter.times, in_turn(shots, cutter.seconds, cutter.times), strict=True):
        shown = grade.of(picture, time) if grade else picture
        yield inset.lay(shown, time) if inset else shown


def _continued(cutter: _Cutter) -> Iterator[Image.Image]:
    """From the last picture of the clip before into the scene of the prompt, without a jump at the seam."""
    clip = cutter.asked.files("continued")[0]
    last, kept_count = None, 0
    if clip.field == "first_clip_url":
        for picture in _kept_pictures(cutter, clip):
            last, kept_count = picture, kept_count + 1
            yield picture
    times = [number / cutter.spec.fps for number in range(len(cutter.times) - kept_count)]
    if not times:
        return
    seconds = len(times) / cutter.spec.fps
    last = last or _last_picture(cutter, clip) or stand_in(cutter.size, cutter.words(clip))
    closing = Still(last, cutter.size, seconds, (Camera(), Camera(0.7, 0.15, 1.16)))
    yield from dissolve(closing, SceneShot(cutter.spec), times, seconds * 0.35, seconds * 0.8)


def _kept_pictures(cutter: _Cutter, clip: Input) -> Iterator[Image.Image]:
    """The clip itself, where the finished one contains it: its last seconds, for at most the greater part."""
    length = _length(cutter, clip)
    seconds = min(length, cutter.seconds * _KEPT_SHARE)
    reel = cutter.reel(clip, at=length - seconds) if length else None
    if reel is None:
        return
    for number in range(int(seconds * cutter.spec.fps)):
        yield reel.image(number / cutter.spec.fps)


def _last_picture(cutter: _Cutter, clip: Input) -> Image.Image | None:
    """The picture at the place where the continuation starts, else the clip's last."""
    length = _length(cutter, clip)
    end = length if clip.start is None else min(length, float(clip.start))
    start = max(0.0, end - _LOOK_BACK_SECONDS)
    last = None
    for moment, picture in cutter.footage.frames(clip.url, start=start, size=cutter.size) or ():
        if last is not None and start + moment > end:
            break
        last = picture
    return last


def _length(cutter: _Cutter, clip: Input) -> float:
    found = cutter.footage.facts().media.get(clip.url)
    return float(found.seconds or 0) if found else 0.0


def _between_frames(cutter: _Cutter) -> Iterator[Image.Image]:
    """From the first frame to the last; one of them alone gets a camera move, slower and nearer for somebody who speaks."""
    asked = cutter.asked
    first, last = (next(iter(asked.files(part)), None) for part in ("first", "last"))
    if first and last:
        towards = Camera(0.5, 0.5, 1.12)
        opening = Still(cutter.still(first), cutter.size, cutter.seconds, (Camera(), towards))
        ending = Still(cutter.still(last), cutter.size, cutter.seconds, (towards, Camera()))
        return dissolve(opening, ending, cutter.times, cutter.seconds * 0.3, cutter.seconds * 0.7)
    only = first or last
    assert only is not None
    others = asked.files("reference")[: _most_shots(cutter) - 1]
    if asked.files("speech"):
        move = Camera(0.5, 0.4, 1.04), Camera(0.5, 0.4, 1.14)
        return in_turn([Still(cutter.still(only), cutter.size, cutter.seconds, move)], cutter.seconds, cutter.times)
    share = cutter.seconds / (1 + len(others))
    return in_turn([cutter.shot(file, share, lead=0.1) for file in (only, *others)], cutter.seconds, cutter.times)


def _references(cutter: _Cutter) -> Iterator[Image.Image]:
    """Pictures and clips that are to be seen in the video, in turn."""
    files = [file for file in cutter.asked.files("reference") if file.kind != "audio"][: _most_shots(cutter)]
    share = cutter.seconds / len(files)
    return in_turn([cutter.shot(file, share, lead=0.1) for file in files], cutter.seconds, cutter.times)


def _most_shots(cutter: _Cutter) -> int:
    return max(1, int(cutter.seconds / _LEAST_SHOT_SECONDS))
