"""Forms a person fills in about themselves. They check input; services write."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.languages import countries, time_zones
from accounts.models import Profile, User
from accounts.purposes import PURPOSES, is_offered

# What somebody has to type to erase an account; either language will do.
ERASE_WORDS = ("erase", "删除")


class AgeField(forms.BooleanField):
    """The statement that somebody is old enough."""

    def __init__(self) -> None:
        super().__init__(
            label=format_lazy(_("I am {age} years old or older"), age=settings.MINIMUM_AGE),
            error_messages={
                "required": format_lazy(
                    _(
                        "Attune is only for people aged {age} and over. If you are younger, please open “Get help now” "
                        "above: it lists people you can talk to at your age."
                    ),
                    age=settings.MINIMUM_AGE,
                )
            },
        )


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]  # allauth ships no types
    """A pseudonym and a password are enough; an e-mail address only serves to get back in."""

    adult = AgeField()
    field_order = ["username", "password1", "email", "adult"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _describe(self, "username", _("User name"), _("Any name you like. Better not your real one."))
        _describe(
            self,
            "password1",
            _("Password"),
            _("At least 10 characters. A few unrelated words are easy to keep in mind and hard to guess."),
        )
        _describe(
            self,
            "email",
            _("E-mail address"),
            _("Only to set a new password if you forget yours. Without it that cannot be done."),
        )


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]
    """User name or e-mail address, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _describe(self, "login", _("User name or e-mail address"), "")
        _describe(self, "password", _("Password"), "")
        _describe(self, "remember", _("Keep me logged in on this device"), _("Leave this off on a device you share."))
        self.fields["login"].widget.attrs.update(autocomplete="username", autocapitalize="none", spellcheck="false")


def _describe(form: forms.Form, name: str, label: Any, help_text: Any) -> None:
    """Give one of allauth's fields our words instead of a placeholder that disappears while typing."""
    field = form.fields[name]
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)


class ConsentForm(forms.Form):
    """A switch per purpose, the age statement if it was not made yet, and that the AI is understood as one."""

    adult = AgeField()
    understood = forms.BooleanField(
        label=_("I understand that I will be talking with a computer program"),
        error_messages={"required": _("Please confirm this before you begin, so that it is clear from the start.")},
    )

    def __init__(self, *args: Any, age_stated: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if age_stated:
            del self.fields["adult"]
        add_purposes(self)
        self.fields["service"].required = True
        self.fields["service"].error_messages["required"] = _(
            "Without this we cannot store or answer what you write. If you do not want that, simply leave; you can "
            "also erase your account under My privacy."
        )

    def decisions(self) -> dict[str, bool]:
        """The answer per purpose."""
        return answers(self)


class ConsentsForm(forms.Form):
    """The same switches later on; each may be changed at any time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add_purposes(self)

    def decisions(self) -> dict[str, bool]:
        """The answer per purpose."""
        return answers(self)


def add_purposes(form: forms.Form) -> None:
    """Give a form its switches; what this installation does not do is shown off and cannot be switched on."""
    form.fields.update(purpose_fields())
    for text in PURPOSES:
        if not is_offered(text.purpose):
            form.initial[text.purpose] = False
            field = form.fields[text.purpose]
            field.disabled, field.help_text = True, _("This service does not do this. There is nothing to allow.")


def answers(form: forms.Form) -> dict[str, bool]:
    """The answer per purpose; none where nothing was asked, so that an earlier decision stays as it was."""
    return {text.purpose: bool(form.cleaned_data[text.purpose]) for text in PURPOSES if is_offered(text.purpose)}


def purpose_fields() -> dict[str, forms.BooleanField]:
    """A switch per purpose, none of them on by itself."""
    return {
        text.purpose: forms.BooleanField(
            label=text.title,
            help_text=text.text,
            required=False,
            widget=forms.CheckboxInput(attrs={"class": "switch", "role": "switch"}),
        )
        for text in PURPOSES
    }


class AboutForm(forms.Form):
    """How to address somebody, and where they are."""

    name = forms.CharField(label=_("What may we call you?"), required=False, max_length=60)
    pronouns = forms.CharField(
        label=_("Your pronouns"), required=False, max_length=40, help_text=_("For example she/her, he/him, they/them.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=Profile.Language)
    country = forms.ChoiceField(
        label=_("Country or region"), required=False, help_text=_("So that we show telephone lines that you can reach.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=[(name, name) for name in time_zones()])

    def __init__(self, *args: Any, page_language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = [("", _("I would rather not say")), *countries(page_language)]
        self.fields["name"].widget.attrs["autocomplete"] = "nickname"
        self.fields["time_zone"].widget.attrs["data-time-zone"] = ""


class ReasonForm(forms.Form):
    """What brings somebody here, and what they hope for."""

    reason = forms.CharField(
        label=_("What brings you here?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A few words are enough."),
    )
    goals = forms.CharField(
        label=_("What would you like to be different?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One on each line, as many as you like."),
    )


class ContactForm(forms.Form):
    """Somebody to reach if a life is in danger."""

    emergency_contact = forms.CharField(
        label=_("Name and telephone number of a person you trust"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ProfileForm(AboutForm, ReasonForm, ContactForm):
    """Everything of the three steps on one page."""

    field_order = ["name", "pronouns", "language", "country", "time_zone", "reason", "goals", "emergency_contact"]


class EraseForm(forms.Form):
    """A typed word and the password, because nothing can be brought back."""

    word = forms.CharField(label=_("Type the word “erase”"), max_length=20)
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self.fields["word"].widget.attrs.update(autocomplete="off", autocapitalize="none", spellcheck="false")

    def clean_word(self) -> str:
        """The word in either language, in any case."""
        word: str = self.cleaned_data["word"].strip().lower()
        if word not in ERASE_WORDS:
            raise forms.ValidationError(_("Please type exactly this word."))
        return word

    def clean_password(self) -> str:
        """The account's own password."""
        password: str = self.cleaned_data["password"]
        if not self._user.check_password(password):
            raise forms.ValidationError(_("This is not your password."))
        return password
