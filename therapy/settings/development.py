"""Development: localhost only, demo accounts, mail on the console. Secrets come from the local runner."""

from therapy.settings.base import *  # noqa: F403
from therapy.settings.base import SECRET_KEY as _SECRET_KEY
from therapy.settings.base import env as _env

DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
# Without the local runner's secrets (for example for `manage.py help`) a constant is good enough: no data is behind it.
SECRET_KEY = _SECRET_KEY or "development-only-not-a-secret"
DEMO_ACCOUNTS = True
ALERT_EMAILS = ["on-call@localhost"]
# The demo accounts have no telephone; `STAFF_MFA_REQUIRED=1 make run` shows the desk as it is in production.
STAFF_MFA_REQUIRED = _env.bool("STAFF_MFA_REQUIRED", default=False)
