"""Prepared replies in the admin: counselling staff reads them, supervisors change them. No person's words here."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.models import Role, User
from therapy.chat.models import CannedReply


def _is_supervisor(request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, User) and user.is_counselling_staff and user.role == Role.SUPERVISOR


@admin.register(CannedReply)
class CannedReplyAdmin(ModelAdmin):  # type: ignore[misc]
    """Prepared replies by language."""

    list_display = ("title", "language", "position")
    list_filter = ("language",)
    ordering = ("language", "position", "title")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Counselling staff."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: CannedReply | None = None) -> bool:
        """Counselling staff."""
        return isinstance(request.user, User) and request.user.is_counselling_staff

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Supervisors."""
        return _is_supervisor(request)

    def has_change_permission(self, request: HttpRequest, obj: CannedReply | None = None) -> bool:
        """Supervisors."""
        return _is_supervisor(request)

    def has_delete_permission(self, request: HttpRequest, obj: CannedReply | None = None) -> bool:
        """Supervisors."""
        return _is_supervisor(request)
