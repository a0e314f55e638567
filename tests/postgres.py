"""A private PostgreSQL server for tests, which is gone when the process that started it is.

``python -m tests.postgres -- <command>`` runs a command with DATABASE_URL set and ends with its exit code; without a
command it prints the address and serves until Ctrl-C. Where there are no binaries of PostgreSQL it says so and counts as
skipped, or, with POSTGRES_TESTS=required, as failed.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg

ROLE = "rushes"
START_SECONDS = 120
DEBIAN = Path("/usr/lib/postgresql")
# Nothing here need survive a loss of power. A socket in a folder that nobody else enters needs no password.
_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}
# The pipe on its standard input ends when our process does, however that came about, SIGKILL included.
_GUARD = r"""
folder=$1 binaries=$2; shift 2
trap 'rm -rf "$folder"' EXIT
"$binaries/initdb" -D "$folder/data" --no-sync --auth=trust --username=rushes --encoding=UTF8 --locale=C.UTF-8 >"$folder/log" 2>&1 ||
    { cat "$folder/log" >&2; exit 1; }
"$binaries/postgres" -D "$folder/data" -k "$folder" "$@" >>"$folder/log" 2>&1 &
cat >/dev/null
kill -QUIT $!
wait
"""


class NoPostgres(Exception):
    """This machine has no server to start."""


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`: Debian's newest, or whatever is on the PATH."""
    debian = sorted(DEBIAN.glob("*/bin"), key=lambda folder: [int(part) for part in re.findall(r"\d+", folder.parent.name)], reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    for folder in (*debian, *on_path):
        if all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres")):
            return folder
    raise NoPostgres(f"no PostgreSQL server on this machine (initdb is neither in {DEBIAN}/*/bin nor on the PATH)")


class Server:
    """Running between `start` and `stop`, with an empty database of the role's name; `url` leads to it."""

    def __init__(self) -> None:
        self.binaries = find_binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="rushes-pg-"))
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://{ROLE}@/{self.folder}/{ROLE}"

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        # PostgreSQL refuses to run as root.
        person = next(filter(None, map(_person, ("postgres", "nobody")))) if os.geteuid() == 0 else None
        if person is not None:
            os.chown(self.folder, person.pw_uid, person.pw_gid)
        options = [word for name, value in _OPTIONS.items() for word in ("-c", f"{name}={value}")]
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "postgres-guard", str(self.folder), str(self.binaries), *options],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            # Ctrl-C is for the tests; the server ends after them.
            start_new_session=True,
            user=None if person is None else person.pw_uid,
            group=None if person is None else person.pw_gid,
            extra_groups=None if person is None else [],
        )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def _wait_until_it_answers(self) -> None:
        assert self._guard is not None and self._guard.stderr is not None
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with psycopg.connect(host=str(self.folder), user=ROLE, dbname="postgres", autocommit=True) as connection:
                    connection.execute(f"CREATE DATABASE {ROLE}")
                    return
            except psycopg.OperationalError as error:
                if self._guard.poll() is not None:
                    raise RuntimeError(f"initdb failed:\n{self._guard.stderr.read().decode(errors='replace')}") from error
                if time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL does not answer:\n{self._log()[-5000:]}") from error
            time.sleep(0.05)

    def deadlocks(self) -> list[str]:
        """What the server had to break up. The product may have tried again, so that no test shows it."""
        return re.findall(r"ERROR:  deadlock detected\n(?:.*\n){,12}", self._log())

    def _log(self) -> str:
        with suppress(OSError):
            return (self.folder / "log").read_text(errors="replace")
        return ""

    def stop(self) -> None:
        if self._guard is not None:
            assert self._guard.stdin is not None and self._guard.stderr is not None
            self._guard.stdin.close()
            self._guard.wait()
            self._guard.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _person(name: str) -> pwd.struct_passwd | None:
    with suppress(KeyError):
        return pwd.getpwnam(name)
    return None


def run(command: list[str]) -> int:
    with Server() as server:
        if not command:
            print(f"DATABASE_URL={server.url}", flush=True)
            with suppress(KeyboardInterrupt):
                signal.pause()
            return 0
        process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": server.url})
        # Both are the command's to answer; it is waited for, so that the server does not vanish under it.
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        code = process.wait()
        if deadlocks := server.deadlocks():
            print("FAILED: rows were locked in different orders.", *deadlocks, sep="\n", file=sys.stderr)
        return code or int(bool(deadlocks))


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    # A shell starts what runs in the background deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return run(command)
    except NoPostgres as error:
        if os.environ.get("POSTGRES_TESTS") == "required":
            print(f"FAILED: POSTGRES_TESTS=required, but {error}", file=sys.stderr)
            return 1
        print(f"SKIPPED: {error}")
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
