"""Forms of the counsellors' side of plans."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from therapy.plans.services import SHORTEST_REASON


class ReasonForm(forms.Form):
    """Why a plan is opened. The person reads it under Privacy."""

    reason = forms.CharField(
        label=_("Why do you open this plan?"),
        min_length=SHORTEST_REASON,
        max_length=300,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Stored sealed. The person sees your name, the time and this reason under “My privacy”."),
    )
