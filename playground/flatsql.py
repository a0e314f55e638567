"""Statements of the hot paths without the ORM's compiler, which costs several times what the database does.

For createTask, recordInfo and their like only. The statements are plain SQL that SQLite and PostgreSQL both read; they
run on Django's own connection, so transactions, locks and error classes are the usual ones. Elsewhere the ORM reads better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

M = TypeVar("M", bound=models.Model)
Field: TypeAlias = "models.Field[Any, Any]"


def execute(sql: str, params: Sequence[Any]) -> int:
    """Run a statement; how many rows it changed."""
    with _database().cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def row(sql: str, params: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row as the driver gives it: numbers and texts as they are, everything else in the driver's own form."""
    with _database().cursor() as cursor:
        cursor.execute(sql, params)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def value(sql: str, params: Sequence[Any]) -> Any:
    """The first column of the first row, or None without a row."""
    found = row(sql, params)
    return None if found is None else found[0]


def insert(new: models.Model) -> None:
    """What `new.save(force_insert=True)` writes, but no signals and no read back: a generated key stays unknown."""
    database = _database()
    table = _table_of(type(new), database)
    execute(table.insert, [field.get_db_prep_save(getattr(new, field.attname), database) for field in table.written])
    new._state.adding = False
    new._state.db = database.alias


def get(model: type[M], **equals: Any) -> M | None:
    """The row whose columns, by their own names (`team_id`), equal these values; call it with a key among them."""
    found = find(model, **equals)
    return found[0] if found else None


def find(model: type[M], *, order_by: str = "", **equals: Any) -> list[M]:
    """What `model.objects.filter(**equals).order_by(order_by)` finds; None means IS NULL."""
    database = _database()
    table = _table_of(model, database)
    where = " AND ".join([f"{table.column[name]} {'IS NULL' if wanted is None else '= %s'}" for name, wanted in equals.items()])
    params = [table.fields[name].get_db_prep_value(wanted, database) for name, wanted in equals.items() if wanted is not None]
    order = f" ORDER BY {table.column[order_by]}" if order_by else ""
    with database.cursor() as cursor:
        cursor.execute(f"{table.select} WHERE {where}{order}", params)
        return [_instance(model, table, database, list(values)) for values in cursor.fetchall()]


def _instance(model: type[M], table: _Table, database: BaseDatabaseWrapper, values: list[Any]) -> M:
    for position, converters, expression in table.converters:
        for convert in converters:
            values[position] = convert(values[position], expression, database)
    return model.from_db(database.alias, list(table.fields), values)


def moment(when: datetime) -> object:
    """A datetime as the database compares it."""
    return _database().ops.adapt_datetimefield_value(when)


@dataclass(frozen=True, slots=True)
class _Table:
    """What the ORM would work out anew for every statement."""

    fields: dict[str, Field]
    column: dict[str, str]
    written: tuple[Field, ...]
    insert: str
    select: str
    converters: tuple[tuple[int, Sequence[Any], Any], ...]


_tables: dict[tuple[type[models.Model], str], _Table] = {}


def _database() -> BaseDatabaseWrapper:
    return connections[DEFAULT_DB_ALIAS]


def _table_of(model: type[models.Model], database: BaseDatabaseWrapper) -> _Table:
    key = (model, database.vendor)
    if key not in _tables:
        _tables[key] = _read_table(model, database)
    return _tables[key]


def _read_table(model: type[models.Model], database: BaseDatabaseWrapper) -> _Table:
    fields: dict[str, Field] = {field.attname: field for field in model._meta.concrete_fields}
    column = {name: database.ops.quote_name(str(field.column)) for name, field in fields.items()}
    written = tuple(field for field in fields.values() if not isinstance(field, models.AutoField))
    table = database.ops.quote_name(model._meta.db_table)
    names = ", ".join(column[field.attname] for field in written)
    marks = ", ".join("%s" for _ in written)
    columns = [field.get_col(model._meta.db_table) for field in fields.values()]
    converters = (
        (position, [*database.ops.get_db_converters(expression), *expression.get_db_converters(database)], expression)
        for position, expression in enumerate(columns)
    )
    return _Table(
        fields=fields,
        column=column,
        written=written,
        insert=f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
        select=f"SELECT {', '.join(column.values())} FROM {table}",  # noqa: S608
        converters=tuple(entry for entry in converters if entry[1]),
    )
