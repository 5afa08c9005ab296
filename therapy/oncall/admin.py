"""Making the rota, the opening hours and the chains in the admin. Supervisors and operators."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from accounts.models import Role, User
from accounts.selectors import staff_on_alert
from therapy.oncall.access import may_plan, may_see
from therapy.oncall.models import OpeningHours, Policy, PolicyStep, Responder, Shift

LANGUAGES = (("en", _("English")), ("zh", _("Simplified Chinese")))


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


class Planned:
    """Supervisors and operators change it, counselling staff may look."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Who sees it in the admin."""
        user = _user(request)
        return user is not None and may_see(user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may look."""
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may plan."""
        user = _user(request)
        return user is not None and may_plan(user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may plan."""
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may plan."""
        return self.has_change_permission(request)


class WithTimeZone(forms.ModelForm):  # type: ignore[type-arg]
    """A time zone must be one that exists."""

    def clean_time_zone(self) -> str:
        """Refuse what no clock knows."""
        name = str(self.cleaned_data["time_zone"])
        if name not in available_timezones():
            raise ValidationError(_("No such time zone. Write it like Europe/Berlin or Asia/Shanghai."))
        return name


class ResponderForm(WithTimeZone):
    """Languages as boxes to tick."""

    languages = forms.MultipleChoiceField(
        label=_("languages"), choices=LANGUAGES, widget=forms.CheckboxSelectMultiple, initial=["en", "zh"]
    )


class ShiftInline(Planned, TabularInline):  # type: ignore[misc]
    """The week of one responder."""

    model = Shift
    extra = 1


@admin.register(Responder)
class ResponderAdmin(Planned, ModelAdmin):  # type: ignore[misc]
    """Who is on the rota."""

    form = ResponderForm
    fields = ("user", "time_zone", "languages", "away_until")
    list_display = ("user", "time_zone", "away_until")
    inlines = (ShiftInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Responder]:
        """With the names, in one query."""
        rows: QuerySet[Responder] = super().get_queryset(request)
        return rows.select_related("user")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField[Any]:
        """Only counselling staff can be chosen."""
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(
                pk__in=[user.pk for user in staff_on_alert()], role__in=[Role.COUNSELLOR, Role.SUPERVISOR]
            )
        field: ModelChoiceField[Any] = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return field


@admin.register(OpeningHours)
class OpeningHoursAdmin(Planned, ModelAdmin):  # type: ignore[misc]
    """When people are offered somebody to talk with."""

    form = WithTimeZone
    list_display = ("weekday", "opens", "closes", "time_zone")


class PolicyStepInline(Planned, TabularInline):  # type: ignore[misc]
    """The steps of one chain."""

    model = PolicyStep
    extra = 1


@admin.register(Policy)
class PolicyAdmin(Planned, ModelAdmin):  # type: ignore[misc]
    """The deployer's own chains; without a row, or without a step in it, the defaults hold."""

    list_display = ("level", "reescalate_after", "waits_for_duty")
    inlines = (PolicyStepInline,)
