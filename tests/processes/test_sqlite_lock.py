"""The SQLite backend: writers of one process are served in turn, and no error leaves the queue blocked."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connections, transaction
from pytest_django import DjangoDbBlocker

from playground.sqlite.fairlock import FairLock, lock_of

ALIAS = "queued"
WAIT_SECONDS = 300.0


@pytest.fixture
def database(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A file database of this test's own, reachable under ALIAS from every thread."""
    file = tmp_path / "queue.sqlite3"
    settings = dict(connections.settings["default"])
    settings.update(
        ENGINE="playground.sqlite",
        NAME=str(file),
        OPTIONS={"transaction_mode": "IMMEDIATE", "timeout": WAIT_SECONDS, "init_command": "PRAGMA journal_mode=WAL"},
        ATOMIC_REQUESTS=False,
        AUTOCOMMIT=True,
        TIME_ZONE=None,
        CONN_MAX_AGE=None,
        CONN_HEALTH_CHECKS=False,
    )
    connections.settings[ALIAS] = settings
    with django_db_blocker.unblock():
        execute("CREATE TABLE line (id INTEGER PRIMARY KEY, word TEXT UNIQUE)")
        yield str(file)
        connections[ALIAS].close()
    del connections[ALIAS]
    del connections.settings[ALIAS]


def execute(sql: str, *params: str | int) -> list[Any]:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def words() -> list[str]:
    return [row[0] for row in execute("SELECT word FROM line ORDER BY id")]


def is_free(database: str) -> bool:
    """Whether another thread would be served at once."""
    answer: list[bool] = []

    def ask() -> None:
        lock = lock_of(database)
        answer.append(lock.acquire(timeout_seconds=0))
        if answer[0]:
            lock.release()

    in_thread(ask).join(WAIT_SECONDS)
    return answer[0]


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def body() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    return thread


def wait_until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(WAIT_SECONDS * 100)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("the condition never became true")


def test_waiters_are_served_in_the_order_of_their_arrival() -> None:
    lock = FairLock()
    served: list[int] = []
    assert lock.acquire(WAIT_SECONDS)

    def queue_up(number: int) -> None:
        assert lock.acquire(WAIT_SECONDS)
        served.append(number)
        lock.release()

    threads = []
    for number in range(8):
        threads.append(in_thread(lambda number=number: queue_up(number)))  # type: ignore[misc]
        wait_until(lambda number=number: len(lock._waiters) == number + 1)  # type: ignore[misc]
    lock.release()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    assert served == list(range(8))


def test_who_gives_up_waiting_leaves_the_queue() -> None:
    lock = FairLock()
    lock.acquire(0)
    refused: list[bool] = []
    in_thread(lambda: refused.append(lock.acquire(timeout_seconds=0.01))).join(WAIT_SECONDS)
    assert refused == [False]
    lock.release()
    assert lock.acquire(timeout_seconds=0)


def test_transactions_of_many_threads_all_succeed(database: str) -> None:
    def write(number: int) -> None:
        for turn in range(25):
            with transaction.atomic(using=ALIAS):
                before = execute("SELECT count(*) FROM line")[0][0]
                execute("INSERT INTO line (id, word) VALUES (%s, %s)", before + 1, f"{number}-{turn}")

    threads = [in_thread(lambda number=number: write(number)) for number in range(6)]  # type: ignore[misc]
    for thread in threads:
        thread.join(WAIT_SECONDS * 2)
    assert len(words()) == 150


def test_nested_blocks_take_one_turn_and_savepoints_still_roll_back(database: str) -> None:
    with transaction.atomic(using=ALIAS):
        execute("INSERT INTO line (word) VALUES ('kept')")
        with pytest.raises(ValueError), transaction.atomic(using=ALIAS):
            execute("INSERT INTO line (word) VALUES ('dropped')")
            raise ValueError
        assert not is_free(database)
    assert is_free(database)
    assert words() == ["kept"]


def test_a_durable_block_is_still_refused_inside_another(database: str) -> None:
    with transaction.atomic(using=ALIAS), pytest.raises(RuntimeError), transaction.atomic(using=ALIAS, durable=True):
        pass
    assert is_free(database)


@pytest.mark.parametrize("sql", ["INSERT INTO line (word) VALUES ('twice')", "INSERT INTO nowhere VALUES (1)"])
def test_an_error_gives_the_turn_back(database: str, sql: str) -> None:
    execute("INSERT INTO line (word) VALUES ('twice')")
    with pytest.raises(DatabaseError), transaction.atomic(using=ALIAS):
        execute(sql)
    assert is_free(database)
    with pytest.raises(DatabaseError):
        execute(sql)
    assert is_free(database)


def test_single_writes_queue_behind_a_transaction(database: str) -> None:
    with transaction.atomic(using=ALIAS):
        execute("INSERT INTO line (word) VALUES ('first')")
        later = in_thread(lambda: execute("INSERT INTO line (word) VALUES ('second')"))
        wait_until(lambda: len(lock_of(database)._waiters) == 1)
    later.join(WAIT_SECONDS)
    assert words() == ["first", "second"]
    assert is_free(database)


def test_readers_do_not_queue(database: str) -> None:
    seen: list[list[str]] = []
    with transaction.atomic(using=ALIAS):
        execute("INSERT INTO line (word) VALUES ('unseen')")
        in_thread(lambda: seen.append(words())).join(WAIT_SECONDS)
    assert seen == [[]]


def test_closing_the_connection_inside_a_transaction_gives_the_turn_back(database: str) -> None:
    with transaction.atomic(using=ALIAS):
        execute("INSERT INTO line (word) VALUES ('lost')")
        connections[ALIAS].close()
        assert is_free(database)
    assert words() == []


def test_a_connection_lost_in_mid_transaction_gives_the_turn_back(database: str) -> None:
    def vanish() -> None:
        # Entered and never left, as when a generator is abandoned; then the thread's connection is dropped.
        transaction.atomic(using=ALIAS).__enter__()
        execute("INSERT INTO line (word) VALUES ('lost')")
        del connections[ALIAS]

    thread = threading.Thread(target=vanish)
    thread.start()
    thread.join(WAIT_SECONDS)
    gc.collect()
    assert is_free(database)
    assert words() == []


def test_a_second_connection_of_the_same_thread_does_not_wait_for_itself(database: str) -> None:
    other = connections[ALIAS].copy(ALIAS)
    other.settings_dict["OPTIONS"] = {**other.settings_dict["OPTIONS"], "timeout": 0.01}
    with transaction.atomic(using=ALIAS), pytest.raises(OperationalError, match="locked"), other.cursor() as cursor:
        cursor.execute("INSERT INTO line (word) VALUES ('impatient')")
    other.close()
    assert is_free(database)


def test_a_writer_that_waits_too_long_gets_sqlites_own_error(database: str) -> None:
    errors: list[BaseException] = []

    def impatient() -> None:
        connections[ALIAS].settings_dict["OPTIONS"] = {**connections[ALIAS].settings_dict["OPTIONS"], "timeout": 0.01}
        try:
            execute("INSERT INTO line (word) VALUES ('late')")
        except OperationalError as error:
            errors.append(error)

    with transaction.atomic(using=ALIAS):
        in_thread(impatient).join(WAIT_SECONDS)
    assert "database is locked" in str(errors[0])
    assert is_free(database)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_starts_with_a_free_queue(database: str) -> None:
    lock = lock_of(database)
    assert lock.acquire(WAIT_SECONDS)
    child = os.fork()
    if child == 0:
        os._exit(0 if lock_of(database).acquire(timeout_seconds=0) else 1)
    lock.release()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
