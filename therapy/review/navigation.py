"""The admin's side bar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from therapy.review import selectors, supervision


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links by role; what somebody may not open is not offered."""
    user = request.user
    if not isinstance(user, User):
        return []
    groups: list[dict[str, Any]] = []
    if user.is_counselling_staff:
        groups.append({"title": _("Desk"), "items": _desk()})
        groups.append({"title": _("Quality"), "items": _quality(user)})
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
            "badge": open_flags(),
            "active": is_at_flags,
        },
        {"title": _("Plans"), "icon": "checklist", "link": reverse_lazy("admin:plans_plan_changelist")},
        _page(_("Library"), "menu_book", "admin:library_libraryitem_changelist"),
        {
            "title": _("Crisis lines"),
            "icon": "call",
            "link": reverse_lazy("admin:safety_hotlines"),
            "active": is_at_lines,
        },
        _page(_("On call"), "notifications_active", "oncall:home"),
        _page(_("My tasks"), "task_alt", "admin:desk_tasks"),
        _page(_("Team"), "group", "admin:desk_team"),
    ]


def _quality(user: User) -> list[dict[str, Any]]:
    items = [
        _page(_("Second looks"), "visibility", "admin:desk_second_looks"),
        _page(_("Random sample"), "shuffle", "admin:desk_sample"),
        _page(_("Weekly report"), "monitoring", "admin:desk_report"),
        _page(_("Programme in figures"), "trending_up", "admin:desk_programme"),
        _page(_("Supervision"), "forum", "admin:desk_supervision") | {"badge": supervision.unread_of(user) or None},
    ]
    if user.role == Role.SUPERVISOR:
        items.append(_page(_("Emergency openings"), "e911_emergency", "admin:desk_emergencies"))
        items.append(_certificates())
    return items


def _page(title: Any, icon: str, name: str) -> dict[str, Any]:
    """A link that knows when its page is shown."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(name),
        "active": lambda request: request.path.startswith(reverse(name)),
    }


def _certificates() -> dict[str, Any]:
    return {
        "title": _("Certificates"),
        "icon": "verified",
        "link": reverse_lazy("admin:accounts_credential_changelist"),
    }


def is_at_lines(request: HttpRequest) -> bool:
    """Whether the page shown is the table of crisis lines."""
    return request.path == reverse("admin:safety_hotlines")


def is_at_flags(request: HttpRequest) -> bool:
    """Whether the page shown is the queue or a flag, which is known by its id."""
    queue = reverse("admin:safety_riskflag_changelist")
    rest = request.path.removeprefix(queue)
    return request.path.startswith(queue) and (not rest or rest[:8].isalnum() and rest[8:9] == "-")


def open_flags() -> int | None:
    """How many flags wait; none where the side bar shows no number."""
    return sum(row.count for row in selectors.open_counts()) or None


def _operation() -> list[dict[str, Any]]:
    accounts = {"title": _("Accounts"), "icon": "group", "link": reverse_lazy("admin:accounts_user_changelist")}
    return [accounts, _certificates(), _page(_("On call"), "notifications_active", "oncall:home")]
