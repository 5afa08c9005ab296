"""Development with the error pages that people get, instead of Django's own."""

from therapy.settings.development import *  # noqa: F403

DEBUG = False
# Without DEBUG the static files would have to be collected first.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
