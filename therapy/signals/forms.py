"""Forms of signals: how I am, where I would like to be, a device, a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ml.attention.features import LOADS
from therapy.signals.importing import MOST_BYTES
from therapy.signals.kinds import KINDS

_RANGE = {"type": "range", "min": -100, "max": 100, "step": 5}


class PercentField(forms.IntegerField):
    """A slider from -100 to 100 that stands for -1 to 1."""

    def __init__(self, **options: Any) -> None:
        widget = forms.NumberInput(attrs=_RANGE)
        super().__init__(min_value=-100, max_value=100, widget=widget, required=False, **options)

    def clean(self, value: Any) -> Any:
        """As a share."""
        number = super().clean(value)
        return None if number is None else number / 100.0


class SayForm(forms.Form):
    """Three sliders; the middle is "as usual for me"."""

    e = PercentField(label=_("From tense to calm"), initial=0)
    a = PercentField(label=_("From narrow or scattered to free and steady attention"), initial=0)
    r = PercentField(label=_("From worn out to strong"), initial=0)


class IdealForm(SayForm):
    """Where a person would like to be, and what tends to weigh on them."""

    _KINDS = (
        ("mail", _("Mail")),
        ("documents", _("Documents and study")),
        ("people", _("People and messages")),
        ("news", _("News and the web")),
        ("games", _("Games")),
    )
    weighs = forms.MultipleChoiceField(
        label=_("What tends to weigh on me"),
        choices=_KINDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def loads(self) -> dict[str, float]:
        """1 for what was ticked, 0 for the rest. Call after `is_valid`."""
        return {name: float(name in self.cleaned_data["weighs"]) for name in LOADS}


class DeviceForm(forms.Form):
    """A new device."""

    name = forms.CharField(label=_("Name of the device"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("It may send"),
        choices=[(kind.name, kind.title) for kind in KINDS.values() if kind.switch != "self_report"],
        widget=forms.CheckboxSelectMultiple,
    )


class FileForm(forms.Form):
    """A file to bring in."""

    file = forms.FileField(label=_("CSV or FHIR file"), help_text=_("At most 5 MB."))

    def clean_file(self) -> Any:
        """Not too large."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file
