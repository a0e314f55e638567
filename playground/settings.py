"""All settings. Every knob is one environment variable with a default; any secret may be given as NAME_FILE instead."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

from playground import datadir
from playground.core.money import to_millicredits

env = environ.FileAwareEnv()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- where things are -------------------------------------------------------------------------------------------
HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000)
PUBLIC_URL = env.str("PUBLIC_URL", f"http://{'localhost' if HOST in ('127.0.0.1', '0.0.0.0', '::') else HOST}:{PORT}").rstrip("/")
DATA_DIR = datadir.prepare(Path(env.str("DATA_DIR", str(BASE_DIR / "var"))))
MEDIA_ROOT = DATA_DIR / "media"
SITE_NAME = env.str("SITE_NAME", "Rushes")

# --- web server -------------------------------------------------------------------------------------------------
WEB_WORKERS = env.int("WEB_WORKERS", 1)
WEB_THREADS = env.int("WEB_THREADS", 8)

# --- safety -----------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or datadir.secret_key(DATA_DIR)
_public = urlsplit(PUBLIC_URL)
_is_https = _public.scheme == "https"
ALLOWED_HOSTS = sorted({_public.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"} | ({HOST} - {"0.0.0.0", "::"}))
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
CSRF_FAILURE_VIEW = "playground.web.errors.csrf_failure"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = _is_https
SESSION_COOKIE_NAME = "rushes_session"
CSRF_COOKIE_NAME = "rushes_csrf"
# Pages say same-origin instead (see the middleware): with no-referrer a browser sends its forms with "Origin: null".
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_https else None
X_FRAME_OPTIONS = "DENY"
OUTBOUND_ALLOW = env.list("OUTBOUND_ALLOW", default=[])
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("MAX_BODY_BYTES", 1024 * 1024)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # Only style attributes: widths of bars are data, and hashing each of them would be theatre.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 512 * 1024**2)
UPLOAD_FETCH_SECONDS = env.float("UPLOAD_FETCH_SECONDS", 60)
UPLOADS_PER_MINUTE = env.int("UPLOADS_PER_MINUTE", 60)
# On the disk of the storage, so that a large file is moved there and not copied.
FILE_UPLOAD_TEMP_DIR = datadir.temporary(DATA_DIR)
FILE_UPLOAD_HANDLERS = ["playground.web.diskuploads.DiskHandler"]

# --- application ------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "django_q",
    "lucide",
    "playground.accounts",
    "playground.credits",
    "playground.media",
    "playground.webhooks",
    "playground.jobs",
    "playground.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "playground.web.middleware.CompressPages",
    "playground.web.middleware.RequestId",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "playground.urls"
WSGI_APPLICATION = "playground.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "playground.web.context.shell",
            ],
        },
    }
]

# --- database, cache, queue -------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", "")
if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    DATABASES["default"]["CONN_MAX_AGE"] = 60
else:
    DATABASES = {
        "default": {
            "ENGINE": "playground.sqlite",
            "NAME": DATA_DIR / "rushes.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", "")
CACHES: dict[str, dict[str, Any]]
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "rushes_cache",
            # Rate limits live here: Django's default of 300 entries would forget them under load.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }

WORKERS = max(3, env.int("WORKERS", 3))
Q_CLUSTER = {
    "name": "rushes",
    "workers": WORKERS,
    "queue_limit": 1,
    "timeout": 60,
    "retry": 600,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 200,
    "poll": 0.05,
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# --- people -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "sign-in"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "playground.web.signin.AccountAdapter"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- money ------------------------------------------------------------------------------------------------------
USD_PER_CREDIT = env("USD_PER_CREDIT", cast=Decimal, default=Decimal("0.005"))
TEST_MILLICREDITS = to_millicredits(env.int("TEST_CREDITS", 10_000))

# --- providers --------------------------------------------------------------------------------------------------
MODKIE_API_KEY = env.str("MODKIE_API_KEY", "")
MODKIE_BASE_URL = env.str("MODKIE_BASE_URL", "https://modkie.com").rstrip("/")
SANDBOX_SPEED = env.float("SANDBOX_SPEED", 1.0)
SANDBOX_MAX_SECONDS = env.int("SANDBOX_MAX_SECONDS", 15)
SANDBOX_DETAIL = env.float("SANDBOX_DETAIL", 1.0)

# --- jobs -------------------------------------------------------------------------------------------------------
TEAM_RUNNING_CAP = env.int("TEAM_RUNNING_CAP", 10)
TEAM_QUEUE_CAP = env.int("TEAM_QUEUE_CAP", 1000)
IN_DOUBT_MINUTES = env.float("IN_DOUBT_MINUTES", 60)
QUEUED_HOURS = env.float("QUEUED_HOURS", 6)
RESULT_DEADLINE_HOURS = env.float("RESULT_DEADLINE_HOURS", 24)
RESULT_MAX_BYTES = env.int("RESULT_MAX_BYTES", 2 * 1024**3)
LEASE_SECONDS = env.float("LEASE_SECONDS", 60)
# Both are for rehearsals: another deadline than the card's, and a faster or slower look at the provider.
DEADLINE_SECONDS = env.int("DEADLINE_SECONDS", 0)
POLL_FACTOR = env.float("POLL_FACTOR", 1.0)
PROVIDER_TIMEOUT_SECONDS = env.float("PROVIDER_TIMEOUT_SECONDS", 20)
MEDIA_WORKERS = env.int("MEDIA_WORKERS", 0)
# Schedules fire with up to 60 s of slack, so one missed heartbeat is no death yet.
QUEUE_DEAD_SECONDS = env.float("QUEUE_DEAD_SECONDS", 180)
WATCHDOG_SECONDS = env.float("WATCHDOG_SECONDS", 90)
KIE_HTTP_STATUS_ERRORS = env.bool("KIE_HTTP_STATUS_ERRORS", False)
CREATE_TASKS_PER_MINUTE = env.int("CREATE_TASKS_PER_MINUTE", 600)
QUOTES_PER_MINUTE = env.int("QUOTES_PER_MINUTE", 600)
SIGN_INS_PER_MINUTE = env.int("SIGN_INS_PER_MINUTE", 20)
ACCOUNT_RATE_LIMITS = {"login": f"{SIGN_INS_PER_MINUTE}/m/ip"}
FAILED_KEYS_PER_MINUTE = env.int("FAILED_KEYS_PER_MINUTE", 60)

# --- pages ------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TZ", "UTC") or "UTC"
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Text from outside may hold newlines and escape sequences; a log line stays one line.
    "formatters": {"line": {"()": "playground.logs.OneLineFormatter", "format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "django-q": {"level": "WARNING", "handlers": []},
        # Strangers try wrong hosts all day; the page names the setting, the log need not repeat it.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
