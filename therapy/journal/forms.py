"""Forms of the journal: the check-in, and a file to be taken in. They check input; services write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from therapy.journal import moments, steps
from therapy.journal.csv_files import MOST_BYTES
from therapy.journal.readings import ACTIVITIES, TEXT_CHARACTERS, WORDS, Reading
from therapy.journal.steps import ENERGY, PLEASANT, SLEEP, STIRRED

WHEN = "%Y-%m-%dT%H:%M"


def _row(label: Any, choices: Sequence[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)


class EntryForm(forms.Form):
    """How a moment is. Nothing is required by itself; something must be told."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    valence = _row(_("How pleasant?"), steps.choices(PLEASANT))
    arousal = _row(_("How stirred?"), steps.choices(STIRRED))
    words = forms.MultipleChoiceField(
        label=_("Words for it"), choices=list(WORDS.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    energy = _row(_("Energy"), steps.choices(ENERGY))
    sleep_hours = forms.DecimalField(
        label=_("Hours slept last night"),
        required=False,
        min_value=0,
        max_value=24,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.25", "inputmode": "decimal", "min": 0, "max": 24}),
    )
    sleep_quality = _row(_("How was the sleep?"), steps.choices(SLEEP))
    activities = forms.MultipleChoiceField(
        label=_("What was there today?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    own = forms.CharField(
        label=_("Something else"), required=False, max_length=300, help_text=_("Several with a comma between them.")
    )
    text = forms.CharField(
        label=_("In my own words"),
        required=False,
        max_length=TEXT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    when = forms.CharField(
        label=_("When was this?"),
        required=False,
        help_text=_("Leave it empty for now."),
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
    )

    def __init__(
        self, *args: Any, own: Sequence[str] = (), reading: Reading | None = None, zone: ZoneInfo, **kwargs: Any
    ) -> None:
        chosen = tuple(reading.own_activities) if reading else ()
        given = kwargs.pop("initial", {})
        kwargs["initial"] = {"key": uuid4(), **(_initial(reading) if reading else {}), **given}
        super().__init__(*args, **kwargs)
        self.zone = zone
        tags = dict.fromkeys((*chosen, *own))
        choices = [*ACTIVITIES.items(), *((tag, tag) for tag in tags)]
        self.fields["activities"].choices = choices  # type: ignore[attr-defined]

    def clean_when(self) -> datetime | None:
        """The moment meant, on days when clocks change too."""
        text = self.cleaned_data["when"]
        if not text:
            return None
        try:
            return moments.moment(datetime.strptime(text[:16], WHEN), self.zone)  # noqa: DTZ007 - the zone follows
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(_("Please write the time like 2026-11-22 21:30.")) from error

    def reading(self) -> Reading:
        """What was told. Call after `is_valid`."""
        data = self.cleaned_data
        own = [part for part in data["own"].replace("，", ",").replace("、", ",").split(",") if part.strip()]
        hours = data["sleep_hours"]
        numbers = {name: int(data[name]) if data[name] else None for name in ("valence", "arousal", "sleep_quality")}
        return Reading(
            **numbers,
            words=tuple(data["words"]),
            sleep_hours=None if hours is None else float(hours),
            energy=int(data["energy"]) if data["energy"] else None,
            activities=(*data["activities"], *own),
            text=data["text"],
        )

    @property
    def entry_id(self) -> UUID:
        """The id of the entry that this form makes."""
        found: UUID = self.cleaned_data.get("key") or uuid4()
        return found


def _initial(reading: Reading) -> dict[str, Any]:
    values = {name: getattr(reading, name) for name in ("valence", "arousal", "sleep_hours", "sleep_quality", "energy")}
    return {
        **{name: value for name, value in values.items() if value is not None},
        "words": list(reading.words),
        "activities": list(reading.activities),
        "text": reading.text,
    }


class ImportForm(forms.Form):
    """A CSV file."""

    file = forms.FileField(
        label=_("CSV file"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> bytes:
        """Its content, refused before it is read where it is too large."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large: at most 2 MB."))
        content: bytes = file.read()
        return content
