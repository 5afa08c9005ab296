"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from therapy.core import domain


def product(request: HttpRequest) -> dict[str, object]:
    """The minimum age, whether demo accounts exist, and the texts of the domain pack in the page's language."""
    pack = domain.current()
    language = domain.language_of(get_language() or "en")
    return {
        "minimum_age": settings.MINIMUM_AGE,
        "demo_accounts": getattr(settings, "DEMO_ACCOUNTS", False),
        "domain_welcome": pack.welcome.of(language),
        "domain_reason_hint": pack.reason_hint.of(language),
    }
