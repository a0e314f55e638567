"""Takes without a story, for scale: a year of them before the month that is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from playground.gallery.demo.lines import Line
from playground.jobs.copying import copy_jobs
from playground.jobs.models import Job

PATTERNS = 12
_LIGHTS = ("at dawn", "at noon", "at dusk", "by moonlight", "in fog", "in rain", "in snow", "under neon", "by candlelight", "in haze")
_MOVES = (
    "slow pan",
    "push in",
    "pull back",
    "orbit",
    "crane up",
    "handheld",
    "locked off",
    "whip pan",
    "dolly left",
    "drone rise",
    "tilt down",
)


class Taker(Protocol):
    def __call__(self, line: Line, at: datetime) -> Job: ...


def add_crowd(
    take: Taker, lines: Sequence[Line], user_ids: Sequence[int], count: int, begin: datetime, end: datetime, say: Callable[[str], None]
) -> None:
    """`count` takes, the first of them in earnest: the others are like these."""
    first = lines[: min(PATTERNS, count)]
    patterns = [take(line, begin + timedelta(minutes=5 * number)) for number, line in enumerate(first)]
    copy_jobs(
        patterns,
        count - len(patterns),
        begin=begin + timedelta(hours=2),
        end=end,
        user_ids=user_ids,
        prompt_of=prompt_of,
        on_written=lambda written: say(f"{written:,} takes are copied") if written % 50_000 == 0 else None,
    )


def prompt_of(number: int, prompt: str) -> str:
    """The number is a word of its own: something to look for that is there once."""
    return f"{prompt.rstrip('.')}, {_LIGHTS[number % 10]}, {_MOVES[number // 10 % 11]}, version {number}"
