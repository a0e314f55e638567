from __future__ import annotations

from django.apps import AppConfig
from django.utils import translation

from playground.core import speech


class WebConfig(AppConfig):
    name = "playground.web"

    def ready(self) -> None:
        from playground.web import signin_log  # noqa: F401

        speech.speak(translation)
