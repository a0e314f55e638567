"""The backend: take a turn before a write begins, give it back when SQLite's transaction has ended, however it ended."""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.db.backends.sqlite3 import base

from playground.sqlite.fairlock import Turn

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_DEFAULT_TIMEOUT_SECONDS = 5.0  # sqlite3's own default


class DatabaseWrapper(base.DatabaseWrapper):
    # django-stubs know neither these nor the methods overridden below.
    transaction_mode: str | None
    _thread_sharing_count: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn = Turn()
        self._kept: tuple[object, sqlite3.Cursor] | None = None
        self._is_logged = settings.DEBUG
        self.execute_wrappers.append(self._queue_single_write)
        # A connection that is collected in mid-transaction (its thread died) must not block everybody for ever.
        weakref.finalize(self, self._turn.give_back).atexit = False

    @property
    def is_plain(self) -> bool:
        """Whether Django's cursors have nothing to do but to run statements: none is written down, and one thread asks."""
        is_watched = self._is_logged or self.force_debug_cursor or len(self.execute_wrappers) > 1
        return not is_watched and not self._thread_sharing_count

    def run_plain(self, sql: str, params: Sequence[Any]) -> tuple[int, list[tuple[Any, ...]]]:
        """The rows changed and those found, where `is_plain`. A cursor for each statement, and its wrappers, cost more than
        a small statement does; this one is kept for as long as the connection lasts."""
        if self._kept is None or self._kept[0] is not self.connection:
            self.ensure_connection()
            self._kept = (self.connection, sqlite3.Cursor(self.connection))
        cursor = self._kept[1]
        self.validate_no_broken_transaction()
        try:
            self._queue_single_write(_execute, _with_question_marks(sql), params, False, cursor)
            return cursor.rowcount, cursor.fetchall()
        except sqlite3.Error:
            with self.wrap_database_errors:
                raise

    def _take_turn(self) -> None:
        if self.is_in_memory_db():
            return
        timeout_seconds = float(self.settings_dict["OPTIONS"].get("timeout", _DEFAULT_TIMEOUT_SECONDS))
        # realpath would be a system call per write; two spellings of one file only lose fairness between them.
        database = os.path.abspath(str(self.settings_dict["NAME"]))
        if not self._turn.take(database, timeout_seconds):
            raise OperationalError("database is locked: other threads of this process wrote for too long")

    def _give_back_if_done(self) -> None:
        """SQLite's word decides, not ours: some errors end a transaction by themselves, some commits fail."""
        if self._turn.is_held and (self.connection is None or not _in_transaction(self.connection)):
            self._turn.give_back()

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode in ("IMMEDIATE", "EXCLUSIVE"):
            self._take_turn()
        try:
            if self.is_plain:
                self.run_plain(f"BEGIN {self.transaction_mode or 'DEFERRED'}", ())
            else:
                super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_back_if_done()
            raise

    def _queue_single_write(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """A write outside of any transaction is a transaction of its own."""
        if self.in_atomic_block or self._turn.is_held or not _is_write(sql):
            return execute(sql, params, many, context)
        self._take_turn()
        try:
            return execute(sql, params, many, context)
        finally:
            self._give_back_if_done()

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._give_back_if_done()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_back_if_done()

    def _set_autocommit(self, autocommit: bool) -> None:
        try:
            super()._set_autocommit(autocommit)  # type: ignore[misc]
        finally:
            self._give_back_if_done()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_back_if_done()


def _execute(sql: str, params: Sequence[Any], _many: bool, cursor: sqlite3.Cursor) -> None:
    cursor.execute(sql, params)


@lru_cache
def _with_question_marks(sql: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", sql).replace("%%", "%")


@lru_cache
def _is_write(sql: str) -> bool:
    return sql.lstrip()[:7].upper().startswith(_WRITES)


def _in_transaction(connection: Any) -> bool:
    try:
        return bool(connection.in_transaction)
    except sqlite3.ProgrammingError:
        # Closed: SQLite has rolled back.
        return False
