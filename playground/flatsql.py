"""Statements of the hot paths without the ORM's compiler, which costs several times what the database does.

For createTask and its like only. The statements are plain SQL that SQLite and PostgreSQL both read; they run on Django's
own connection, so transactions, locks and error classes are the usual ones. Elsewhere the ORM reads better.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

_inserts: dict[type[models.Model], tuple[str, tuple[models.Field[Any, Any], ...]]] = {}


def execute(sql: str, params: Sequence[Any]) -> int:
    """Run a statement; how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def value(sql: str, params: Sequence[Any]) -> Any:
    """The first column of the first row, or None without a row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return None if row is None else row[0]


def insert(row: models.Model) -> None:
    """What `row.save(force_insert=True)` writes, but no signals and no read back: a generated key stays unknown."""
    sql, fields = _insert_of(type(row))
    execute(sql, [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields])
    row._state.adding = False
    row._state.db = connection.alias


def _insert_of(model: type[models.Model]) -> tuple[str, tuple[models.Field[Any, Any], ...]]:
    if model not in _inserts:
        fields = tuple(field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField))
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in fields)
        marks = ", ".join("%s" for _ in fields)
        _inserts[model] = (f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})", fields)  # noqa: S608
    return _inserts[model]


def moment(when: datetime) -> object:
    """A datetime as the database compares it."""
    return connection.ops.adapt_datetimefield_value(when)
