"""Statements of the hot paths without the ORM's compiler, which costs several times what the database does.

For createTask, recordInfo and their like only. The statements are plain SQL that SQLite and PostgreSQL both read; they
run on Django's own connection, so transactions, locks and error classes are the usual ones. Elsewhere the ORM reads better.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState

from playground.sqlite.base import DatabaseWrapper as SqliteWrapper

M = TypeVar("M", bound=models.Model)
Field: TypeAlias = "models.Field[Any, Any]"
Convert: TypeAlias = Callable[[Any], Any]


def execute(sql: str, params: Sequence[Any]) -> int:
    """Run a statement; how many rows it changed."""
    return _run(_database(), sql, params, reads=False)[0]


def execute_many(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement with each of these parameters; without a transaction around it, SQLite commits each alone."""
    with _database().cursor() as cursor:
        cursor.executemany(sql, rows)


def row(sql: str, params: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row as the driver gives it: numbers and texts as they are, everything else in the driver's own form.

    For statements that find few: the others are read, too.
    """
    found = rows(sql, params)
    return found[0] if found else None


def value(sql: str, params: Sequence[Any]) -> Any:
    """The first column of the first row, or None without a row."""
    found = row(sql, params)
    return None if found is None else found[0]


def rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows as the driver gives them; for statements that find few."""
    return _run(_database(), sql, params, reads=True)[1]


def made(model: type[M], **columns: Any) -> M:
    """What `model(**columns)` makes, of columns by their own names (`team_id`), but without signals."""
    table = _table_of(model, _database())
    if unknown := columns.keys() - table.fields.keys():
        raise TypeError(f"{model.__name__} has no columns {', '.join(sorted(unknown))}")
    new = _blank(model)
    new.__dict__ |= table.defaults
    for name, default in table.default_makers:
        if name not in columns:
            new.__dict__[name] = default()
    new.__dict__ |= columns
    return new


def insert(new: models.Model) -> None:
    """What `new.save(force_insert=True)` writes, but no signals and no read back: a generated key stays unknown."""
    database = _database()
    table = _table_of(type(new), database)
    values, params = new.__dict__, list[Any]()
    # What the driver takes as it is need not pass through its field, which is where most of the time would go.
    for name, kind, convert, field in table.written:
        value = values[name]
        if value is None:
            params.append(None)
        elif type(value) is kind:
            params.append(convert(value) if convert else value)
        else:
            params.append(field.get_db_prep_save(value, database))
    _run(database, table.insert, params, reads=False)
    new._state.adding = False
    new._state.db = database.alias


def get(model: type[M], *, without: frozenset[str] = frozenset(), **equals: Any) -> M | None:
    """The row whose columns, by their own names (`team_id`), equal these values; call it with a key among them."""
    found = find(model, without=without, **equals)
    return found[0] if found else None


def find(model: type[M], *, order_by: str = "", without: frozenset[str] = frozenset(), **equals: Any) -> list[M]:
    """What `model.objects.filter(**equals).order_by(order_by)` finds; None means IS NULL.

    Columns `without` which the reader does well are read when somebody asks for them, as `defer` has it.
    """
    database = _database()
    table = _table_of(model, database, without)
    where = " AND ".join([f"{table.column[name]} {'IS NULL' if wanted is None else '= %s'}" for name, wanted in equals.items()])
    params = [table.fields[name].get_db_prep_value(wanted, database) for name, wanted in equals.items() if wanted is not None]
    order = f" ORDER BY {table.column[order_by]}" if order_by else ""
    found = _run(database, f"{table.select} WHERE {where}{order}", params, reads=True)[1]
    return [_instance(model, table, database, list(values)) for values in found]


def _instance(model: type[M], table: _Table, database: BaseDatabaseWrapper, values: list[Any]) -> M:
    for position, shortly in table.short_reads:
        if values[position] is not None:
            values[position] = shortly(values[position])
    for position, converters, expression in table.converters:
        for convert in converters:
            values[position] = convert(values[position], expression, database)
    # What `from_db` makes, without signals; a column that is not there is read when somebody asks for it.
    found = _blank(model)
    found.__dict__ |= zip(table.read, values, strict=True)
    found._state.adding = False
    found._state.db = database.alias
    return found


def _blank(model: type[M]) -> M:
    new = model.__new__(model)
    new._state = ModelState()
    return new


def moment(when: datetime) -> object:
    """A datetime as the database compares it."""
    return _database().ops.adapt_datetimefield_value(when)


def identity(value: UUID | None) -> object:
    """A UUID as the database keeps it."""
    return value if value is None or _database().features.has_native_uuid_field else value.hex


def hex_of(kept: object) -> str:
    """A UUID that a plain statement found, as people know it: SQLite keeps the digits, PostgreSQL the value."""
    return kept.hex if isinstance(kept, UUID) else str(kept)


@dataclass(frozen=True, slots=True)
class _Table:
    """What the ORM would work out anew for every statement."""

    fields: dict[str, Field]
    read: tuple[str, ...]
    column: dict[str, str]
    written: tuple[tuple[str, type | None, Convert | None, Field], ...]
    """Each column's name, the type of values for which a short way is known, and what turns one into the driver's form."""
    defaults: dict[str, Any]
    default_makers: tuple[tuple[str, Callable[[], Any]], ...]
    insert: str
    select: str
    short_reads: tuple[tuple[int, Convert], ...]
    """The positions of columns for which a short way is known, too, and what turns the driver's form into the value."""
    converters: tuple[tuple[int, Sequence[Any], Any], ...]


_tables: dict[tuple[type[models.Model], str, frozenset[str]], _Table] = {}


def _database() -> BaseDatabaseWrapper:
    return connections[DEFAULT_DB_ALIAS]


def _run(database: BaseDatabaseWrapper, sql: str, params: Sequence[Any], *, reads: bool) -> tuple[int, list[tuple[Any, ...]]]:
    """The rows changed and those found, of which none is left in the cursor: an unread one would keep SQLite's snapshot."""
    if isinstance(database, SqliteWrapper) and database.is_plain:
        return database.run_plain(sql, params)
    with database.cursor() as passing:
        passing.execute(sql, params)
        return int(passing.rowcount), list(passing.fetchall()) if reads else []


def _table_of(model: type[models.Model], database: BaseDatabaseWrapper, without: frozenset[str] = frozenset()) -> _Table:
    key = (model, database.vendor, without)
    if key not in _tables:
        _tables[key] = _read_table(model, database, without)
    return _tables[key]


def _read_table(model: type[models.Model], database: BaseDatabaseWrapper, without: frozenset[str]) -> _Table:
    fields: dict[str, Field] = {field.attname: field for field in model._meta.concrete_fields}
    read = {name: field for name, field in fields.items() if name not in without}
    column = {name: database.ops.quote_name(str(field.column)) for name, field in fields.items()}
    written = tuple(
        (name, *_short_way(field, database), field) for name, field in fields.items() if not isinstance(field, models.AutoField)
    )
    table = database.ops.quote_name(model._meta.db_table)
    names = ", ".join(column[name] for name, *_ in written)
    marks = ", ".join("%s" for _ in written)
    columns = [field.get_col(model._meta.db_table) for field in read.values()]
    short_reads = {position: shortly for position, field in enumerate(read.values()) if (shortly := _short_read(field, database))}
    converters = (
        (position, [*database.ops.get_db_converters(expression), *expression.get_db_converters(database)], expression)
        for position, expression in enumerate(columns)
        if position not in short_reads
    )
    return _Table(
        fields=fields,
        read=tuple(read),
        column=column,
        written=written,
        defaults={name: field.get_default() for name, field in fields.items() if not _makes_default(field)},
        default_makers=tuple((name, field.default) for name, field in fields.items() if _makes_default(field)),
        insert=f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
        select=f"SELECT {', '.join(column[name] for name in read)} FROM {table}",  # noqa: S608
        short_reads=tuple(short_reads.items()),
        converters=tuple(entry for entry in converters if entry[1]),
    )


_PLAIN: dict[type, type] = {models.CharField: str, models.TextField: str, models.BooleanField: bool}
# SQLite's alone: PostgreSQL's driver is told the width of each number.
_PLAIN_NUMBERS = {
    models.IntegerField, models.BigIntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField, models.BigAutoField
}  # fmt: skip


def _makes_default(field: Field) -> bool:
    return field.has_default() and callable(field.default)


def _short_way(field: Field, database: BaseDatabaseWrapper) -> tuple[type | None, Convert | None]:
    """Asked of exactly these classes: another may change what it is given."""
    if type(field) is models.ForeignKey:
        return _short_way(field.target_field, database)
    if database.vendor == "sqlite":
        if type(field) in _PLAIN_NUMBERS:
            return int, None
        if type(field) in _SQLITE_FORMS:
            return _SQLITE_FORMS[type(field)]
    return _PLAIN.get(type(field)), None


def _short_read(field: Field, database: BaseDatabaseWrapper) -> Convert | None:
    if type(field) is models.ForeignKey:
        return _short_read(field.target_field, database)
    return _SQLITE_READS.get(type(field)) if database.vendor == "sqlite" else None


def _in_utc(naive: datetime) -> datetime:
    """What Django has the driver make of a column of moments."""
    return naive.replace(tzinfo=UTC)


def _utc_text(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return str((moment if moment.tzinfo is UTC else moment.astimezone(UTC)).replace(tzinfo=None))


_SQLITE_FORMS: dict[type, tuple[type, Convert]] = {models.UUIDField: (UUID, attrgetter("hex")), models.DateTimeField: (datetime, _utc_text)}
_SQLITE_READS: dict[type, Convert] = {models.UUIDField: UUID, models.DateTimeField: _in_utc}
