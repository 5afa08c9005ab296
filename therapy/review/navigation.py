"""The admin's side bar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from therapy.review import selectors


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links by role; what somebody may not open is not offered."""
    user = request.user
    if not isinstance(user, User):
        return []
    groups: list[dict[str, Any]] = []
    if user.is_counselling_staff:
        groups.append({"title": _("Desk"), "items": _desk()})
    if user.is_superuser or user.role == Role.OPERATOR:
        groups.append({"title": _("Operation"), "items": _operation()})
    return groups


def _desk() -> list[dict[str, Any]]:
    return [
        {"title": _("Overview"), "icon": "dashboard", "link": reverse_lazy("admin:index")},
        {
            "title": _("Flagged conversations"),
            "icon": "flag",
            "link": reverse_lazy("admin:safety_riskflag_changelist"),
            "badge": "therapy.review.navigation.open_flags",
            "active": is_at_flags,
        },
        {"title": _("Plans"), "icon": "checklist", "link": reverse_lazy("admin:plans_plan_changelist")},
        {
            "title": _("Crisis lines"),
            "icon": "call",
            "link": reverse_lazy("admin:safety_hotlines"),
            "active": is_at_lines,
        },
    ]


def is_at_lines(request: HttpRequest) -> bool:
    """Whether the page shown is the table of crisis lines."""
    return request.path == reverse("admin:safety_hotlines")


def is_at_flags(request: HttpRequest) -> bool:
    """Whether the page shown is the queue or a flag."""
    return request.path.startswith(reverse("admin:safety_riskflag_changelist")) and not is_at_lines(request)


def open_flags(request: HttpRequest) -> str:
    """How many flags wait; empty where none does."""
    return str(sum(row.count for row in selectors.open_counts()) or "")


def _operation() -> list[dict[str, Any]]:
    return [{"title": _("Accounts"), "icon": "group", "link": reverse_lazy("admin:accounts_user_changelist")}]
