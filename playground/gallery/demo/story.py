"""The month of the demo team, from its first pack of credits to the job that runs now."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from playground.accounts.models import Mode
from playground.core import clock
from playground.gallery.demo import lines, people, shelves
from playground.gallery.demo.clips import draw_and_store
from playground.gallery.demo.crowd import add_crowd
from playground.gallery.demo.lines import LINES as LINES
from playground.gallery.demo.lines import Line
from playground.gallery.demo.people import Cast
from playground.gallery.demo.wishes import card_of, clip_of, payload_of
from playground.jobs import telling
from playground.jobs.creation import NewJob
from playground.jobs.models import Job, Take
from playground.jobs.telling import Pace
from playground.media.services import StoredResult
from playground.media.uploads import store_upload, url_of
from playground.providers.sandbox import draw_poster

PURSE_MILLICREDITS, MOST_FOR_ONE = 7_200_000, 200_000
# A second wish for every line, older than the first; colours are what the renderer hears.
ENDINGS = ("in teal light", "in warm amber light", "violet dusk", "crimson on black", "emerald tones", "pale blue morning", "golden haze")
SHAPES = ("16:9", "9:16", "1:1", "16:9", "9:16")
TODAY, YESTERDAY = 10, 12
DAYS, DAYS_WITH_CROWD = 31, 400
# Whatever the number of takes, pages have these to show: a comparison, a clip and its extension, a picture that moves.
ALWAYS = (*lines.COMPARED, lines.LANTERN, lines.EXTENDED, lines.MOVING)
FEWEST, MOST = len(ALWAYS) + 2, len(ALWAYS) + 2 * len(LINES)


@dataclass(frozen=True, slots=True)
class Told:
    """The team, and how many takes it has in test mode."""

    cast: Cast
    takes: int


@dataclass(frozen=True, slots=True)
class _Teller:
    cast: Cast
    results: Mapping[Line, StoredResult]
    now: datetime
    dice: random.Random

    def new(self, line: Line, payload: dict[str, Any], mode: Mode = "test", **changes: Any) -> NewJob:
        """By the person of the line; now and then by the mode's key, whose maker it is then."""
        card, key = card_of(line), self.cast.keys[mode]
        by: dict[str, Any] = {"user_id": self.cast.members[line.who].user_id, "source": "web"}
        if not changes and self.dice.random() < 0.15:
            by = {"user_id": key.created_by_id, "key_id": key.pk, "source": "api"}
        values = {"team_id": self.cast.team.pk, "mode": mode, "model_id": card.id, "gateway": card.gateway, "payload": payload}
        return NewJob(**(values | by | changes))

    def pace(self, line: Line) -> Pace:
        return Pace(self.dice.randrange(3, 25), round(card_of(line).typical_seconds * self.dice.uniform(0.7, 1.3)))

    def take(self, line: Line, at: datetime, payload: dict[str, Any] | None = None, **changes: Any) -> Job:
        new = self.new(line, payload or payload_of(line), **changes)
        return telling.tell_take(new, at, [self.results[line]], self.pace(line))

    def ago(self, **parts: float) -> datetime:
        return self.now - timedelta(**parts)


def tell(*, takes: int = MOST, clips: int = MOST, say: Callable[[str], None] = lambda _: None) -> Told:
    """A new team with so many takes in test mode, of so many different clips. Takes a minute or two for all of them.

    Not safe to call twice: each call makes a team of its own.
    """
    takes = max(takes, FEWEST)
    pairs = min(len(LINES), (takes - len(ALWAYS)) // 2)
    crowd = takes - len(ALWAYS) - 2 * pairs
    newer, older = LINES[:pairs], [_variation(number, line) for number, line in enumerate(LINES[:pairs])]
    now = clock.now()
    begin = now - timedelta(days=DAYS_WITH_CROWD if crowd else DAYS, hours=1)
    with clock.standing_at(begin):
        cast = people.gather()
        people.fill_purses(cast, PURSE_MILLICREDITS + crowd * MOST_FOR_ONE)
    told = [*newer, *ALWAYS, *older]
    specs = [clip_of(line, payload_of(line), number, settings.SANDBOX_MAX_SECONDS) for number, line in enumerate(told[: max(1, clips)])]
    stored = draw_and_store(cast.team.pk, specs, lambda done: say(f"{done} of {len(specs)} clips are drawn"))
    results = {line: stored[number % len(stored)] for number, line in enumerate(told)}
    teller = _Teller(cast, results, now, random.Random(7))  # noqa: S311
    if crowd:
        add_crowd(teller.take, newer, [member.user_id for member in cast.members[:4]], crowd, begin, now - timedelta(days=DAYS), say)
    picture = _picture(cast)
    with transaction.atomic():
        _month(teller, newer, older)
        _odd_ones(teller, picture)
        _live(teller, newer)
        people.set_budgets(cast)
    return Told(cast, Take.objects.filter(job__team=cast.team, job__mode="test").count())


def _variation(number: int, line: Line) -> Line:
    words = line.prompt.partition(". Audio")[0].rstrip(".")
    prompt = f"{words}, {ENDINGS[number % len(ENDINGS)]}"
    return replace(line, prompt=prompt, ratio=SHAPES[number % len(SHAPES)], who=(line.who + number) % 4)


def _month(teller: _Teller, newer: Sequence[Line], older: Sequence[Line]) -> None:
    """Every third wish of the last days began with one of the weeks before, and changed its settings."""
    count = len(older)
    firsts: dict[int, Job] = {}
    for number, line in reversed(list(enumerate(older))):
        at = teller.ago(days=8 + 22 * number / count, minutes=teller.dice.randrange(240))
        firsts[number] = teller.take(line, at)
    for number, line in reversed(list(enumerate(newer))):
        changes: dict[str, Any] = {"remix_of_id": firsts[number].pk} if number % 3 == 0 else {}
        teller.take(line, _time_of(teller, number), **changes)
    shelves.fill(teller.cast)


def _time_of(teller: _Teller, number: int) -> datetime:
    if number < TODAY:
        return teller.ago(minutes=12 + 19 * number)
    if number < TODAY + YESTERDAY:
        return teller.ago(hours=24, minutes=14 * (number - TODAY))
    return teller.ago(days=2 + (number - TODAY - YESTERDAY) * 0.5)


def _odd_ones(teller: _Teller, picture: str) -> None:
    """A comparison, an extension, a picture that moves, refusals, one taken back, one that runs."""
    compared = [teller.take(line, teller.ago(hours=6, seconds=-number), source="web") for number, line in enumerate(lines.COMPARED)]
    shelves.compare(teller.cast, compared, picked=1)
    source = teller.take(lines.LANTERN, teller.ago(days=3, hours=2))
    teller.take(lines.EXTENDED, teller.ago(days=3, hours=1), payload_of(lines.EXTENDED, task_id=source.pk.hex))
    teller.take(lines.MOVING, teller.ago(days=1, hours=5), payload_of(lines.MOVING, image_urls=[picture]))
    for number, (line, code, words) in enumerate(lines.REFUSALS):
        at = teller.ago(hours=3 + 31 * number)
        telling.tell_failure(teller.new(line, payload_of(line)), at, code, words, teller.pace(line))
    back = lines.TAKEN_BACK
    telling.tell_cancelled(teller.new(back, payload_of(back)), teller.ago(hours=2), 9)
    running = teller.new(lines.RUNNING, payload_of(lines.RUNNING), source="web")
    telling.tell_running(running, teller.ago(seconds=49), Pace(6, 0), next_look_at=teller.now + timedelta(minutes=10))


def _live(teller: _Teller, newer: Sequence[Line]) -> None:
    """The live ledger beside it: some of the same clips, as if a provider had made them."""
    for number, line in reversed(list(enumerate(newer[:12]))):
        teller.take(line, teller.ago(days=2.1 * number, hours=1), mode="live")
    line, code, words = lines.REFUSALS[1]
    telling.tell_failure(teller.new(line, payload_of(line), "live"), teller.ago(days=1), code, words, teller.pace(line))


def _picture(cast: Cast) -> str:
    """The address of a still that somebody gave as an input."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "boat.png"
        draw_poster("ocean", 1280, 720, seed=11).save(path)
        upload = store_upload(cast.team.pk, cast.members[1].user_id, path, "boat at dawn.png")
    return url_of(upload)
