"""All settings. Every knob is one environment variable with a default; any secret may be given as NAME_FILE instead."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

from playground import datadir
from playground.core.money import to_millicredits
from playground.core.redaction import hide
from playground.languages import translations_in

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
WEB_PINNED = env.bool("WEB_PINNED", True)

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
# How many proxies of ours are in front; with 0, X-Forwarded-For is what a stranger says.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)

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
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "django_q",
    "lucide",
    "playground.accounts",
    "playground.credits",
    "playground.media",
    "playground.webhooks",
    "playground.jobs",
    "playground.gallery",
    "playground.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "playground.web.middleware.CompressPages",
    "playground.web.middleware.RequestId",
    # From here to the end: for pages alone.
    "playground.web.programs.Programs",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "playground.web.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "playground.web.middleware.Acting",
    "playground.web.programs.pages_end",
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
    # One connection per thread and no pool: a pool does not outlive the forks of the queue. The URL may say otherwise.
    DATABASES = {"default": {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True} | env.db_url_config(DATABASE_URL)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "playground.sqlite",
            "NAME": DATA_DIR / "rushes.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # Commits write mostly the same pages: the log is carried home every 32 MB, a sixth cheaper than every 4.
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-16000;PRAGMA wal_autocheckpoint=8000",
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
# How long the audit log keeps a line.
AUDIT_DAYS = env.int("AUDIT_DAYS", 730)
# Who may make an account: anybody (open), who is invited (invite), nobody (closed).
SIGNUP = env.str("SIGNUP", "invite").lower()
# smtp+tls://user:password@host:587; none means that links are copied and carried by hand.
EMAIL_URL = env.str("EMAIL_URL", "")
MAIL_CONFIGURED = bool(EMAIL_URL)
_mail = env.email_url_config(EMAIL_URL or "dummymail://")
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"] or None
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <no-reply@{_public.hostname or 'localhost'}>")
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"signup": "playground.web.account_forms.SignUpForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if MAIL_CONFIGURED else "none"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = MAIL_CONFIGURED
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = MAIL_CONFIGURED
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = MAIL_CONFIGURED
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_REDIRECT_URL = "sign-in"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "playground.web.signin.AccountAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "playground.web.account_forms.AddPasskeyForm",
    "login_webauthn": "playground.web.account_forms.PasskeyLoginForm",
    "authenticate_webauthn": "playground.web.account_forms.PasskeyFactorForm",
    "reauthenticate_webauthn": "playground.web.account_forms.PasskeyConfirmForm",
}
MFA_ADAPTER = "playground.web.factors.FactorAdapter"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _is_https
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1
# A sign-in service joins an existing person only if both sides have verified the address: see web/social.py.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", "").rstrip("/")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", "")
OIDC_NAME = env.str("OIDC_NAME", "single sign-on")
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", "")
GOOGLE_CLIENT_SECRET = env.str("GOOGLE_CLIENT_SECRET", "")
GITHUB_CLIENT_ID = env.str("GITHUB_CLIENT_ID", "")
GITHUB_CLIENT_SECRET = env.str("GITHUB_CLIENT_SECRET", "")
SOCIALACCOUNT_ADAPTER = "playground.web.social.SocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "google": {"SCOPE": ["profile", "email"], "OAUTH_PKCE_ENABLED": True, "APPS": []},
    "github": {"SCOPE": ["read:user", "user:email"], "APPS": []},
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": []},
}
if GOOGLE_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["google"]["APPS"] = [{"client_id": GOOGLE_CLIENT_ID, "secret": GOOGLE_CLIENT_SECRET}]
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += ["https://accounts.google.com"]
if GITHUB_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["github"]["APPS"] = [{"client_id": GITHUB_CLIENT_ID, "secret": GITHUB_CLIENT_SECRET}]
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += ["https://github.com"]
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] = [
        {
            "provider_id": "sso",
            "name": OIDC_NAME,
            "client_id": OIDC_CLIENT_ID,
            "secret": OIDC_CLIENT_SECRET,
            "settings": {"server_url": OIDC_SERVER_URL},
        }
    ]
    _sso = urlsplit(OIDC_SERVER_URL)
    # A browser follows a form's redirect only to where forms may go.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += [f"{_sso.scheme}://{_sso.netloc}"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- money ------------------------------------------------------------------------------------------------------
USD_PER_CREDIT = env("USD_PER_CREDIT", cast=Decimal, default=Decimal("0.005"))
CREDIT_PACKS = env.list("CREDIT_PACKS", cast=int, default=[1000, 5000, 20_000])
TEST_MILLICREDITS = to_millicredits(env.int("TEST_CREDITS", 10_000))

# --- providers --------------------------------------------------------------------------------------------------
KIE_API_KEY = env.str("KIE_API_KEY", "")
KIE_BASE_URL = env.str("KIE_BASE_URL", "https://api.kie.ai").rstrip("/")
KIE_UPLOAD_BASE_URL = env.str("KIE_UPLOAD_BASE_URL", "https://kieai.redpandaai.co").rstrip("/")
KIE_WEBHOOK_HMAC_KEY = env.str("KIE_WEBHOOK_HMAC_KEY", "")
MODKIE_API_KEY = env.str("MODKIE_API_KEY", "")
MODKIE_BASE_URL = env.str("MODKIE_BASE_URL", "https://modkie.com").rstrip("/")
# What an account allows, for all processes together; 0 is no end.
KIE_CREATES_PER_10_SECONDS = env.int("KIE_CREATES_PER_10_SECONDS", 20)
KIE_READS_PER_SECOND = env.int("KIE_READS_PER_SECOND", 10)
KIE_RUNNING_CAP = env.int("KIE_RUNNING_CAP", 100)
MODKIE_CREATES_PER_10_SECONDS = env.int("MODKIE_CREATES_PER_10_SECONDS", 20)
MODKIE_READS_PER_SECOND = env.int("MODKIE_READS_PER_SECOND", 10)
MODKIE_RUNNING_CAP = env.int("MODKIE_RUNNING_CAP", 100)
# For how many days at the pace of the last week a provider's balance must last, before the operator is warned.
PROVIDER_BALANCE_WARN_DAYS = env.int("PROVIDER_BALANCE_WARN_DAYS", 3)
# Whether providers can reach PUBLIC_URL: "auto" judges by its address.
PUBLIC_URL_REACHABLE = env.str("PUBLIC_URL_REACHABLE", "auto").lower()
_of_house = [SECRET_KEY, EMAIL_HOST_PASSWORD, *(urlsplit(_url).password for _url in (DATABASE_URL, REDIS_URL))]
_of_providers = [KIE_API_KEY, KIE_WEBHOOK_HMAC_KEY, MODKIE_API_KEY]
_of_sign_in = [OIDC_CLIENT_SECRET, GOOGLE_CLIENT_SECRET, GITHUB_CLIENT_SECRET]
for _secret in (*_of_house, *_of_providers, *_of_sign_in):
    hide(_secret or "")
SANDBOX_SPEED = env.float("SANDBOX_SPEED", 1.0)
SANDBOX_MAX_SECONDS = env.int("SANDBOX_MAX_SECONDS", 15)
SANDBOX_DETAIL = env.float("SANDBOX_DETAIL", 1.0)

# --- jobs -------------------------------------------------------------------------------------------------------
TEAM_RUNNING_CAP = env.int("TEAM_RUNNING_CAP", 10)
TEAM_QUEUE_CAP = env.int("TEAM_QUEUE_CAP", 1000)
IN_DOUBT_MINUTES = env.float("IN_DOUBT_MINUTES", 60)
QUEUED_HOURS = env.float("QUEUED_HOURS", 6)
CIRCUIT_SECONDS = env.float("CIRCUIT_SECONDS", 60)
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
KEY_REQUESTS_PER_MINUTE = env.int("KEY_REQUESTS_PER_MINUTE", 6000)
CREATE_TASKS_PER_MINUTE = env.int("CREATE_TASKS_PER_MINUTE", 600)
QUOTES_PER_MINUTE = env.int("QUOTES_PER_MINUTE", 600)
# Calls that wait for their task's end, in each web process; they take a connection and no thread.
WAITING_CALLS_PER_KEY = env.int("WAITING_CALLS_PER_KEY", 50)
WAITING_CALLS = env.int("WAITING_CALLS", 500)
# The model of a scene for requests that name none, as gateway/id; the environment replaces single ones.
SCENE_MODELS = {
    "text-to-video": "kie/bytedance/seedance-2-mini",
    "image-to-video": "kie/wan/2-7-image-to-video",
    "video-to-video": "kie/wan/2-7-videoedit",
    "ad-video": "kie/bytedance/seedance-2-fast",
} | env.dict("SCENE_MODELS", default={})
# What an ad-video is unless it says otherwise, by the part that a field plays; a model without the field or the value goes without.
AD_VIDEO_PRESET = env.dict("AD_VIDEO_PRESET", default={"ratio": "9:16", "resolution": "720", "duration": "8", "audio": "true"})
SIGN_INS_PER_MINUTE = env.int("SIGN_INS_PER_MINUTE", 20)
# "login_failed" counts by address and account together: nobody can lock somebody else out.
ACCOUNT_RATE_LIMITS = {"login": f"{SIGN_INS_PER_MINUTE}/m/ip", "login_failed": "10/m/ip,5/300s/key", "signup": "10/m/ip"}
FAILED_KEYS_PER_MINUTE = env.int("FAILED_KEYS_PER_MINUTE", 60)

# --- pages ------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = True
# A translation is one file: locale/<language>/LC_MESSAGES/django.po, begun by `make messages LANGUAGE=<language>`.
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGES = [("en", "English"), *translations_in(LOCALE_PATHS[0])]
USE_TZ = True
TIME_ZONE = env.str("TZ", "UTC") or "UTC"
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# What every page loads (templates/base.html), in this order: sent as one file once static files are collected.
OWN_SCRIPTS = [
    f"js/{name}.js"
    for name in (
        "zone", "theme", "tick", "toasts", "copy", "pulse", "offline", "draft", "csrf", "moved", "keys", "search", "counter", "slider",
        "player", "hoverplay", "drop", "compare", "select", "passkeys",
    )
]  # fmt: skip
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": "playground.web.staticfiles.MinifiedStaticFilesStorage",
        "OPTIONS": {"bundles": {"js/app.js": OWN_SCRIPTS}},
    },
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
        # A line for each request of the pump would be all that the log holds.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        # Strangers try wrong hosts all day; the page names the setting, the log need not repeat it.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
