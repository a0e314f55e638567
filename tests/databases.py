"""A database of its own for each installation that a test starts.

It is on the server that DATABASE_URL names, where the tests run on one; else it is SQLite's file in the DATA_DIR.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import environ
import psycopg

BASE = Path(__file__).resolve().parent.parent
FILE = "rushes.sqlite3"


def is_postgres() -> bool:
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


@dataclass(frozen=True)
class Database:
    """`name` is what Django's connection calls it; `env` leads a process with this DATA_DIR to it."""

    name: str
    env: dict[str, str]


def new_database(data_dir: Path, template: Database | None = None) -> Database:
    """An empty one or a copy; with SQLite and a template the folder must be there already. See `drop`."""
    if not is_postgres():
        if template is not None:
            shutil.copy(template.name, data_dir / FILE)
        return Database(str(data_dir / FILE), {})
    name = f"rushes_{secrets.token_hex(6)}"
    _on_the_server(f"CREATE DATABASE {name} TEMPLATE {template.name if template else 'template0'}")
    server = urlsplit(os.environ["DATABASE_URL"])
    return Database(name, {"DATABASE_URL": urlunsplit(server._replace(path=f"{server.path.rpartition('/')[0]}/{name}"))})


def others_write(database: Database) -> bool:
    """Whether somebody is inside a transaction that may write, at this moment."""
    if is_postgres():
        open_ones = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND xact_start IS NOT NULL AND pid <> pg_backend_pid() LIMIT 1"
        with _server() as connection:
            return connection.execute(open_ones, [database.name]).fetchone() is not None
    with closing(sqlite3.connect(database.name, timeout=0.05, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


def drop(database: Database) -> None:
    """Those who still look into it are cut off; SQLite's file goes with its folder."""
    if is_postgres():
        _on_the_server(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")


@contextmanager
def own_database(data_dir: Path) -> Iterator[Database]:
    database = new_database(data_dir)
    try:
        yield database
    finally:
        drop(database)


@contextmanager
def migrated_database(data_dir: Path) -> Iterator[Database]:
    """With the product's tables and nothing in them: a template for others."""
    with own_database(data_dir) as database:
        env = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "playground.settings", **database.env}
        for command in ("migrate", "createcachetable"):
            subprocess.run([sys.executable, BASE / "manage.py", command, "-v0"], env=env, check=True, timeout=300)
        yield database


def _on_the_server(statement: str) -> None:
    with _server() as connection:
        connection.execute(statement.encode())


def _server() -> psycopg.Connection:
    server = environ.Env.db_url_config(os.environ["DATABASE_URL"])
    # From the database that every server has: one that is looked into can be neither copied nor dropped.
    address = {"host": server["HOST"], "port": server["PORT"] or None, "user": server["USER"], "password": server["PASSWORD"]}
    return psycopg.connect(**address, dbname="postgres", autocommit=True)
