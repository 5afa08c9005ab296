"""What allauth asks of us: where people go after signing in, and what a new account begins with."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from accounts import services
from accounts.languages import supported
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Pseudonyms in any case mean the same account; mail subjects do not name the service."""

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> Any:
        """Store the account; its profile begins with the language of the page and the age statement."""
        saved = super().save_user(request, user, form, commit=commit)
        if commit:
            services.open_account(person_id=user.pk, language=supported(get_language()))
            if form.cleaned_data.get("adult"):
                services.state_age(person_id=user.pk)
        return saved

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """First what this is and what we ask, then the chat."""
        return reverse("accounts:consent")

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff work in the admin, clients talk."""
        if request.user.is_authenticated and request.user.is_staff:
            return reverse("admin:index")
        return reverse("chat:home")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's details."""
        return reverse("accounts:profile")

    def format_email_subject(self, subject: str) -> str:
        """No site name: a subject is read over shoulders."""
        return str(subject)
