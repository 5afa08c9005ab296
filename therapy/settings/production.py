"""Production: no default secrets, HTTPS only. Every value that an operator must set fails loudly when missing."""

from therapy.settings.base import *  # noqa: F403
from therapy.settings.base import env

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ATTUNE_KEKS = env.list("ATTUNE_KEKS")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
ALERT_EMAILS = env.list("ALERT_EMAILS")
PUBLIC_URL = env.str("PUBLIC_URL")
DEMO_ACCOUNTS = False
# Not to be switched off where people's words are.
STAFF_MFA_REQUIRED = True
# Nothing that no clinician has read is used for people; an operator may lift it where law and care allow.
LIBRARY_REQUIRES_REVIEW = env.bool("LIBRARY_REQUIRES_REVIEW", default=True)

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
