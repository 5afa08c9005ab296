"""Tests: real Postgres and Redis from the environment, mail in memory, fast hashing."""

import base64
import os

from therapy.settings.base import *  # noqa: F403
from therapy.settings.base import DATABASES as _DATABASES

# Test modules import the application before a test database exists.
CHECK_KEYS_AT_START = False
SECRET_KEY = "test-only-not-a-secret"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
ATTUNE_KEKS = ["1:" + base64.b64encode(b"k" * 32).decode()]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALERT_EMAILS = ["on-call@localhost"]
DEMO_ACCOUNTS = True
# Switched on by the tests that are about it.
STAFF_MFA_REQUIRED = False
COMPANION_PACE_SECONDS = 0.0
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Several test runs on one server, each with its own database.
_DATABASES["default"]["TEST"] = {"NAME": os.environ.get("ATTUNE_TEST_DB", "test_attune")}
_DATABASES["default"]["OPTIONS"].pop("pool", None)
