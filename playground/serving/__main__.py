"""``python -m playground.serving``: the web server alone, as `manage.py up`, systemd or a container starts it."""

from __future__ import annotations

import os

from django.conf import settings

from playground.serving import serve_web

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")

if __name__ == "__main__":
    serve_web(settings.HOST, settings.PORT, workers=settings.WEB_WORKERS)
