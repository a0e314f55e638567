"""What was spent day by day, as bars: the three largest shares in colours of their own, the rest together.

Pure: days and amounts in, geometry and texts out. The template draws SVG from it, and the same rows as a table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from playground.core.money import format_credits

DAYS = 30
MOST_SERIES = 3
# In units of the drawing, which is as wide as its box.
WIDTH, TOP, BASE, GAP, LABELS_AT = 940, 4, 184, 1, 203
_DIGIT_WIDTH, _AXIS_GAP, _BAR_SHARE = 6.6, 8, 0.74
_LABEL_EVERY = 5
_STEPS = (10, 20, 25, 50)
# Below one credit a finer axis would say nothing.
_LEAST_TOP = 1000


@dataclass(frozen=True, slots=True)
class Use:
    """What was charged on a day for one model, member or key. Two may have the same label."""

    day: date
    key: Hashable
    label: str
    millicredits: int


@dataclass(frozen=True, slots=True)
class Series:
    """`place` 1 to 4 is its colour: the largest first, `Other` last."""

    place: int
    label: str
    millicredits: int


@dataclass(frozen=True, slots=True)
class Segment:
    place: int
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Column:
    """One day. `amounts` are in the order of the series."""

    day: date
    x: str
    segments: Sequence[Segment]
    amounts: Sequence[int]
    words: str
    label: str
    label_x: str

    @property
    def millicredits(self) -> int:
        return sum(self.amounts)


@dataclass(frozen=True, slots=True)
class Tick:
    y: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    series: Sequence[Series]
    columns: Sequence[Column]
    ticks: Sequence[Tick]
    bar_width: str
    plot_width: str
    millicredits: int

    @property
    def days_with_use(self) -> list[Column]:
        """Newest first, for the table."""
        return [column for column in reversed(self.columns) if column.millicredits]


def chart_of(uses: Iterable[Use], last: date, days: int = DAYS) -> Chart:
    """The chart of the days up to `last`; what lies outside them is left out."""
    first = last - timedelta(days=days - 1)
    within = [use for use in uses if first <= use.day <= last and use.millicredits]
    series, place_of = _series(within)
    amounts: dict[date, list[int]] = defaultdict(lambda: [0] * len(series))
    for use in within:
        amounts[use.day][place_of[use.key] - 1] += use.millicredits
    ticks = axis(max((sum(values) for values in amounts.values()), default=0))
    plot = WIDTH - _AXIS_GAP - _DIGIT_WIDTH * max(len(format_credits(tick)) for tick in ticks)
    pitch = plot / days
    columns = [
        _column(first + timedelta(days=index), index, days, amounts[first + timedelta(days=index)], series, ticks[-1], pitch)
        for index in range(days)
    ]
    return Chart(
        series=series,
        columns=columns,
        ticks=[Tick(_number(_height_at(tick, ticks[-1])), format_credits(tick)) for tick in ticks],
        bar_width=_number(pitch * _BAR_SHARE),
        plot_width=_number(plot),
        millicredits=sum(one.millicredits for one in series),
    )


def axis(most: int) -> list[int]:
    """Round amounts from nothing to at least `most`, in three to five steps, with as little above it as can be."""
    most = max(most, _LEAST_TOP)
    power = 10 ** max(0, len(str(most)) - 4)
    steps = [step * power * factor for factor in (1, 10, 100, 1000) for step in _STEPS]
    fitting = [(step * -(-most // step), -(-most // step), step) for step in steps if 3 <= -(-most // step) <= 5]
    _top, count, step = min(fitting)
    return [step * number for number in range(count + 1)]


def _series(uses: Sequence[Use]) -> tuple[list[Series], dict[Hashable, int]]:
    """The series with their sums, and the place of each key."""
    sums: dict[Hashable, int] = defaultdict(int)
    labels: dict[Hashable, str] = {}
    for use in uses:
        sums[use.key] += use.millicredits
        labels[use.key] = use.label
    ranked = sorted(sums, key=lambda key: (-sums[key], labels[key]))
    # A rest of one has a name.
    named = ranked if len(ranked) == MOST_SERIES + 1 else ranked[:MOST_SERIES]
    place_of = {key: place for place, key in enumerate(named, 1)} | dict.fromkeys(ranked[len(named) :], MOST_SERIES + 1)
    series = [Series(place_of[key], labels[key], sums[key]) for key in named]
    if rest := ranked[len(named) :]:
        series.append(Series(MOST_SERIES + 1, _("Other"), sum(sums[key] for key in rest)))
    return series, place_of


def _column(day: date, index: int, days: int, amounts: Sequence[int], series: Sequence[Series], top: int, pitch: float) -> Column:
    left = index * pitch + pitch * (1 - _BAR_SHARE) / 2
    total = sum(amounts)
    parts = ", ".join(f"{one.label} {format_credits(amount)}" for one, amount in zip(series, amounts, strict=True) if amount)
    is_labelled = index == 0 or (days - 1 - index) % _LABEL_EVERY == 0
    return Column(
        day=day,
        x=_number(left),
        segments=_segments(amounts, series, top),
        amounts=tuple(amounts),
        words=f"{format_date(day, 'j F')}: {format_credits(total)}" + (f" ({parts})" if parts else ""),
        label=format_date(day, "M j") if is_labelled else "",
        label_x=_number(left + pitch * _BAR_SHARE / 2),
    )


def _segments(amounts: Sequence[int], series: Sequence[Series], top: int) -> list[Segment]:
    """From the base up, a hair apart; what was spent is never invisible."""
    segments, below = [], 0
    for one, amount in zip(series, amounts, strict=True):
        if amount:
            floor, ceiling = _height_at(below, top), _height_at(below + amount, top)
            height = max(1.0, floor - ceiling - GAP)
            segments.append(Segment(one.place, _number(floor - GAP - height), _number(height)))
            below += amount
    return segments


def _height_at(millicredits: int, top: int) -> float:
    return BASE - (BASE - TOP) * millicredits / top


def _number(value: float) -> str:
    """For SVG, where a decimal comma would be an error."""
    return f"{value:.1f}".removesuffix(".0")
