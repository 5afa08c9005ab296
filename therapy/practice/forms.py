"""Forms of practice: how long, and how one feels before and after. Everything about feelings may be left out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from therapy.practice.body import HIGHEST, LOWEST, SCALES, Ratings, ratings
from therapy.practice.wording import SCALE_ENDS, SCALE_NAMES

MIDDLE = 5


class RatingsForm(forms.Form):
    """Three sliders from 0 to 10. The button `skip` says nothing about feelings."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for scale in SCALES:
            self.fields[scale] = forms.IntegerField(
                label=str(SCALE_NAMES[scale]),
                min_value=LOWEST,
                max_value=HIGHEST,
                initial=MIDDLE,
                required=False,
                widget=forms.NumberInput(attrs={"type": "range", "step": "1", "class": "slider"}),
            )

    def sliders(self) -> list[tuple[forms.BoundField, object, object]]:
        """Each slider with what its two ends mean."""
        return [(self[scale], *SCALE_ENDS[scale]) for scale in SCALES]

    def ratings(self) -> Ratings:
        """What was said; nothing where it was skipped. Call after `is_valid`."""
        return Ratings() if "skip" in self.data else ratings(self.cleaned_data)


class StartForm(RatingsForm):
    """Ratings with the length."""

    def __init__(self, *args: Any, minutes: tuple[int, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["minutes"] = forms.TypedChoiceField(
            label=_("How long"),
            coerce=int,
            choices=[(length, _("%(minutes)s min") % {"minutes": length}) for length in minutes],
            initial=minutes[0] if minutes else None,
            widget=forms.RadioSelect,
        )
