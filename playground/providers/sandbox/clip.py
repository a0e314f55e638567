"""From a payload to the clip that is drawn for it: one reader for the many field names of the models."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .choice import choose_scene
from .directives import strip_directives

FRAMES_PER_SECOND = 24
MAX_SHORT_SIDE = 1080
DEFAULT_SHORT_SIDE = 720
DEFAULT_SECONDS = 5.0
# Sides beyond this come from absurd ratios; x264's level and the budget of the renderer both end about here.
MAX_LONG_SIDE = 2560

_RATIO_FIELDS = ("aspect_ratio", "aspectRatio", "ratio", "size", "image_size")
_SECONDS_FIELDS = ("duration", "n_frames", "extend_times", "seconds")
_TIER_FIELDS = ("resolution", "quality", "mode", "size", "output_resolution")
_AUDIO_FIELDS = ("generate_audio", "generateAudio", "sound", "audio", "generate_audio_switch")
_PICTURE_FIELDS = (
    "image_url", "imageUrl", "first_frame_url", "first_frame_image_url", "first_frame", "image_urls", "imageUrls",
    "input_urls", "reference_image_urls", "reference_image", "referenceImage", "last_frame_url",
    "last_frame_image_url", "end_image_url", "tail_image_url",
)  # fmt: skip
_NAMED_RATIOS = {"landscape": 16 / 9, "portrait": 9 / 16, "square": 1.0}
_NAMED_TIERS = {"std": 720, "pro": 1080, "standard": 720, "high": 1080, "hd": 720, "2k": 1440, "4k": 2160}
_RATIO = re.compile(r"(\d{1,5}(?:\.\d+)?)\s*[:x*/_]\s*(\d{1,5}(?:\.\d+)?)")
_TIER = re.compile(r"(\d{3,4})p?")


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """Everything that decides the frames of a clip; equal specs draw equal frames."""

    scene: str
    width: int
    height: int
    seconds: float
    seed: int
    audio: bool = True
    title: str = ""
    model_id: str = ""
    fps: int = FRAMES_PER_SECOND
    pictures: int = 0

    @property
    def frame_count(self) -> int:
        return max(1, round(self.seconds * self.fps))


def clip_from_payload(
    payload: Mapping[str, Any],
    seed: int,
    *,
    max_seconds: float,
    model_id: str = "",
    first_picture_size: tuple[int, int] | None = None,
) -> tuple[ClipSpec, tuple[str, ...]]:
    """The nearest clip that this machine draws, and a sentence for each wish that it could not meet.

    `seed` is the job's own draw and only counts where the payload names none.
    """
    notes: list[str] = []
    prompt = strip_directives(prompt_of(payload))
    width, height = _size(payload, first_picture_size, notes)
    drawn_seed = _seed(payload)
    spec = ClipSpec(
        scene=choose_scene(prompt),
        width=width,
        height=height,
        seconds=_seconds(payload, max_seconds, notes),
        seed=seed if drawn_seed is None else drawn_seed,
        audio=_audio(payload),
        title=_title(prompt),
        model_id=model_id,
        pictures=len(picture_links(payload)),
    )
    return spec, tuple(notes)


def seed_of_job(job_id: str) -> int:
    """A job's own draw, the same at every look: the sandbox keeps no table."""
    return int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:4], "big") >> 1


def prompt_of(payload: Mapping[str, Any]) -> str:
    """The words of a payload; shots of a multi-shot prompt are read as one text."""
    prompt = payload.get("prompt")
    if isinstance(prompt, str) and prompt.strip():
        return prompt
    shots = payload.get("multi_prompt")
    if isinstance(shots, Sequence) and not isinstance(shots, str):
        return " ".join(str(shot.get("prompt", "")) for shot in shots if isinstance(shot, Mapping)).strip()
    return prompt if isinstance(prompt, str) else ""


def picture_links(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Links of all input pictures, first frames before references before last frames."""
    links: list[str] = []
    for name in _PICTURE_FIELDS:
        value = payload.get(name)
        values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        links += [link for link in values if isinstance(link, str) and link and link not in links]
    return tuple(links)


def _size(payload: Mapping[str, Any], first_picture_size: tuple[int, int] | None, notes: list[str]) -> tuple[int, int]:
    ratio = _ratio(payload)
    if ratio is None and first_picture_size is not None and min(first_picture_size) > 0:
        ratio = first_picture_size[0] / first_picture_size[1]
    # One longer side decides both limits, so that a ratio survives the reduction.
    ratio = min(max(ratio or 16 / 9, 0.2), 5.0)
    short, asked = _short_side(payload)
    if asked > MAX_SHORT_SIDE:
        notes.append(f"Drawn in {MAX_SHORT_SIDE}p, the sandbox's limit; {_tier_word(asked)} was asked for.")
    short = min(short, int(MAX_LONG_SIDE / max(ratio, 1 / ratio)))
    long = _even(short * max(ratio, 1 / ratio))
    return (long, _even(short)) if ratio >= 1 else (_even(short), long)


def _ratio(payload: Mapping[str, Any]) -> float | None:
    for name in _RATIO_FIELDS:
        value = payload.get(name)
        if not isinstance(value, str):
            continue
        word = value.strip().lower()
        if word in _NAMED_RATIOS:
            return _NAMED_RATIOS[word]
        if (match := _RATIO.fullmatch(word)) and float(match[1]) > 0 and float(match[2]) > 0:
            return float(match[1]) / float(match[2])
    return None


def _short_side(payload: Mapping[str, Any]) -> tuple[int, int]:
    for name in _TIER_FIELDS:
        word = str(payload.get(name, "")).strip().lower()
        asked = _NAMED_TIERS.get(word, 0)
        if match := _TIER.fullmatch(word):
            asked = int(match[1])
        elif (match := _RATIO.fullmatch(word)) and min(float(match[1]), float(match[2])) >= 240:
            asked = int(min(float(match[1]), float(match[2])))
        if asked:
            return min(max(asked, 240), MAX_SHORT_SIDE), asked
    return DEFAULT_SHORT_SIDE, DEFAULT_SHORT_SIDE


def _seconds(payload: Mapping[str, Any], max_seconds: float, notes: list[str]) -> float:
    asked = 0.0
    for name in _SECONDS_FIELDS:
        asked = _number(payload.get(name)) or 0.0
        if asked > 0:
            break
    else:
        frames, rate = _number(payload.get("num_frames")), _number(payload.get("frames_per_second"))
        asked = frames / (rate or 16.0) if frames and frames > 0 else 0.0
    # Zero and -1 mean "as long as the model likes" at the providers.
    asked = asked if asked > 0 else DEFAULT_SECONDS
    if asked > max_seconds:
        notes.append(f"Drawn for {max_seconds:g} s, the sandbox's limit; {asked:g} s were asked for.")
    return max(min(asked, max_seconds), 1 / FRAMES_PER_SECOND)


def _audio(payload: Mapping[str, Any]) -> bool:
    for name in _AUDIO_FIELDS:
        value = payload.get(name)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in {"true", "false", "on", "off"}:
            return value.strip().lower() in {"true", "on"}
    return True


def _seed(payload: Mapping[str, Any]) -> int | None:
    for name in ("seed", "seeds"):
        value = payload.get(name)
        value = value[0] if isinstance(value, list) and value else value
        number = _number(value)
        if number is not None and number >= 0:
            return int(number)
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.strip().lower().removesuffix("s") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _title(prompt: str) -> str:
    words = " ".join("".join(char if char.isprintable() else " " for char in prompt).split())
    return words if len(words) <= 80 else words[:79].rstrip() + "…"


def _tier_word(short_side: int) -> str:
    return {1440: "2K", 2160: "4K"}.get(short_side, f"{short_side}p")


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
