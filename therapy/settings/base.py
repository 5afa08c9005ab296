"""Settings shared by every environment. Anything secret or per-host is read from the environment, loudly."""

from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from therapy.settings.desk import UNFOLD as UNFOLD
from therapy.settings.logs import LOGGING as LOGGING
from therapy.settings.queues import CELERY_BEAT_SCHEDULE as CELERY_BEAT_SCHEDULE
from therapy.settings.queues import CELERY_TASK_ROUTES as CELERY_TASK_ROUTES

# Lets `ModelAdmin[Model]` and the like be written at run time as the type checker reads them.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

SECRET_KEY: str = env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "csp",
    "django_htmx",
    "accounts",
    "therapy.core",
    "therapy.safety",
    "therapy.oncall",
    "therapy.observations",
    "therapy.library",
    "therapy.signals",
    "therapy.memory",
    "therapy.journal",
    "therapy.plans",
    "therapy.practice",
    "therapy.chat",
    "therapy.care",
    "therapy.assessments",
    "therapy.progress",
    "therapy.review",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "therapy.core.middleware.ContentPolicyMiddleware",
    # Before the session: help pages must answer with the database away.
    "therapy.safety.middleware.HelpWithoutSessionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "therapy.core.middleware.PrivacyHeadersMiddleware",
    "accounts.middleware.PersonLanguageMiddleware",
    "accounts.staff_middleware.StaffAccessMiddleware",
    "accounts.middleware.OnboardingMiddleware",
]

ROOT_URLCONF = "therapy.urls"
ASGI_APPLICATION = "therapy.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "therapy.core.context_processors.product",
            ],
        },
    },
]

# Database: psycopg 3 with Django's pool (measured: 0.84 ms against 9.15 ms per query and close).
DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url("DATABASE_URL", default="postgres:///attune")}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"]["pool"] = {
    "min_size": 0,
    "max_size": env.int("DATABASE_POOL", default=16),
    "timeout": 5,
    "max_idle": 60,
    # With the default of 5 minutes a pool that waits between two attempts comes back long after Postgres does.
    "reconnect_timeout": 5,
}
# A look at each connection taken from the pool: those that a restart of Postgres cut are replaced, not handed out.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Threads for the blocking work of sockets, one database connection each at most.
SOCKET_THREADS = env.int("DATABASE_POOL", default=16)

REDIS_URL: str = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # redis-py 8 defaults to a 5 s socket timeout, which would drop every idle socket.
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_timeout": None, "socket_connect_timeout": 2}],
            "prefix": "attune",
        },
    },
}

CACHES = {
    "default": {
        "BACKEND": "therapy.core.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "attune",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Celery: ids only in arguments, JSON only, nothing kept of results -------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# A task leaves the broker when it begins: the rows and their sweeps bring lost work back. With late acknowledgement a
# Redis that goes away while a task runs ends the whole worker (kombu 5.7 gives unacked tasks back on a closed channel).
CELERY_TASK_ACKS_LATE = False
# Fetch a task only when a thread is free for it, so that none waits unacknowledged behind a busy worker.
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "global_keyprefix": "attune:",
    "socket_timeout": None,
    "socket_connect_timeout": 2,
    # For publishing (a worker's own reconnecting has its own setting): without it a dead Redis holds a message for 6 s.
    "max_retries": 0,
}
# A publish happens in the request after commit: give up at once, the sweep will send it again.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True

# --- people, sign-in ----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username", "email"}
# One password field with a button that shows it.
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
# "strict": an address that is known signs up like any other, so nobody learns who has an account.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm", "login": "accounts.forms.LoginForm"}
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key", "signup": env.str("SIGNUP_RATE", default="30/h/ip")}
ACCOUNT_USERNAME_MIN_LENGTH = 3
# Stored in lower case: "Alice" and "alice" are one account, by the database's own constraint.
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
# Staff reach admin and desk with a second factor only, and are signed out after idling and after a working day.
STAFF_MFA_REQUIRED: bool = env.bool("STAFF_MFA_REQUIRED", default=True)
STAFF_IDLE_SECONDS: int = env.int("STAFF_IDLE_SECONDS", default=15 * 60)
STAFF_SESSION_SECONDS: int = env.int("STAFF_SESSION_SECONDS", default=8 * 3600)
# Staff addresses are entered by an operator; nobody has to confirm one before setting a second factor up.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Attune"
# One step of 30 seconds before and after: telephones' clocks differ.
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("chat:home")
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# Off: no message is read for emotion, whoever allowed it, and nothing read before is shown (RG-06, where law asks it).
EMOTION_READING: bool = env.bool("EMOTION_READING", default=True)
# On: a technique, article or practice that no clinician has read is not used for anybody (docs/plans.md).
LIBRARY_REQUIRES_REVIEW: bool = env.bool("LIBRARY_REQUIRES_REVIEW", default=False)
# Questionnaires on offer. pss10 is known, too, but free for non-profit research and education only (its file says
# more); who5 is free where nobody earns money with it.
ASSESSMENT_INSTRUMENTS: list[str] = env.list("ASSESSMENT_INSTRUMENTS", default=["phq9", "gad7", "who5"])
MINIMUM_AGE: int = env.int("MINIMUM_AGE", default=18)
# A pack of ml/data/domains: general, study, work, games, social or sleep. Changes texts, order and weights, no code.
ATTUNE_DOMAIN: str = env.str("ATTUNE_DOMAIN", default="general")

# --- keys: "version:base64key" of 32 bytes, newest last; see accounts/crypto.py -------------------------------------
# The web process compares the keys with the database before its first request.
CHECK_KEYS_AT_START = True
ATTUNE_KEKS: list[str] = env.list("ATTUNE_KEKS", default=[])

# --- language, time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "therapy" / app / "locale" for app in ("core", "plans")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- static -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

# --- mail, alerts -------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="attune@localhost")
EMAIL_TIMEOUT = 10
ALERT_EMAILS: list[str] = env.list("ALERT_EMAILS", default=[])
# Receivers of alerts: generic+https://…, slack+https://…, pagerduty+https://…#routing-key (docs/operations.md).
ALERT_WEBHOOKS: list[str] = env.list("ALERT_WEBHOOKS", default=[])
ALERT_WEBHOOK_SECRET: str = env.str("ALERT_WEBHOOK_SECRET", default="")
# The key that signs web push, 32 bytes in base64url; `make run` makes one. Without it no browser can sign up.
VAPID_PRIVATE_KEY: str = env.str("VAPID_PRIVATE_KEY", default="")
PUSH_SERVICES: list[str] = env.list(
    "PUSH_SERVICES",
    default=[
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "*.push.apple.com",
        "*.notify.windows.com",
    ],
)
PUBLIC_URL: str = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")

# --- chat limits --------------------------------------------------------------------------------------------------
CHAT_MAX_CHARACTERS = 4000
CHAT_MAX_FRAME_BYTES = 64 * 1024
CHAT_MESSAGES_PER_MINUTE: int = env.int("CHAT_MESSAGES_PER_MINUTE", default=20)
TURN_LEASE_SECONDS = 5
TURN_MAX_ATTEMPTS = 4
TURN_DEADLINE_SECONDS: int = env.int("TURN_DEADLINE_SECONDS", default=120)
# A counsellor who speaks with somebody and whose page is silent for so long is relieved: the assistant answers again.
COUNSELLOR_LOST_SECONDS: int = env.int("COUNSELLOR_LOST_SECONDS", default=180)
# Cases that one counsellor accompanies at most, unless a supervisor sets another number for them.
DESK_CAPACITY: int = env.int("DESK_CAPACITY", default=20)
INFERENCE_CONCURRENCY: int = env.int("INFERENCE_CONCURRENCY", default=8)
# Seconds between streamed pieces of the companion, so that its reply can be read as it comes; 0: at once.
COMPANION_PACE_SECONDS: float = env.float("COMPANION_PACE_SECONDS", default=0.03)

# --- security headers ---------------------------------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    },
}
