"""What clip a payload asks for, whatever its model calls the fields: shape, size, length, sound and its input files.

The one reading that the sandbox draws from, the page reserves its frame by and hints compare with. A value that the
payload leaves open is filled in with what the card says the model takes; what nobody knows stays None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from playground.catalog.card import Card
from playground.catalog.facts import NOTHING_KNOWN, Facts, MediaFacts
from playground.catalog.inputs import Input, Part, inputs_of
from playground.catalog.roles import assumed, field_for, tier_lines, value_for

_NAMED_RATIOS = {"landscape": 16 / 9, "portrait": 9 / 16, "square": 1.0}
_RATIO = re.compile(r"(\d{1,5}(?:\.\d+)?)\s*[:x*/_]\s*(\d{1,5}(?:\.\d+)?)")
_LEAST_LINES_OF_A_SIZE = 240


@dataclass(frozen=True, slots=True)
class Intent:
    """`ratio` is width / height, or None: free. `shape_of` is the input (URL or task id) whose shape the clip takes, or "".

    `short_side` is in pixels, None where no field and no note says it; `seconds` is None while it depends on a file that
    nobody measured, or is the model's choice. `has_audio` is None where the sound of an input is kept and not known.
    `factor` enlarges the source's sides. `inputs` are first frames, references, last frames, clips, sounds, in order.
    """

    ratio: float | None
    shape_of: str
    short_side: int | None
    seconds: Decimal | None
    has_audio: bool | None
    factor: int | None
    inputs: tuple[Input, ...]
    scene: str

    def files(self, *parts: Part) -> tuple[Input, ...]:
        """The inputs that play one of these parts."""
        return tuple(file for file in self.inputs if file.part in parts)

    @property
    def parent(self) -> str:
        """The id of the earlier task that is continued or enlarged, or ""."""
        return next((file.url for file in self.inputs if file.field in ("task_id", "taskId", "extension_task_id")), "")


def intent(card: Card, payload: Mapping[str, Any], facts: Facts = NOTHING_KNOWN) -> Intent:
    """Read a payload. Never fails: values that no model takes count as not given. `facts.media` may also hold an
    earlier task's clip, under the task's id."""
    inputs = inputs_of(card, payload)
    reading = _Reading(card, payload, facts, inputs)
    shape_of = reading.shape_of()
    factor = reading.factor()
    return Intent(
        ratio=reading.ratio(shape_of),
        shape_of=shape_of,
        short_side=reading.short_side(shape_of, factor),
        seconds=reading.seconds(),
        has_audio=reading.has_audio(),
        factor=factor,
        inputs=inputs,
        scene=reading.scene(),
    )


def facets(card: Card, payload: Mapping[str, Any]) -> tuple[str, float | None]:
    """Scene and ratio alone, of a payload whose files nobody knows; for hot paths."""
    reading = _Reading(card, payload, NOTHING_KNOWN, inputs_of(card, payload))
    return reading.scene(), reading.ratio(reading.shape_of())


@dataclass(frozen=True, slots=True)
class _Reading:
    card: Card
    payload: Mapping[str, Any]
    facts: Facts
    inputs: tuple[Input, ...]

    def first(self, *parts: Part) -> Input | None:
        return next((file for part in parts for file in self.inputs if file.part == part), None)

    def measured(self, file: Input | None) -> MediaFacts | None:
        return self.facts.media.get(file.url) if file else None

    def scene(self) -> str:
        """What is done, in the words of the card's scenes."""
        scenes = self.card.scenes
        if len(scenes) == 1:
            return scenes[0]
        wanted = (
            ("source", "video-to-video"), ("continued", "image-to-video"), ("first", "image-to-video"), ("last", "image-to-video"),
            ("reference", "reference-to-video"), ("sound", "reference-to-video"),
        )  # fmt: skip
        parts = {file.part for file in self.inputs}
        found = next((scene for part, scene in wanted if part in parts and scene in scenes), None)
        if found is None and self.payload.get("reference_file_urls") and "document-to-video" in scenes:
            found = "document-to-video"
        return found or ("text-to-video" if "text-to-video" in scenes or not scenes else scenes[0])

    def shape_of(self) -> str:
        word = value_for(self.card, "ratio", self.payload)
        follows = self.card.output.get("shape") == "first_frame" and self.first("first") is not None
        if parse_ratio(word) is not None and not follows:
            return ""
        size = self._size_word()
        file = self.first("first", "source", "continued", "last", "motion", "reference")
        return file.url if file and file.kind != "audio" and parse_ratio(size) is None else ""

    def ratio(self, shape_of: str) -> float | None:
        if shape_of:
            found = self.facts.media.get(shape_of)
            return found.width / found.height if found and found.width and found.height else None
        return parse_ratio(value_for(self.card, "ratio", self.payload)) or parse_ratio(self._size_word())

    def _size_word(self) -> object:
        name = next((name for name in ("size", "image_size") if name in self.card.properties), "")
        return self.payload.get(name, assumed(self.card, name, self.payload)) if name else None

    def short_side(self, shape_of: str, factor: int | None) -> int | None:
        asked = tier_lines(value_for(self.card, "resolution", self.payload)) or tier_lines(self.card.output.get("resolution"))
        if asked:
            return asked
        if sides := _sides(self._size_word()):
            return min(sides)
        found = self.facts.media.get(shape_of) if factor or "extend" in self.card.scenes else None
        if found and found.width and found.height:
            return min(found.width, found.height) * (factor or 1)
        return None

    def factor(self) -> int | None:
        name = "upscale_factor"
        number = _number(self.payload.get(name, self.card.defaults.get(name))) if name in self.card.properties else None
        return int(number) if number else None

    def seconds(self) -> Decimal | None:
        clip = self.first("source", "motion")
        if clip and clip.field == "video_list":
            return self._length(clip)  # a clip that is given with its cut decides, whatever `duration` says
        asked = self._asked_seconds()
        if asked is not None:
            return asked
        rule = self.card.pricing.get("seconds", {})
        if "ratio" in rule:
            frames, frames_default, rate, rate_default = rule["ratio"]
            count, speed = (_number(self.payload.get(name, default)) for name, default in ((frames, frames_default), (rate, rate_default)))
            return count / speed if count and speed and speed > 0 else None
        if fixed := _number(self.card.output.get("seconds")):
            return fixed
        return self._media_seconds(clip)

    def _asked_seconds(self) -> Decimal | None:
        name = field_for(self.card, "duration")
        if name and name in self.payload:
            number = _number(self.payload[name])
            return number if number is not None and number > 0 else None
        shots = self._shot_seconds()
        if shots is not None:
            return shots
        number = _number(assumed(self.card, name, self.payload)) if name else None
        return number if number is not None and number > 0 else None

    def _shot_seconds(self) -> Decimal | None:
        name = field_for(self.card, "shots")
        shots = self.payload.get(name) if name else None
        lengths = [_number(shot.get("duration")) for shot in shots if isinstance(shot, Mapping)] if isinstance(shots, list) else []
        known = [length for length in lengths if length is not None and length > 0]
        return sum(known, Decimal(0)) if known and len(known) == len(lengths) else None

    def _media_seconds(self, clip: Input | None) -> Decimal | None:
        voice = self.first("speech")
        if clip is None:
            return self._length(voice)
        length = self._length(clip)
        # Lip sync: the clip is repeated for a longer voice where that is asked for, else the clip says how long.
        if voice and self.payload.get("align_audio", self.card.defaults.get("align_audio")) and self.payload.get("mode") != "basic":
            spoken = self._length(voice)
            return max(length, spoken) if length is not None and spoken is not None else None
        return length

    def _length(self, file: Input | None) -> Decimal | None:
        found = self.measured(file)
        whole = found.seconds if found else None
        if file is None:
            return None
        start = file.start or Decimal(0)
        if file.end is not None:
            return max(Decimal(0), min(file.end, whole) - start if whole is not None else file.end - start) or None
        return max(Decimal(0), whole - start) or None if whole is not None else None

    def has_audio(self) -> bool | None:
        if self.first("speech"):
            return True
        name = field_for(self.card, "audio")
        if name:
            value = self.payload.get(name, assumed(self.card, name, self.payload))
            return value if isinstance(value, bool) else False
        setting = self.payload.get("audio_setting", self.card.defaults.get("audio_setting"))
        said = "input" if setting == "origin" else self.card.output.get("audio", True)
        if said != "input":
            return bool(said)
        found = self.measured(self.first("source", "motion", "continued"))
        return found.has_audio if found else None


def parse_ratio(word: object) -> float | None:
    """Width / height of "16:9", "480*832" or "portrait"; None for "auto", "adaptive" and everything else."""
    text = word.strip().lower() if isinstance(word, str) else ""
    if text in _NAMED_RATIOS:
        return _NAMED_RATIOS[text]
    match = _RATIO.fullmatch(text)
    return float(match[1]) / float(match[2]) if match and float(match[1]) > 0 and float(match[2]) > 0 else None


def _sides(word: object) -> tuple[int, int] | None:
    match = _RATIO.fullmatch(word.strip().lower()) if isinstance(word, str) else None
    sides = (int(float(match[1])), int(float(match[2]))) if match else (0, 0)
    return sides if min(sides) >= _LEAST_LINES_OF_A_SIZE else None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip().lower().removesuffix("s"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 1_000_000 else None
