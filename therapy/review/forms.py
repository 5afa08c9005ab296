"""Forms of the desk."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from therapy.review.models import Review
from therapy.review.services import SHORTEST_REASON


class ReasonForm(forms.Form):
    """Why a conversation is opened. The person reads it under Privacy."""

    reason = forms.CharField(
        label=_("Why do you open this conversation?"),
        min_length=SHORTEST_REASON,
        max_length=300,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Stored sealed. The person sees your name, the time and this reason under “My privacy”."),
    )


class ReviewForm(forms.Form):
    """The decision that closes a flag."""

    outcome = forms.ChoiceField(
        label=_("What was it?"), choices=Review.Outcome.choices, widget=UnfoldAdminRadioSelectWidget()
    )
    action = forms.ChoiceField(
        label=_("What was done?"), choices=Review.Action.choices, widget=UnfoldAdminSelectWidget()
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("Stored sealed. The person receives it when they ask for a copy of their data."),
    )
    whole_session = forms.BooleanField(
        label=_("Also close the other open flags of this conversation"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget(),
    )
    lower_risk = forms.BooleanField(
        label=_("The danger is over: let the person's stored risk level go"),
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text=_("Otherwise it stays moderate or more for 24 hours after a high one, and then fades slowly."),
    )
