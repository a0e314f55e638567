"""How a picture becomes one that a model takes: what is cut off or added, and to which size. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """First a box of the source (`left`, `top`, `width`, `height`), scaled to `inner`, then centred on `outer`."""

    left: int
    top: int
    width: int
    height: int
    inner: tuple[int, int]
    outer: tuple[int, int]

    @property
    def is_padded(self) -> bool:
        return self.inner != self.outer


def shape_for(width: int, height: int, plan: dict[str, Any], *, even: bool = False) -> Shape:
    """What a plan makes of a picture of this size.

    `plan` may have: ratio (lowest and highest width / height), fit ("crop" or "pad", which says how the ratio is
    reached), min_side, max_side and max_pixels of the result. `even` is for video, whose colours come in pairs.
    """
    left = top = 0
    box_width, box_height = width, height
    wanted = _ratio(width, height, plan.get("ratio"))
    frame = (float(width), float(height))
    if wanted and plan.get("fit") == "pad":
        frame = (max(width, height * wanted), max(height, width / wanted))
    elif wanted:
        box_width, box_height = min(width, round(height * wanted)), min(height, round(width / wanted))
        box_width, box_height = _inside(box_width, box_height, width, height, plan["ratio"])
        left, top = (width - box_width) // 2, (height - box_height) // 2
        frame = (float(box_width), float(box_height))
    scale = _scale(*frame, plan)
    outer = _whole(frame[0] * scale, frame[1] * scale, even=even, is_padded=bool(wanted and plan.get("fit") == "pad"), plan=plan)
    share = min(outer[0] / box_width, outer[1] / box_height)
    inner = (min(outer[0], round(box_width * share)), min(outer[1], round(box_height * share)))
    if not (wanted and plan.get("fit") == "pad"):
        inner = outer
    elif even:
        inner = (inner[0] // 2 * 2 or 2, inner[1] // 2 * 2 or 2)
    return Shape(left, top, box_width, box_height, inner, outer)


def _ratio(width: int, height: int, bounds: list[float] | None) -> float | None:
    """The nearest allowed ratio, None when the picture has an allowed one."""
    if not bounds:
        return None
    lowest, highest = bounds
    ratio = width / height
    return None if lowest <= ratio <= highest else lowest if ratio < lowest else highest


def _inside(box_width: int, box_height: int, width: int, height: int, bounds: list[float]) -> tuple[int, int]:
    """Rounding may leave a box a hair outside of the bounds; one more pixel cut brings it in."""
    lowest, highest = bounds
    if box_width / box_height > highest and box_width > 1:
        return floor(box_height * highest) or 1, box_height
    if box_width / box_height < lowest and box_height > 1:
        return box_width, floor(box_width / lowest) or 1
    return box_width, box_height


def _scale(width: float, height: float, plan: dict[str, Any]) -> float:
    scale = 1.0
    if limit := plan.get("max_side"):
        scale = min(scale, limit / max(width, height))
    if limit := plan.get("max_pixels"):
        scale = min(scale, sqrt(limit / (width * height)))
    if scale == 1.0 and (limit := plan.get("min_side")):
        scale = max(scale, limit / min(width, height))
    if scale == 1.0 and (limit := plan.get("min_pixels")):
        scale = max(scale, sqrt(limit / (width * height)))
    return scale


def _whole(width: float, height: float, *, even: bool, is_padded: bool, plan: dict[str, Any]) -> tuple[int, int]:
    """Whole (or even) numbers of pixels that keep the plan's bounds: rounded up where it grows, else down."""
    grows = bool(is_padded or plan.get("min_side") or plan.get("min_pixels")) and not (plan.get("max_side") or plan.get("max_pixels"))
    step = 2 if even else 1
    turn = ceil if grows else floor
    size = [max(step, int(turn(round(value / step, 6))) * step) for value in (width, height)]
    return size[0], size[1]
