"""Accounts in the admin: staff are managed here; of a client nothing is shown but that the account exists.

Also the admin's door: sign-in goes through the product's own pages, and to a client the admin does not exist.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.db.models import Field, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts import admin_credentials as admin_credentials
from accounts.models import Role, User

for model in (Group, EmailAddress, EmailConfirmation, Authenticator):
    if admin.site.is_registered(model):
        # They list addresses and devices of people; nobody manages these by hand.
        admin.site.unregister(model)


def may_enter(request: HttpRequest) -> bool:
    """Staff may. To anybody else who is signed in, no page of the admin exists."""
    user = request.user
    if not user.is_authenticated:
        return False
    if not (user.is_active and isinstance(user, User) and user.is_staff):
        raise Http404
    return True


def sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Sign-in goes through the product's own page."""
    if may_enter(request):
        return HttpResponseRedirect(reverse("admin:index"))
    return redirect_to_login(request.GET.get("next", reverse("admin:index")))


admin.site.has_permission = may_enter  # type: ignore[method-assign]
admin.site.login = sign_in  # type: ignore[method-assign]


def manages_accounts(request: HttpRequest) -> bool:
    """Operators and superusers."""
    user = request.user
    return (
        isinstance(user, User)
        and user.is_active
        and user.is_staff
        and (user.is_superuser or user.role == Role.OPERATOR)
    )


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], ModelAdmin):  # type: ignore[misc]
    """Staff accounts are made and changed here. Client accounts can be seen by reference and switched off, no more."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("shown_name", "role", "is_active", "date_joined")
    list_display_links = ("shown_name",)
    list_filter = ("role", "is_active")
    search_fields = ()
    ordering = ("role", "date_joined")
    filter_horizontal = ()
    actions = ("deactivate", "activate")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "role")}),
        (_("Access"), {"fields": ("is_active", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "role", "password1", "password2")}),)
    client_fields = ("shown_name", "role", "is_active", "date_joined")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Operators."""
        return manages_accounts(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Operators."""
        return manages_accounts(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Operators."""
        return manages_accounts(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Staff accounts only: whoever could set a client's password could read their words."""
        return manages_accounts(request) and (obj is None or not obj.is_client)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never here: a person erases themselves under Privacy, a staff account is switched off."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Of a client: reference, role, state and age of the account."""
        if obj is not None and obj.is_client:
            return ((None, {"fields": self.client_fields}),)
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Nothing of a client can be edited."""
        return self.client_fields if obj is not None and obj.is_client else self.readonly_fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The filters of the page only: `?email__startswith=a` would spell out, letter by letter, who a client is."""
        return lookup.split("__")[0] in self.list_filter

    def formfield_for_choice_field(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Staff roles only: clients sign up themselves."""
        if db_field.name == "role":
            kwargs["choices"] = [choice for choice in Role.choices if choice[0] != Role.CLIENT]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Whoever is managed here is staff, and may open the admin as far as their role goes."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    @admin.display(description=_("account"))
    def shown_name(self, user: User) -> str:
        """A staff member's name; a reference for a client, whose pseudonym may be their name."""
        return str(user)

    @admin.action(description=_("Switch the accounts off"))
    def deactivate(self, request: HttpRequest, accounts: QuerySet[User]) -> None:
        """Switch accounts off; one's own stays on."""
        done = _switch(request, accounts.exclude(username=request.user.get_username()), is_active=False)
        messages.success(request, _("Switched off: {count}").format(count=done))

    @admin.action(description=_("Switch the accounts on"))
    def activate(self, request: HttpRequest, accounts: QuerySet[User]) -> None:
        """Switch accounts on again."""
        done = _switch(request, accounts, is_active=True)
        messages.success(request, _("Switched on: {count}").format(count=done))

    def log_addition(self, request: HttpRequest, obj: User, message: Any) -> LogEntry:
        """Who made which account."""
        return _log(request, obj, ADDITION)

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> LogEntry:
        """Who changed which account."""
        return _log(request, obj, CHANGE)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[User]) -> list[LogEntry]:
        """Who deleted which account."""
        return [_log(request, obj, DELETION) for obj in queryset]


def _switch(request: HttpRequest, accounts: QuerySet[User], *, is_active: bool) -> int:
    """Switch accounts on or off, each with its line in the log."""
    switched = list(accounts)
    for account in switched:
        _log(request, account, CHANGE)
    return User.objects.filter(pk__in=[account.pk for account in switched]).update(is_active=is_active)


def _log(request: HttpRequest, obj: User, flag: int) -> LogEntry:
    """A log line by id alone: Django's own would keep the account's name and the changed values' labels."""
    return LogEntry.objects.create(
        user_id=str(request.user.pk),
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(obj.pk),
        object_repr=str(obj.pk),
        action_flag=flag,
        change_message="",
    )
