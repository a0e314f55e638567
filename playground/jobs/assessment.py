"""What the house thinks of a payload before anything is written: the form, the dry run and `create_job` all ask here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts.models import Mode
from playground.catalog import hints as remarks
from playground.catalog import preflight, pricing, schema
from playground.catalog.card import Card
from playground.catalog.facts import Facts
from playground.catalog.hints import Hint
from playground.catalog.pricing import OwnPrice, Quote
from playground.catalog.schema import Problem
from playground.credits.prices import own_price_for
from playground.jobs import upstreams
from playground.jobs.input_files import InputFile, files_of
from playground.jobs.parents import Parent, parent_of
from playground.media import uploads, web_files

FREE_TEST_RUN = Quote(0, 0, gettext_noop("No price published; test runs cost nothing"))
# Far more than any card takes: a payload that is refused anyhow must not ask the database for 100,000 addresses.
MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Assessment:
    """`quote` is None while a problem that matters for the price stands, and in live mode where nobody publishes one.

    `is_unpriced` says that nobody publishes a price: test mode then runs for nothing. `parent_id` is the job of ours
    that the payload continues, `own` the team's own price that the quote is made of, `list_millicredits` the most that it
    comes to at the published price, `unseen` the web files that nobody has looked at.
    """

    facts: Facts
    problems: tuple[Problem, ...]
    hints: tuple[Hint, ...]
    quote: Quote | None
    is_unpriced: bool = False
    parent_id: UUID | None = None
    own: OwnPrice | None = None
    own_price_id: int | None = None
    list_millicredits: int | None = None
    files: tuple[InputFile, ...] = ()
    unseen: tuple[InputFile, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of a payload's files and its earlier task."""

    files: Sequence[InputFile]
    parent: Parent
    facts: Facts
    lost: frozenset[str]
    unreachable: Mapping[str, str]

    @property
    def unseen(self) -> list[InputFile]:
        """The web files that nobody has looked at; `asset://` is the provider's own, and nothing to look at from here."""
        known = self.facts.media.keys() | self.lost
        return [file for file in self.files if file.url not in known and file.scheme in ("http", "https")]


def assess(card: Card, payload: Mapping[str, Any], *, team_id: int, mode: Mode, with_hints: bool = True) -> Assessment:
    """Problems, hints and price of a payload for a team in a mode. Reads the database, writes nothing, fetches nothing.

    A payload without files and without an earlier task costs one query a second, for the team's own price.
    `with_hints=False` is for whoever shows none.
    """
    known = _known(card, payload, team_id, mode)
    problems = _problems(card, payload, known, mode)
    override = own_price_for(team_id, *card.key)
    own = override.own if override else None
    quote, is_unpriced = _quote(card, payload, known.facts, problems, own, mode)
    return Assessment(
        facts=known.facts,
        problems=problems,
        hints=tuple(_hints(card, payload, known, mode)) if with_hints else (),
        quote=quote,
        is_unpriced=is_unpriced,
        parent_id=known.parent.job_id,
        own=own,
        own_price_id=override.pk if override else None,
        list_millicredits=_list_price(card, payload, known.facts, quote, own) if not is_unpriced else None,
        files=tuple(known.files),
        unseen=tuple(known.unseen),
    )


def facts_of(card: Card, payload: Mapping[str, Any], *, team_id: int, mode: Mode) -> Facts:
    """What is known of a payload's files and of the earlier task that it names."""
    return _known(card, payload, team_id, mode).facts


def _known(card: Card, payload: Mapping[str, Any], team_id: int, mode: Mode) -> _Known:
    files = files_of(card, payload)[:MOST_FILES]
    parent = parent_of(card, payload, team_id=team_id, mode=mode)
    if not files:
        return _Known(files, parent, Facts(media=parent.media, parent=parent.facts), frozenset(), {})
    urls = [file.url for file in files]
    media = uploads.facts_of_urls(team_id, urls)
    unknown = [url for url in urls if url not in media]
    lost = uploads.missing(team_id, unknown)
    return _Known(
        files=files,
        parent=parent,
        facts=Facts(media={**media, **parent.media}, parent=parent.facts),
        lost=frozenset(lost),
        unreachable=web_files.unreachable(team_id, [url for url in unknown if url not in lost]),
    )


def _problems(card: Card, payload: Mapping[str, Any], known: _Known, mode: Mode) -> tuple[Problem, ...]:
    found = [*schema.validate(card, payload, known.facts), *known.parent.problems]
    for file in known.files:
        if not file.is_readable:
            found.append(Problem(file.pointer, "format", _("%(field)s must be an http or https address.") % {"field": file.title}))
        elif file.url in known.lost:
            found.append(Problem(file.pointer, "missing_file", _("%(field)s: this upload is gone. Add it again.") % {"field": file.title}))
        elif mode == "live" and uploads.upload_id_of(file.url) and not upstreams.takes_files(card.gateway):
            words = _(
                "%(field)s: %(provider)s reads files at PUBLIC_URL, which cannot be reached from outside. Give a link to the file instead."
            )
            names = {"field": file.title, "provider": upstreams.provider_title(card.gateway)}
            found.append(Problem(file.pointer, "unreachable_upload", words % names))
        elif mode == "live" and file.url in known.unreachable:
            words = _("%(field)s could not be fetched: %(reason)s")
            names = {"field": file.title, "reason": known.unreachable[file.url]}
            found.append(Problem(file.pointer, "unreachable", words % names))
    if known.facts.media:
        found += preflight.problems(card, payload, known.facts)
    return tuple(dict.fromkeys(found))


def _quote(
    card: Card, payload: Mapping[str, Any], facts: Facts, problems: Sequence[Problem], own: OwnPrice | None, mode: Mode
) -> tuple[Quote | None, bool]:
    if not all(problem.is_missing for problem in problems):
        return None, False
    try:
        return pricing.quote(card, payload, facts, own), False
    except pricing.Unpriced:
        return (FREE_TEST_RUN if mode == "test" else None), True


def _list_price(card: Card, payload: Mapping[str, Any], facts: Facts, quote: Quote | None, own: OwnPrice | None) -> int | None:
    if quote is None or own is None:
        return quote.hold_millicredits if quote else None
    try:
        return pricing.quote(card, payload, facts).hold_millicredits
    except pricing.Unpriced:
        return None


def _hints(card: Card, payload: Mapping[str, Any], known: _Known, mode: Mode) -> list[Hint]:
    found = [*known.parent.hints, *remarks.hints(card, payload, known.facts)]
    if mode == "test":
        found += [_stand_in(file, known.unreachable.get(file.url, "")) for file in known.unseen]
    return sorted(found, key=lambda hint: hint.level != "bad")


def _stand_in(file: InputFile, reason: str) -> Hint:
    if reason:
        words = _("%(field)s: could not be fetched. %(reason)s The sandbox draws a stand-in.")
        return Hint("unreachable_file", "warn", file.field, words % {"field": file.title, "reason": reason})
    words = _("%(field)s: this link has not been looked at. Where it cannot be had, the sandbox draws a stand-in.")
    return Hint("unseen_file", "warn", file.field, words % {"field": file.title})
