"""Full text over what was asked for: one table of words beside the jobs, read by SQLite's FTS5 or PostgreSQL's own search.

`rowid` orders a team's jobs of one mode by their number, so that a search of a team is a range of rows, walked from its
newest end: it costs the same however many jobs match. Words are split here and not by the database, so that both find
the same, and later than the jobs are made (`catch_up`). The table is no model: SQLite makes it a virtual one.
`jobs/migrations/0009` and `0010` make it.
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from playground import flatsql
from playground.catalog import registry
from playground.jobs.models import Job

logger = logging.getLogger(__name__)
MOST_TERMS = 12
LONGEST_TERM = 60
# Of a word that may go on, more letters are not looked at: SQLite keeps lists of beginnings up to this length.
LONGEST_BEGINNING = 8
_NUMBERS = 1 << 32
# One character of these scripts is about a word; nobody types spaces between them.
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_LINK = re.compile(r"\S+://\S+")
_HYPHENS_OF_ID = re.compile(r"\b([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\b", re.IGNORECASE)
# What may be an id, or its beginning. Ids stand apart from words: else "bee" would find the takes that are called bee4….
_ID = re.compile("[0-9a-f]{8,32}")
_ID_MARK = "xxid"
_BATCH = 500
_COLUMNS = ("team_id", "mode", "number", "gateway", "model_id", "created_by_id", "payload_json")
_LAST_ROW = "(SELECT rowid FROM jobs_words WHERE rowid >= %s AND rowid < %s ORDER BY rowid DESC LIMIT 1)"
_NEWEST_NUMBER = "(SELECT number FROM jobs_job WHERE team_id = %s AND mode = %s ORDER BY number DESC LIMIT 1)"


def terms_of(text: str) -> list[str]:
    """Small letters without accents, links left out."""
    text = _LINK.sub(" ", text)
    if text.isascii():
        return [term[:LONGEST_TERM] for term in _WORD.findall(text.lower())]
    plain = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [term[:LONGEST_TERM] for term in _WORD.findall(unicodedata.normalize("NFC", bare))]


def words_of(job: Job, model_title: str) -> str:
    """All that a job is found by: its texts, its model and its ids, as terms."""
    texts = [text for text in _texts(json.loads(job.payload_json)) if "://" not in text]
    return " ".join([*terms_of(" ".join([*texts, model_title, job.model_id])), f"{_ID_MARK}{job.pk.hex}", *_marks(job)])


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _marks(job: Job) -> list[str]:
    """Words that nobody types, by which a search is narrowed to a member or a model without looking at the jobs."""
    return [mark_of("member", job.created_by_id or 0), mark_of("model", f"{job.gateway} {job.model_id}")]


def mark_of(kind: str, value: object) -> str:
    return f"xx{kind}{''.join(f'{byte:02x}' for byte in str(value).encode())}"


def catch_up(team_id: int, mode: str) -> bool:
    """Make findable what a team has made since this was last called; whether that was anything.

    Jobs are committed in the order of their numbers, because the team's counter is locked until then: what is missing here
    are those after the last one that is here. Called when jobs are sent, many at once, and for every search, so that
    whoever makes a job need not wait for its words.
    """
    first = _row(team_id, mode, 0)
    [(last_row, newest)] = flatsql.rows(f"SELECT {_LAST_ROW}, {_NEWEST_NUMBER}", [first, first + _NUMBERS, team_id, mode])
    last = 0 if last_row is None else last_row - first
    if newest is None or newest <= last:
        return False
    missing = Job.objects.filter(team_id=team_id, mode=mode).only(*_COLUMNS).order_by("number")
    with transaction.atomic():
        while jobs := list(missing.filter(number__gt=last)[:_BATCH]):
            add_many((job, _title_of(job)) for job in jobs)
            last = jobs[-1].number
    return True


def try_to_catch_up(team_id: int, mode: str) -> bool:
    """`catch_up` for who only reads; false as well when it cannot be done now."""
    try:
        return catch_up(team_id, mode)
    except OperationalError:
        # Somebody else writes for long: what is findable already can be found all the same.
        logger.warning("The words of team %s could not be brought up to date for a search", team_id, exc_info=True)
        return False


def is_behind(team_id: int, mode: str) -> RawSQL:
    """For a query that searches: whether there are jobs whose words it does not know yet."""
    first = _row(team_id, mode, 0)
    sql = f"COALESCE({_NEWEST_NUMBER}, 0) > COALESCE({_LAST_ROW}, %s) - %s"
    return RawSQL(sql, [team_id, mode, first, first + _NUMBERS, first, first], output_field=BooleanField())  # noqa: S611


def _title_of(job: Job) -> str:
    try:
        return registry.get(job.model_id, job.gateway).title
    except registry.UnknownModel:
        return job.model_id


def add_many(jobs: Iterable[tuple[Job, str]]) -> None:
    """Make jobs findable, each with its model's title. Call it in the transaction that makes them, after `catch_up`."""
    flatsql.execute_many(_insert(), [(_row(job.team_id, job.mode, job.number), words_of(job, title)) for job, title in jobs])


def matching(jobs: QuerySet[Job], team_id: int, mode: str, text: str, *, any_of: Iterable[Iterable[str]] = ()) -> QuerySet[Job]:
    """What `matching_known` finds once all jobs are known, so this may write."""
    if has_words(text):
        try_to_catch_up(team_id, mode)
    return matching_known(jobs, team_id, mode, text, any_of=any_of)


def matching_known(jobs: QuerySet[Job], team_id: int, mode: str, text: str, *, any_of: Iterable[Iterable[str]] = ()) -> QuerySet[Job]:
    """Those of a team's jobs that have a word that begins like the text's last term, and all other terms, newest number first.

    A term may be a job's id too, with hyphens or without, or its first eight characters and more. `any_of` are groups of
    marks of which each job has one. A text without a word finds nothing.
    """
    terms = _terms_of_search(text)
    if not terms:
        return jobs.none()
    first = _row(team_id, mode, 0)
    found = "jobs_words MATCH %s" if _is_sqlite() else "to_tsvector('simple', jobs_words.words) @@ to_tsquery('simple', %s)"
    return jobs.extra(  # noqa: S610
        tables=["jobs_words"],
        where=[
            found,
            "jobs_words.rowid >= %s AND jobs_words.rowid < %s",
            "jobs_job.team_id = %s AND jobs_job.mode = %s AND jobs_job.number = jobs_words.rowid - %s",
        ],
        params=[_query(terms, any_of), first, first + _NUMBERS, team_id, mode, first],
        order_by=["-jobs_words.rowid"],
    )


def has_words(text: str) -> bool:
    """Whether a search for it can find anything."""
    return bool(_terms_of_search(text))


def _terms_of_search(text: str) -> list[str]:
    return terms_of(_HYPHENS_OF_ID.sub(r"\1\2\3\4\5", text))[:MOST_TERMS]


def before(jobs: QuerySet[Job], team_id: int, mode: str, number: int) -> QuerySet[Job]:
    """What follows the job with this number in a search: the next page."""
    return jobs.extra(where=["jobs_words.rowid < %s"], params=[_row(team_id, mode, number)])


def _query(terms: list[str], any_of: Iterable[Iterable[str]]) -> str:
    """Terms hold letters and digits alone, so nothing in them can be an operator."""
    quote, begun, both, either = ('"', "*", " AND ", " OR ") if _is_sqlite() else ("'", ":*", " & ", " | ")
    *whole, last = terms
    wanted = [[f"{quote}{word}{quote}" for word in (term, *_ids(term))] for term in whole]
    wanted.append([f"{quote}{word}{quote}{begun}" for word in (last[:LONGEST_BEGINNING], *_ids(last))])
    wanted += [[f"{quote}{mark}{quote}" for mark in group] for group in any_of]
    return both.join(f"({either.join(group)})" for group in wanted if group)


def _ids(term: str) -> list[str]:
    return [f"{_ID_MARK}{term}"] if _ID.fullmatch(term) else []


def _row(team_id: int, mode: str, number: int) -> int:
    return (team_id * 2 + (mode == "live")) * _NUMBERS + number


def _insert() -> str:
    if _is_sqlite():
        return "INSERT OR REPLACE INTO jobs_words (rowid, words) VALUES (%s, %s)"
    return "INSERT INTO jobs_words (rowid, words) VALUES (%s, %s) ON CONFLICT (rowid) DO UPDATE SET words = excluded.words"


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"
