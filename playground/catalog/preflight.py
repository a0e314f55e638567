"""Whether a file is what a field takes: its real type, size, shape, length and speed against the card's limits.

A measure that nobody could take is not judged. What can be mended comes with a `Fix`; whoever holds the file carries it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from playground.catalog.card import Card, JSONObject
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.filetypes import canonical, kind_of, type_in_words, types_in_words, writable_among
from playground.catalog.schema import Problem, pointer_to
from playground.catalog.sentences import title_of
from playground.catalog.values import listed, plain

BYTES_PER_MB = 1_000_000
# Whole pixels cannot hit every ratio, and encoders cannot hit every length and speed.
_RATIO_SLACK = 0.005
_SECONDS_SLACK = Decimal("0.05")
_FPS_SLACK = Decimal("0.05")
_MEDIA_WIDGETS = frozenset({"image", "images", "video", "videos", "audio", "audios", "files"})


@dataclass(frozen=True, slots=True)
class Fix:
    """How to mend a file; `label` is what the button says. Only what the kind needs is set.

    `crop` (or padding: the person's choice) brings it to `ratio`, width / height; `downscale` to `width` × `height`;
    `reencode` to `content_type`, within `max_bytes` and at `fps`; `trim` to the first `seconds`.
    """

    kind: Literal["crop", "pad", "downscale", "reencode", "trim"]
    label: str
    ratio: float | None = None
    width: int | None = None
    height: int | None = None
    content_type: str = ""
    max_bytes: int | None = None
    fps: Decimal | None = None
    seconds: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FileProblem:
    """`rule` is a short stable name; `message` a sentence about "it", the file; `fix` None where nothing can be done."""

    rule: str
    message: str
    fix: Fix | None = None


def file_problems(spec: JSONObject, facts: MediaFacts) -> list[FileProblem]:
    """What is wrong with one file for a field; `spec` is the field's schema, that of a list or that of an entry's property."""
    if wrong_type := _type(spec, facts):
        return [wrong_type]
    limits = spec.get("x-media", {})
    found = [_size(spec, facts), _ratio(limits, facts), *_sides(limits, facts), *_pixels(limits, facts)]
    found += [*_length(limits, facts), _speed(limits, facts), _pages(limits, facts)]
    return [problem for problem in found if problem]


def list_problems(spec: JSONObject, files: Sequence[MediaFacts | None]) -> list[FileProblem]:
    """What is wrong with the files of a field taken together; None stands for one that nobody could look at."""
    return [problem for problem in (_total(spec.get("x-media", {}), files), _mixture(spec, files)) if problem]


def problems(card: Card, payload: Mapping[str, Any], facts: Facts) -> list[Problem]:
    """All problems of a payload's files, with pointers; the payload need not be valid."""
    return [problem for name, spec in card.properties.items() for problem in _within(card, spec, payload.get(name), (name,), facts)]


def _within(card: Card, spec: JSONObject, value: object, path: tuple[str | int, ...], facts: Facts) -> Iterator[Problem]:
    if spec.get("x-widget") in _MEDIA_WIDGETS:
        yield from _of_files(card, spec, value, path, facts)
    elif spec.get("type") == "array" and isinstance(value, list):
        inner = spec.get("items", {}).get("properties", {})
        for index, entry in enumerate(value):
            for name, deeper in inner.items() if isinstance(entry, Mapping) else ():
                yield from _within(card, deeper, entry.get(name), (*path, index, name), facts)


def _of_files(card: Card, spec: JSONObject, value: object, path: tuple[str | int, ...], facts: Facts) -> Iterator[Problem]:
    urls = [str(url) for url in listed(value)]
    files = [facts.media.get(url) for url in urls]
    for index, file in enumerate(files):
        where = (*path, index) if isinstance(value, list) else path
        for found in file_problems(spec, file) if file else ():
            yield _problem(card, where, found)
    for found in list_problems(spec, files):
        yield _problem(card, path, found)


def _problem(card: Card, path: tuple[str | int, ...], found: FileProblem) -> Problem:
    return Problem(pointer_to(*path), found.rule, f"{title_of(card, path)}: {found.message[0].lower()}{found.message[1:]}")


def _type(spec: JSONObject, facts: MediaFacts) -> FileProblem | None:
    accepted = [str(name) for name in spec.get("x-accept", ())]
    actual = canonical(facts.content_type)
    if not actual or not accepted or actual in {canonical(name) for name in accepted}:
        return None
    target = writable_among(accepted, kind_of(actual))
    fix = Fix("reencode", f"Convert to {type_in_words(target)}", content_type=target) if target else None
    return FileProblem("type", f"It is {type_in_words(actual)}; {types_in_words(accepted)} {_are(accepted)} taken.", fix)


def _are(names: Sequence[str]) -> str:
    return "is" if len({type_in_words(name) for name in names}) == 1 else "are"


def _size(spec: JSONObject, facts: MediaFacts) -> FileProblem | None:
    most = spec.get("x-max-mb")
    if most is None or facts.size_bytes is None or facts.size_bytes <= most * BYTES_PER_MB:
        return None
    megabytes = plain((Decimal(facts.size_bytes) / BYTES_PER_MB).quantize(Decimal("0.01")))
    target = writable_among([str(name) for name in spec.get("x-accept", ())] or [facts.content_type], kind_of(facts.content_type))
    limit = int(most * BYTES_PER_MB)
    fix = Fix("reencode", f"Make it fit into {most} MB", content_type=target, max_bytes=limit) if target else None
    return FileProblem("size", f"It has {megabytes} MB; at most {most} MB are taken.", fix)


def _bounds(limits: JSONObject, name: str) -> tuple[float | None, float | None]:
    """The least and the most of a measure, however the card spells it: `side_px` or `min_side_px` and `max_side_px`."""
    low, high = limits.get(name, (None, None))
    return (limits.get(f"min_{name}", low), limits.get(f"max_{name}", high))


def _ratio(limits: JSONObject, facts: MediaFacts) -> FileProblem | None:
    low, high = _bounds(limits, "ratio")
    if not facts.width or not facts.height or (low is None and high is None):
        return None
    ratio = facts.width / facts.height
    if low is not None and ratio < low * (1 - _RATIO_SLACK):
        nearest = low
    elif high is not None and ratio > high * (1 + _RATIO_SLACK):
        nearest = high
    else:
        return None
    words = f"It is {plain(round(ratio, 2))} times as wide as high ({_by(facts)}); {_range(low, high)} times is taken."
    return FileProblem("ratio", words, Fix("crop", "Change the shape", ratio=nearest))


def _sides(limits: JSONObject, facts: MediaFacts) -> Iterator[FileProblem]:
    low, high = _bounds(limits, "side_px")
    if not facts.width or not facts.height:
        return
    shorter, longer = sorted((facts.width, facts.height))
    if low is not None and shorter < low:
        yield FileProblem("min_side", f"Its shorter side has {shorter} px ({_by(facts)}); at least {plain(low)} px are needed.")
    if high is not None and longer > high:
        words = f"Its longer side has {longer} px ({_by(facts)}); at most {plain(high)} px are taken."
        yield FileProblem("max_side", words, _scaled(facts, high / longer))


def _pixels(limits: JSONObject, facts: MediaFacts) -> Iterator[FileProblem]:
    low, high = _bounds(limits, "pixels")
    if not facts.width or not facts.height:
        return
    pixels = facts.width * facts.height
    if low is not None and pixels < low:
        yield FileProblem("min_pixels", f"It has {pixels:,} pixels ({_by(facts)}); at least {int(low):,} are needed.")
    if high is not None and pixels > high:
        words = f"It has {pixels:,} pixels ({_by(facts)}); at most {int(high):,} are taken."
        yield FileProblem("max_pixels", words, _scaled(facts, (high / pixels) ** 0.5))


def _scaled(facts: MediaFacts, factor: float) -> Fix:
    """Down to even sides, as video encoders want them, and never a pixel over."""
    width, height = (max(2, int(side * factor) // 2 * 2) for side in (facts.width or 2, facts.height or 2))
    return Fix("downscale", f"Scale down to {width} × {height}", width=width, height=height)


def _length(limits: JSONObject, facts: MediaFacts) -> Iterator[FileProblem]:
    if facts.seconds is None:
        return
    low = limits.get("min_s")
    high = min((limits[name] for name in ("max_s", "total_s") if name in limits), default=None)
    if low is not None and facts.seconds < Decimal(str(low)) - _SECONDS_SLACK:
        yield FileProblem("min_seconds", f"It lasts {_seconds(facts.seconds)} s; at least {plain(low)} s are needed.")
    if high is not None and facts.seconds > Decimal(str(high)) + _SECONDS_SLACK:
        words = f"It lasts {_seconds(facts.seconds)} s; at most {plain(high)} s are taken."
        yield FileProblem("max_seconds", words, Fix("trim", f"Keep the first {plain(high)} s", seconds=Decimal(str(high))))


def _speed(limits: JSONObject, facts: MediaFacts) -> FileProblem | None:
    low, high = _bounds(limits, "fps")
    if facts.fps is None:
        return None
    if low is not None and facts.fps < Decimal(str(low)) - _FPS_SLACK:
        target = Decimal(str(low))
    elif high is not None and facts.fps > Decimal(str(high)) + _FPS_SLACK:
        target = Decimal(str(high))
    else:
        return None
    words = f"It has {_seconds(facts.fps)} frames a second; {_range(low, high)} are taken."
    return FileProblem("fps", words, Fix("reencode", f"Change to {plain(target)} frames a second", fps=target))


def _pages(limits: JSONObject, facts: MediaFacts) -> FileProblem | None:
    most = limits.get("max_pages")
    if most is None or facts.pages is None or facts.pages <= most:
        return None
    return FileProblem("pages", f"It has {facts.pages} pages; at most {most} are taken.")


def _total(limits: JSONObject, files: Sequence[MediaFacts | None]) -> FileProblem | None:
    """One alone that is too long says so itself."""
    most = limits.get("total_s")
    lengths = [file.seconds for file in files if file and file.seconds is not None]
    total = sum(lengths, Decimal(0))
    if most is None or len(lengths) < 2 or total <= Decimal(str(most)) + _SECONDS_SLACK:
        return None
    left = Decimal(str(most)) - (total - lengths[-1])
    fix = Fix("trim", f"Keep the first {_seconds(left)} s of the last one", seconds=left) if left >= limits.get("min_s", 1) else None
    return FileProblem("total_seconds", f"They last {_seconds(total)} s together; at most {plain(most)} s are taken.", fix)


def _mixture(spec: JSONObject, files: Sequence[MediaFacts | None]) -> FileProblem | None:
    """A list that takes pictures or a clip (a person to keep the same) takes several of the one or just one of the other."""
    if not {"image", "video"} <= {kind_of(str(name)) for name in spec.get("x-accept", ())}:
        return None
    kinds = [kind_of(file.content_type) if file else "" for file in files]
    most = spec.get("maxItems", len(files))
    if "video" in kinds and len(files) > 1:
        return FileProblem("one_clip", f"They are {len(files)} files with a clip among them; a clip stands alone.")
    if kinds == ["image"] and most > 1:
        return FileProblem("min_pictures", f"It is one picture; 2 to {most} pictures or one clip are needed.")
    return None


def _by(facts: MediaFacts) -> str:
    return f"{facts.width} × {facts.height}"


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at most {plain(high or 0)}" if low is None else f"at least {plain(low)}"
    return f"{plain(low)} to {plain(high)}"


def _seconds(number: Decimal) -> str:
    return plain(number.quantize(Decimal("0.01")))
