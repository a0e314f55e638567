"""What the house thinks of a payload before anything is written: the form, the dry run and `create_job` all ask here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from playground.accounts.services import Mode
from playground.catalog import hints as remarks
from playground.catalog import pricing, schema
from playground.catalog.card import Card
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.hints import Hint
from playground.catalog.pricing import Quote
from playground.catalog.schema import Problem
from playground.jobs.input_files import InputFile, files_of
from playground.jobs.parents import Parent, parent_of

FREE_TEST_RUN = Quote(0, 0, "No price published; test runs cost nothing")


@dataclass(frozen=True, slots=True)
class Assessment:
    """`quote` is None while a problem that matters for the price stands, and in live mode where nobody publishes one.

    `is_unpriced` says that nobody publishes a price: test mode then runs for nothing. `parent_id` is the job of ours
    that the payload continues.
    """

    facts: Facts
    problems: tuple[Problem, ...]
    hints: tuple[Hint, ...]
    quote: Quote | None
    is_unpriced: bool = False
    parent_id: UUID | None = None

    @property
    def is_valid(self) -> bool:
        return not self.problems


def assess(card: Card, payload: Mapping[str, Any], *, team_id: int, mode: Mode, with_hints: bool = True) -> Assessment:
    """Problems, hints and price of a payload for a team in a mode. Reads the database, writes nothing, fetches nothing.

    A payload without files and without an earlier task costs no query. `with_hints=False` is for whoever shows none.
    """
    files = files_of(card, payload)
    parent = parent_of(card, payload, team_id=team_id, mode=mode)
    facts = Facts(media={**known_media(team_id, files), **parent.media}, parent=parent.facts)
    problems = tuple(_problems(card, payload, facts, parent, files, team_id))
    quote, is_unpriced = _quote(card, payload, facts, problems, mode)
    hints = tuple(_hints(card, payload, facts, parent, files, mode)) if with_hints else ()
    return Assessment(facts, problems, hints, quote, is_unpriced, parent.job_id)


def _uploads() -> Any:
    """The team's uploads, once the house has them."""
    try:
        from playground.media import uploads  # type: ignore[attr-defined, unused-ignore]
    except ImportError:
        return None
    return uploads


def known_media(team_id: int, files: Iterable[InputFile]) -> Mapping[str, MediaFacts]:
    """What is known of these files: uploads of the team, and web files that were looked at before."""
    urls = [file.url for file in files]
    uploads = _uploads() if urls else None
    return uploads.facts_of_urls(team_id, urls) if uploads else {}


def _problems(card: Card, payload: Mapping[str, Any], facts: Facts, parent: Parent, files: list[InputFile], team_id: int) -> list[Problem]:
    problems = [*schema.validate(card, payload), *parent.problems, *_lost_uploads(team_id, files)]
    return list(dict.fromkeys(problems))


def _lost_uploads(team_id: int, files: list[InputFile]) -> list[Problem]:
    """Addresses of ours behind which this team has no file; another team's are as good as none."""
    uploads = _uploads() if files else None
    if uploads is None:
        return []
    lost = uploads.missing(team_id, [file.url for file in files])
    return [
        Problem(file.pointer, "missing_file", f"{file.title}: this upload is gone. Add it again.") for file in files if file.url in lost
    ]


def is_missing(problem: Problem) -> bool:
    """Something is still to be given rather than wrong: the price can be told without it."""
    return problem.rule in ("required", "min_length")


def _quote(card: Card, payload: Mapping[str, Any], facts: Facts, problems: Iterable[Problem], mode: Mode) -> tuple[Quote | None, bool]:
    if not all(is_missing(problem) for problem in problems):
        return None, False
    try:
        return pricing.quote(card, payload, facts), False
    except pricing.Unpriced:
        return (FREE_TEST_RUN if mode == "test" else None), True


def _hints(card: Card, payload: Mapping[str, Any], facts: Facts, parent: Parent, files: list[InputFile], mode: Mode) -> list[Hint]:
    found = [*parent.hints, *remarks.hints(card, payload)]
    if mode == "test":
        found += [_unseen(file) for file in files if file.url not in facts.media]
    return sorted(found, key=lambda hint: hint.level != "bad")


def _unseen(file: InputFile) -> Hint:
    words = f"{file.title}: nobody has looked at this file; where it cannot be had, the sandbox draws a stand-in for it."
    return Hint("unseen_file", "warn", file.pointer.split("/")[1], words)
