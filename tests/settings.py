"""The product's settings in a throw-away data directory, with the slow and the outside parts turned down."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="rushes-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
for _name in [name for name in os.environ if name.endswith(("_API_KEY", "_BASE_URL", "_API_KEY_FILE"))]:
    del os.environ[_name]
os.environ["DATA_DIR"] = _folder

from playground.settings import *  # noqa: E402, F403
from playground.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, not memory: tests with threads need connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(_folder, "test.sqlite3")}
    # Fifty threads that write at once on a busy machine are served one after the other, and that is no finding.
    DATABASES["default"]["OPTIONS"]["timeout"] = 300
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SANDBOX_SPEED = 50.0
PUBLIC_URL = "http://testserver"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = ["http://testserver"]
# whitenoise warns of a missing folder, and warnings are errors here.
os.makedirs(STATIC_ROOT, exist_ok=True)
