"""The application that the web server loads: Django behind the front, with the limits of the settings."""

from __future__ import annotations

import gc

from django.conf import settings
from django.db import connection

from playground.core import processors
from playground.serving.front import Front
from playground.serving.limits import MIB, Limits
from playground.wsgi import application as wsgi_application

# Before granian starts its threads, which it does once this module is here.
if settings.WEB_PINNED:
    processors.keep_to_one()
application = Front(
    wsgi_application,
    Limits(
        threads=settings.WEB_THREADS,
        # Python and SQLite do one thing at a time; another database works while the next request is read.
        at_once=1 if connection.vendor == "sqlite" else settings.WEB_THREADS,
        body_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        # Without script a model's form carries its files itself.
        upload_paths=("/uploads", "/models/", "/api/file-"),
        upload_bytes=settings.UPLOAD_MAX_BYTES + MIB,
    ),
)
# Models, cards and templates stay for good: looking through them again and again for rubbish is a tenth of a small request.
gc.freeze()
