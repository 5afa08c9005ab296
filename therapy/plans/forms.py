"""Forms of the counsellors' side of plans."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from therapy.plans.selectors import ItemView
from therapy.plans.services import SHORTEST_REASON
from therapy.plans.wording import DETAILS_CHARACTERS, MINUTES, TITLE_CHARACTERS, StepWords


class ReasonForm(forms.Form):
    """Why a plan is opened. The person reads it under Privacy."""

    reason = forms.CharField(
        label=_("Why do you open this plan?"),
        min_length=SHORTEST_REASON,
        max_length=300,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Stored sealed. The person sees your name, the time and this reason under “My privacy”."),
    )


class StepForm(forms.Form):
    """A step as a counsellor changes it."""

    title = forms.CharField(
        label=_("The step in a few words"),
        max_length=TITLE_CHARACTERS,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    details = forms.CharField(
        label=_("How (first line what it is, then one thing a line)"),
        max_length=DETAILS_CHARACTERS,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 7, "dir": "auto"}),
    )
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=MINUTES.start, max_value=MINUTES.stop - 1, widget=UnfoldAdminIntegerFieldWidget()
    )

    @classmethod
    def of(cls, item: ItemView) -> StepForm:
        """The form of one step; ids are its own, so that several stand on one page."""
        initial = {"title": item.title, "details": item.details, "minutes": item.minutes}
        return cls(initial=initial, auto_id=f"step-{item.id}-%s")

    def words(self) -> StepWords:
        """What was typed; call on a valid form."""
        return StepWords(self.cleaned_data["title"], self.cleaned_data["details"], self.cleaned_data["minutes"])

    def first_error(self) -> str:
        """One sentence about what does not fit."""
        return next((f"{self.fields[name].label}: {errors[0]}" for name, errors in self.errors.items()), "")
