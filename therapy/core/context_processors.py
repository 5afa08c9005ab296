"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, object]:
    """The minimum age and whether demo accounts exist."""
    return {"minimum_age": settings.MINIMUM_AGE, "demo_accounts": getattr(settings, "DEMO_ACCOUNTS", False)}
