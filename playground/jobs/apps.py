from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "playground.jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from playground.supervisor import checks  # noqa: F401  (registers the system check)
