"""The card about the last drill, for the admin's first page."""

from __future__ import annotations

from typing import Any

from django import template

from accounts.models import User
from therapy.oncall import selectors
from therapy.oncall.access import may_see

register = template.Library()


@register.inclusion_tag("oncall/_drill.html", takes_context=True)
def drill_card(context: dict[str, Any]) -> dict[str, Any]:
    """How the last drill went; nothing for those it does not concern."""
    request = context["request"]
    is_shown = isinstance(request.user, User) and may_see(request.user)
    return {
        "drill": selectors.last_drill() if is_shown else None,
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }
