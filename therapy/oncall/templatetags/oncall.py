"""The card about the last drill, for the admin's first page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from therapy.oncall import selectors
from therapy.oncall.access import may_see

register = template.Library()

# Parts of a drill in words; a channel goes by its own name and address.
PARTS = {
    "detection": _("detection"),
    "alert": _("Alert"),
    "delivery": _("delivery"),
    "people": _("people"),
    "queue": _("queue"),
    "acknowledgement": _("acknowledgement"),
    "end": _("end"),
}


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


@register.filter
def part_name(name: str) -> str:
    """What a step of the drill is called on the page."""
    return str(PARTS.get(name, name))
