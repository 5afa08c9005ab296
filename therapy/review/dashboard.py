"""The first page of the admin: what waits, and figures without names."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from therapy.review import selectors


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Counts for counselling staff; nothing for others."""
    if isinstance(request.user, User) and request.user.is_counselling_staff:
        context["title"] = _("Overview")
        context["desk"] = {
            "levels": selectors.open_counts(),
            "alerts": selectors.desk_alerts(limit=5),
            "week": selectors.week_figures(),
        }
    return context
