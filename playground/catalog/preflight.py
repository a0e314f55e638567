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
from playground.core.speech import gettext as _
from playground.core.speech import lowered, ngettext

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
    return Problem(pointer_to(*path), found.rule, f"{title_of(card, path)}: {lowered(found.message)}")


def _type(spec: JSONObject, facts: MediaFacts) -> FileProblem | None:
    accepted = [str(name) for name in spec.get("x-accept", ())]
    actual = canonical(facts.content_type)
    if not actual or not accepted or actual in {canonical(name) for name in accepted}:
        return None
    target = writable_among(accepted, kind_of(actual))
    fix = Fix("reencode", _("Convert to %(type)s") % {"type": type_in_words(target)}, content_type=target) if target else None
    count = len({type_in_words(name) for name in accepted})
    words = ngettext("It is %(type)s; %(accepted)s is taken.", "It is %(type)s; %(accepted)s are taken.", count)
    return FileProblem("type", words % {"type": type_in_words(actual), "accepted": types_in_words(accepted)}, fix)


def _size(spec: JSONObject, facts: MediaFacts) -> FileProblem | None:
    most = spec.get("x-max-mb")
    if most is None or facts.size_bytes is None or facts.size_bytes <= most * BYTES_PER_MB:
        return None
    megabytes = plain((Decimal(facts.size_bytes) / BYTES_PER_MB).quantize(Decimal("0.01")))
    target = writable_among([str(name) for name in spec.get("x-accept", ())] or [facts.content_type], kind_of(facts.content_type))
    limit = int(most * BYTES_PER_MB)
    label = _("Make it fit into %(limit)s MB") % {"limit": most}
    fix = Fix("reencode", label, content_type=target, max_bytes=limit) if target else None
    return FileProblem("size", _("It has %(megabytes)s MB; at most %(limit)s MB are taken.") % {"megabytes": megabytes, "limit": most}, fix)


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
    words = _("It is %(ratio)s times as wide as high (%(size)s); %(allowed)s times is taken.")
    values = {"ratio": plain(round(ratio, 2)), "size": _by(facts), "allowed": _range(low, high)}
    return FileProblem("ratio", words % values, Fix("crop", _("Change the shape"), ratio=nearest))


def _sides(limits: JSONObject, facts: MediaFacts) -> Iterator[FileProblem]:
    low, high = _bounds(limits, "side_px")
    if not facts.width or not facts.height:
        return
    shorter, longer = sorted((facts.width, facts.height))
    if low is not None and shorter < low:
        words = _("Its shorter side has %(pixels)s px (%(size)s); at least %(limit)s px are needed.")
        yield FileProblem("min_side", words % {"pixels": shorter, "size": _by(facts), "limit": plain(low)})
    if high is not None and longer > high:
        words = _("Its longer side has %(pixels)s px (%(size)s); at most %(limit)s px are taken.")
        yield FileProblem("max_side", words % {"pixels": longer, "size": _by(facts), "limit": plain(high)}, _scaled(facts, high / longer))


def _pixels(limits: JSONObject, facts: MediaFacts) -> Iterator[FileProblem]:
    low, high = _bounds(limits, "pixels")
    if not facts.width or not facts.height:
        return
    pixels = facts.width * facts.height
    if low is not None and pixels < low:
        words = _("It has %(pixels)s pixels (%(size)s); at least %(limit)s are needed.")
        yield FileProblem("min_pixels", words % {"pixels": f"{pixels:,}", "size": _by(facts), "limit": f"{int(low):,}"})
    if high is not None and pixels > high:
        words = _("It has %(pixels)s pixels (%(size)s); at most %(limit)s are taken.")
        values = {"pixels": f"{pixels:,}", "size": _by(facts), "limit": f"{int(high):,}"}
        yield FileProblem("max_pixels", words % values, _scaled(facts, (high / pixels) ** 0.5))


def _scaled(facts: MediaFacts, factor: float) -> Fix:
    """Down to even sides, as video encoders want them, and never a pixel over."""
    width, height = (max(2, int(side * factor) // 2 * 2) for side in (facts.width or 2, facts.height or 2))
    label = _("Scale down to %(size)s") % {"size": f"{width} × {height}"}
    return Fix("downscale", label, width=width, height=height)


def _length(limits: JSONObject, facts: MediaFacts) -> Iterator[FileProblem]:
    if facts.seconds is None:
        return
    low = limits.get("min_s")
    high = min((limits[name] for name in ("max_s", "total_s") if name in limits), default=None)
    if low is not None and facts.seconds < Decimal(str(low)) - _SECONDS_SLACK:
        words = _("It lasts %(seconds)s s; at least %(limit)s s are needed.")
        yield FileProblem("min_seconds", words % {"seconds": _seconds(facts.seconds), "limit": plain(low)})
    if high is not None and facts.seconds > Decimal(str(high)) + _SECONDS_SLACK:
        words = _("It lasts %(seconds)s s; at most %(limit)s s are taken.") % {"seconds": _seconds(facts.seconds), "limit": plain(high)}
        label = _("Keep the first %(seconds)s s") % {"seconds": plain(high)}
        yield FileProblem("max_seconds", words, Fix("trim", label, seconds=Decimal(str(high))))


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
    values = {"rate": _seconds(facts.fps), "allowed": _range(low, high)}
    words = _("It has %(rate)s frames a second; %(allowed)s are taken.") % values
    label = _("Change to %(rate)s frames a second") % {"rate": plain(target)}
    return FileProblem("fps", words, Fix("reencode", label, fps=target))


def _pages(limits: JSONObject, facts: MediaFacts) -> FileProblem | None:
    most = limits.get("max_pages")
    if most is None or facts.pages is None or facts.pages <= most:
        return None
    return FileProblem("pages", _("It has %(pages)s pages; at most %(limit)s are taken.") % {"pages": facts.pages, "limit": most})


def _total(limits: JSONObject, files: Sequence[MediaFacts | None]) -> FileProblem | None:
    """One alone that is too long says so itself."""
    most = limits.get("total_s")
    lengths = [file.seconds for file in files if file and file.seconds is not None]
    total = sum(lengths, Decimal(0))
    if most is None or len(lengths) < 2 or total <= Decimal(str(most)) + _SECONDS_SLACK:
        return None
    left = Decimal(str(most)) - (total - lengths[-1])
    label = _("Keep the first %(seconds)s s of the last one") % {"seconds": _seconds(left)}
    fix = Fix("trim", label, seconds=left) if left >= limits.get("min_s", 1) else None
    words = _("They last %(seconds)s s together; at most %(limit)s s are taken.")
    return FileProblem("total_seconds", words % {"seconds": _seconds(total), "limit": plain(most)}, fix)


def _mixture(spec: JSONObject, files: Sequence[MediaFacts | None]) -> FileProblem | None:
    """A list that takes pictures or a clip (a person to keep the same) takes several of the one or just one of the other."""
    if not {"image", "video"} <= {kind_of(str(name)) for name in spec.get("x-accept", ())}:
        return None
    kinds = [kind_of(file.content_type) if file else "" for file in files]
    most = spec.get("maxItems", len(files))
    if "video" in kinds and len(files) > 1:
        words = _("They are %(count)s files with a clip among them; a clip stands alone.") % {"count": len(files)}
        return FileProblem("one_clip", words)
    if kinds == ["image"] and most > 1:
        words = _("It is one picture; 2 to %(limit)s pictures or one clip are needed.") % {"limit": most}
        return FileProblem("min_pictures", words)
    return None


def _by(facts: MediaFacts) -> str:
    return f"{facts.width} × {facts.height}"


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return _("at most %(limit)s") % {"limit": plain(high or 0)}
    if high is None:
        return _("at least %(limit)s") % {"limit": plain(low)}
    return _("%(low)s to %(high)s") % {"low": plain(low), "high": plain(high)}


def _seconds(number: Decimal) -> str:
    return plain(number.quantize(Decimal("0.01")))
