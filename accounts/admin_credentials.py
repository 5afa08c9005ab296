"""Certificates of counselling staff in the admin: entered by operators and supervisors, never for oneself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.models import Credential, Role, User

STATES = {"valid": "success", "soon": "warning", "ended": "danger"}
# So many days before the end the list begins to warn.
WARN_DAYS = 30


def keeps_standards(request: HttpRequest) -> bool:
    """Operators and supervisors."""
    user = request.user
    return (
        isinstance(user, User)
        and user.is_active
        and user.is_staff
        and (user.is_superuser or user.role in (Role.OPERATOR, Role.SUPERVISOR))
    )


class CredentialForm(forms.ModelForm[Credential]):
    """A certificate ends after it begins."""

    def clean(self) -> dict[str, Any]:
        """The order of the two days."""
        found = super().clean() or {}
        begin, end = found.get("valid_from"), found.get("valid_until")
        if begin and end and end < begin:
            self.add_error("valid_until", _("This day lies before the first one."))
        return found


@admin.register(Credential)
class CredentialAdmin(ModelAdmin):  # type: ignore[misc]
    """Whoever enters a certificate says that they have seen the paper."""

    form = CredentialForm
    list_display = ("user", "title", "valid_from", "valid_until", "shown_state", "verified_by")
    list_filter = ("user__role",)
    fields = ("user", "title", "issuer", "reference", "valid_from", "valid_until", "revoked_at")
    ordering = ("valid_until",)
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Operators and supervisors."""
        return keeps_standards(request)

    def has_view_permission(self, request: HttpRequest, obj: Credential | None = None) -> bool:
        """Operators and supervisors."""
        return keeps_standards(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Operators and supervisors."""
        return keeps_standards(request)

    def has_change_permission(self, request: HttpRequest, obj: Credential | None = None) -> bool:
        """Of others only."""
        return keeps_standards(request) and (obj is None or obj.user_id != request.user.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Credential | None = None) -> bool:
        """Withdrawn with a date, so that the past stays readable; never deleted."""
        return False

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Counselling staff, without oneself: somebody else must have seen the paper."""
        if db_field.name == "user":
            staff = User.objects.filter(role__in=[Role.COUNSELLOR, Role.SUPERVISOR], is_staff=True)
            kwargs["queryset"] = staff.exclude(username=request.user.get_username()).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Credential, form: Any, change: bool) -> None:
        """Entered or changed means: seen now, by this account."""
        assert isinstance(request.user, User)
        obj.verified_by, obj.verified_at = request.user, timezone.now()
        super().save_model(request, obj, form, change)

    @display(description=_("state"), label=STATES)  # type: ignore[untyped-decorator]
    def shown_state(self, row: Credential) -> tuple[str, str]:
        """Valid, ending soon, or ended."""
        today = timezone.now().date()
        if row.revoked_at or row.verified_at is None or not row.valid_from <= today <= row.valid_until:
            return "ended", str(_("does not hold"))
        if (row.valid_until - today).days <= WARN_DAYS:
            return "soon", str(_("ends soon"))
        return "valid", str(_("holds"))
