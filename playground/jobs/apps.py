from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class JobsConfig(AppConfig):
    name = "playground.jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from playground.jobs import ledger_checks
        from playground.supervisor import checks  # noqa: F401  (registers the system check)

        ledger_checks.register()
        post_migrate.connect(ensure_schedules, sender=self)


def ensure_schedules(*, using: str, **kwargs: Any) -> None:
    """With the tables come the schedules, whoever starts the parts afterwards: `up`, systemd or a container."""
    from playground.jobs import wakeup

    if wakeup.SCHEDULE_TABLE in connections[using].introspection.table_names():
        wakeup.ensure_schedules()
