from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from playground.jobs import health, wakeup
from playground.supervisor import ports
from playground.supervisor.children import ChildSpec
from playground.supervisor.supervisor import Duty, Supervisor
from playground.supervisor.watchdog import Watchdog
from playground.web import firstrun

WEB, QUEUE, MEDIA = "web", "queue", "media"
_DATABASE_CACHE = "django.core.cache.backends.db.DatabaseCache"


class Command(BaseCommand):
    help = "Prepare the database and the static files, then run everything: web, queue and media workers."

    def handle(self, *args: Any, **options: Any) -> None:
        if (reason := ports.why_not(settings.HOST, settings.PORT)) is not None:
            self.stderr.write(reason)
            sys.exit(1)
        prepare()
        supervisor = Supervisor(
            child_specs(),
            watchdogs={QUEUE: Watchdog(_queue_sign_of_life, settings.WATCHDOG_SECONDS)},
            duties=[Duty("heartbeat", 15, _poke), Duty("announcement", 0.2, self._announce_once)],
        )
        supervisor.run()

    def _announce_once(self) -> bool:
        """Only when the page would open: a link that is printed too early looks broken."""
        if not ports.is_answering(settings.HOST, settings.PORT):
            return False
        try:
            self.stdout.write(firstrun.announce())
            self.stdout.flush()
        finally:
            connections.close_all()
        return True


def child_specs() -> list[ChildSpec]:
    """Each of these may as well be run alone, by systemd or in a container. Web stops first: nothing new comes in."""
    base = str(settings.BASE_DIR)
    path = os.pathsep.join(filter(None, [base, os.environ.get("PYTHONPATH")]))
    env = {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"], "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
    manage = (sys.executable, str(Path(base) / "manage.py"))
    return [
        ChildSpec(WEB, (sys.executable, "-m", "playground.serving"), env, stop_order=0, stop_seconds=8),
        ChildSpec(QUEUE, (*manage, "qcluster"), env, stop_order=1, stop_seconds=12),
        *(
            ChildSpec(f"{MEDIA}-{number}", (*manage, "media_worker"), env, stop_order=2, stop_seconds=12)
            for number in range(1, (settings.MEDIA_WORKERS or _cores()) + 1)
        ),
    ]


def prepare() -> None:
    """Everything that must be there before the first process starts. Safe and quick to repeat."""
    call_command("migrate", interactive=False, verbosity=0)
    if any(cache["BACKEND"] == _DATABASE_CACHE for cache in settings.CACHES.values()):
        call_command("createcachetable", verbosity=0)
    collect_static_if_changed()
    connections.close_all()


def collect_static_if_changed() -> None:
    """Compressing and hashing takes seconds; looking at names, sizes and times takes none."""
    note = Path(settings.STATIC_ROOT) / ".collected"
    fingerprint = _static_fingerprint()
    if note.is_file() and note.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, clear=Path(settings.STATIC_ROOT).is_dir(), verbosity=0)
    note.write_text(fingerprint)


def _static_fingerprint() -> str:
    digest = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = os.stat(storage.path(name))
            digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _queue_sign_of_life() -> object:
    # Closed every time: for a process that mostly waits, a connection is one more thing that can go stale.
    try:
        return health.last_queue_sign_of_life()
    finally:
        connections.close_all()


def _poke() -> None:
    try:
        wakeup.poke_heartbeat()
    finally:
        connections.close_all()


def _cores() -> int:
    """Of this process: containers and taskset give fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
